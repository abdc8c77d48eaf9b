# SPDX-License-Identifier: LGPL-2.1-or-later
"""The hash of the merged configuration: in check, status, the daemon's record and the logs."""

import hashlib
import signal

from daemon_host import Daemon
from host import keeper_program
from node import wait_for

ONE_FILE = """
sysctl: {enabled: true, add_addr_timeout: 60}
limits: {subflows: 4}
endpoints: [{address: "2001:db8::9", flags: [signal, backup]}]
"""
MAIN = """# the same, divided and spelled differently
version: 1
limits: {subflows: 2}
sysctl: {net.mptcp.enabled: 1}
"""
DROP_IN = """
endpoints:
  - flags: "backup,signal"
    address: 2001:DB8:0::9
limits:
  subflows: 4
sysctl: {add_addr_timeout: "60"}
reconcile: {mode: enforce}
"""
# What docs/service.md describes.
CANONICAL = ('{"endpoints":[{"address":"2001:db8::9","flags":["signal","backup"]}],"limits":{"subflows":4},'
             '"sysctl":{"add_addr_timeout":"60","enabled":"1"},"version":1}')
HASH = "sha256:" + hashlib.sha256(CANONICAL.encode()).hexdigest()


def config_of(host, command="status"):
    return host.keeper(command).json["config"]


def test_the_hash_does_not_depend_on_how_the_configuration_is_written(lab):
    host = lab.host("host")
    host.configure(ONE_FILE)
    files = ["/etc/mptcp-keeper/config.yaml"]
    assert config_of(host, "check") == {"version": 1, "hash": HASH, "loaded_hash": None, "files": files}
    host.configure(MAIN)
    host.write("/etc/mptcp-keeper/conf.d/50-site.yaml", DROP_IN)
    files.append("/etc/mptcp-keeper/conf.d/50-site.yaml")
    assert config_of(host, "check") == {"version": 1, "hash": HASH, "loaded_hash": None, "files": files}
    assert config_of(host) == {"version": 1, "hash": HASH, "loaded_hash": None, "files": files}
    applied = host.run([keeper_program(), "--log-level", "info", "apply"])
    assert f"applied configuration {HASH}" in applied.stderr


def test_status_has_the_hash_of_the_files_and_that_of_the_daemon(lab):
    host = lab.host("host")
    daemon = Daemon(host, ONE_FILE)
    files = ["/etc/mptcp-keeper/config.yaml"]
    daemon.wait_for_line(f"loaded configuration {HASH[7:19]} from {files[0]}")
    assert daemon.record()["config_hash"] == HASH
    assert config_of(host) == {"version": 1, "hash": HASH, "loaded_hash": HASH, "files": files}
    host.configure(ONE_FILE.replace("4", "5"))
    changed = config_of(host)
    assert changed["hash"] not in (HASH, None) and changed["loaded_hash"] == HASH
    shown = host.run([keeper_program(), "status"], check=False).stdout
    assert f"{changed['hash'][7:19]} from {files[0]}; the daemon has loaded {HASH[7:19]}" in shown
    host.configure("limits: {subflows: many}\n")
    assert config_of(host) == {"version": 1, "hash": None, "loaded_hash": HASH, "files": files}
    daemon.reload(ONE_FILE.replace("4", "5"))
    wait_for(lambda: config_of(host)["loaded_hash"] == changed["hash"], 5, "the hash of the reloaded configuration")
    assert daemon.stop() == 0
    assert config_of(host)["loaded_hash"] is None


def test_a_daemon_of_an_older_release_has_no_hash(lab):
    host = lab.host("host")
    daemon = Daemon(host, ONE_FILE)
    daemon.send(signal.SIGSTOP)  # it would publish its record again
    record = host.path("/run/mptcp-keeper/daemon.json")
    record.write_text("\n".join(line for line in record.read_text().splitlines() if "config_hash" not in line))
    assert (config_of(host)["hash"], config_of(host)["loaded_hash"]) == (HASH, None)
    daemon.send(signal.SIGCONT)
    assert daemon.stop() == 0
