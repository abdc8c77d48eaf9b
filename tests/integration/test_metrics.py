# SPDX-License-Identifier: LGPL-2.1-or-later
"""The metrics for Prometheus: promtool accepts them, they match the host, and the daemon keeps the file up to date."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading

import pytest
from daemon_host import FLAGS, KERNEL, Daemon
from host import keeper_program
from node import wait_for
from test_monitor import PEER, two_hosts  # noqa: F401

FOLDER = "/var/lib/prometheus/node-exporter"
FILE = f"{FOLDER}/mptcp-keeper.prom"
METRICS = f"metrics: {{textfile: {FILE}}}\n"
PROFILES = """
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


@pytest.fixture
def alone(lab):
    """A host without NetworkManager and with the folder of node_exporter."""
    host = lab.host("host")
    host.run(["mkdir", "-p", FOLDER])
    return host


def parsed(text):
    """{"name{labels}": value} of the samples."""
    return {name: float(value) for name, value in re.findall(r"^(mptcp_keeper_\S+) (\S+)$", text, re.MULTILINE)}


def text_of(host, file=FILE):
    """The file, or "" if there is none."""
    try:
        return host.path(file).read_text()
    except FileNotFoundError:
        return ""


def samples(host, file=FILE):
    """The samples of the file without the prefix of their names."""
    return {name.removeprefix("mptcp_keeper_"): value for name, value in parsed(text_of(host, file)).items()}


def command_samples(host):
    done = host.run([keeper_program(), "metrics"])
    return {name.removeprefix("mptcp_keeper_"): value for name, value in parsed(done.stdout).items()}


def check_with_promtool(text):
    if not shutil.which("promtool"):
        pytest.skip("promtool (package prometheus) is missing")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, ""), text


def test_promtool_accepts_the_file_and_the_output_of_the_command(alone):
    daemon = Daemon(alone, KERNEL + METRICS.replace("}", ", counters: true}"))
    text = wait_for(lambda: text_of(alone), 5, "the file")
    check_with_promtool(text)
    assert samples(alone)["in_sync"] == 1
    counters = [name for name in samples(alone) if name.startswith("mptcpext_total")]
    nstat = alone.run(["nstat", "-asz", "MPTcpExt*"]).stdout
    assert len(counters) == nstat.count("MPTcpExt") - nstat.count("MPTcpExtMPCurrEstab") > 20
    command = alone.run([keeper_program(), "metrics"]).stdout
    check_with_promtool(command)
    assert parsed(command).keys() == parsed(text).keys()
    document = alone.keeper("metrics").json["metrics"]
    assert {family["name"] for family in document} == {name.partition("{")[0] for name in parsed(text)}
    assert daemon.stop() == 0


def test_a_stop_removes_the_file_and_a_killed_daemon_leaves_it_for_the_next_one(alone):
    daemon = Daemon(alone, KERNEL + METRICS)
    wait_for(lambda: text_of(alone), 5, "the file")
    assert daemon.stop() == 0
    assert text_of(alone) == ""
    daemon = Daemon(alone)
    before = wait_for(lambda: alone.path(FILE).exists() and alone.path(FILE).stat(), 5, "the file")
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.watcher.process.wait(10)
    assert alone.path(FILE).stat().st_ino == before.st_ino
    alone.write(f"{FOLDER}/.mptcp-keeper.prom.new", "the rest of a write that was interrupted")
    daemon = Daemon(alone)
    wait_for(lambda: alone.path(FILE).stat().st_ino != before.st_ino, 5, "another file")
    assert [path.name for path in alone.path(FOLDER).iterdir()] == ["mptcp-keeper.prom"]
    assert oct(alone.path(FILE).stat().st_mode & 0o7777) == "0o644"
    assert daemon.stop() == 0


def test_a_reload_moves_and_withdraws_the_file(alone):
    daemon = Daemon(alone, KERNEL + METRICS)
    wait_for(lambda: text_of(alone), 5, "the file")
    other = "/run/mptcp-keeper/metrics.prom"
    daemon.reload(KERNEL + f"metrics: {{textfile: {other}}}\n")
    wait_for(lambda: samples(alone, other).get("in_sync") == 1, 5, "the other file")
    assert text_of(alone) == ""
    daemon.reload(KERNEL)
    wait_for(lambda: text_of(alone, other) == "", 5, "no file")
    assert daemon.stop() == 0


def test_repairs_and_an_invalid_reload_are_seen_within_seconds(alone):
    daemon = Daemon(alone, KERNEL + METRICS)
    wait_for(lambda: samples(alone).get("in_sync") == 1, 5, "the file")
    assert samples(alone)['repairs_total{resource="sysctl"}'] == 0
    alone.sysctl("net.mptcp.add_addr_timeout", 99)
    alone.ip("mptcp limits set subflows 1 add_addr_accepted 1")
    wait_for(lambda: samples(alone)['repairs_total{resource="sysctl"}'] == 1
             and samples(alone)['repairs_total{resource="limit"}'] >= 1, 5, "the repairs")
    assert command_samples(alone)['repairs_total{resource="sysctl"}'] == 1
    assert samples(alone)["last_apply_success"] == 1 and samples(alone)["config_valid"] == 1
    daemon.reload("limits: {subflows: many}\n")
    wait_for(lambda: samples(alone)["config_valid"] == 0, 5, "the invalid configuration")
    assert samples(alone)["in_sync"] == 1, "the earlier configuration is in force"
    command = command_samples(alone)
    assert command["config_valid"] == 0 and command["config_loaded"] == 0 and command["in_sync"] == 1
    assert [name for name in command if name.startswith("config_info")] == \
        [name for name in samples(alone) if name.startswith("config_info")]
    assert daemon.stop() == 0


@pytest.mark.parametrize("mode", ["report", "manual"])
def test_drift_that_is_not_repaired_is_out_of_sync(alone, mode):
    alone.sysctl("net.mptcp.add_addr_timeout", 99)
    daemon = Daemon(alone, KERNEL + METRICS + f"reconcile: {{mode: {mode}}}\n")
    wait_for(lambda: samples(alone).get("in_sync") == 0, 5, "drift")
    assert samples(alone)["limit{name=\"subflows\"}"] == alone.limits()["subflows"] != 4
    done = alone.keeper("apply")
    assert done.returncode == 0, done.stderr
    daemon.reload()  # it writes at once, not at the next interval
    wait_for(lambda: samples(alone).get("in_sync") == 1, 5, "the host in sync")
    assert samples(alone)["limit{name=\"subflows\"}"] == 4
    assert samples(alone)['repairs_total{resource="sysctl"}'] == 0
    assert daemon.stop() == 0


def test_a_file_that_is_saved_and_not_loaded_shows(alone):
    daemon = Daemon(alone, KERNEL + METRICS)
    wait_for(lambda: samples(alone).get("config_loaded") == 1, 5, "the file")
    alone.configure(KERNEL.replace("60", "61") + METRICS)
    assert command_samples(alone)["config_loaded"] == 0
    wait_for(lambda: samples(alone)["config_loaded"] == 0, 35, "the next interval", 0.2)
    assert daemon.stop() == 0


def test_readers_never_see_a_part_of_the_file(alone):
    daemon = Daemon(alone, KERNEL + METRICS)
    wait_for(lambda: text_of(alone), 5, "the file")
    path, stopped, bad, inodes = alone.path(FILE), threading.Event(), [], set()

    def read():
        while not stopped.is_set():
            with path.open() as file:
                text = file.read()
                inodes.add(os.fstat(file.fileno()).st_ino)
            if not text.endswith("mptcp_keeper_try_pending 0\n") or "mptcp_keeper_build_info" not in text:
                bad.append(text)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(12):
            inode = path.stat().st_ino
            daemon.reload(KERNEL.replace("60", str(60 + number)) + METRICS)
            wait_for(lambda old=inode: path.stat().st_ino != old, 10, "another file")
    finally:
        stopped.set()
        reader.join()
    assert bad == [] and len(inodes) > 6
    assert daemon.stop() == 0


def test_no_address_name_or_token_is_disclosed(two_hosts):  # noqa: F811
    client, server = two_hosts
    client.start_network_manager()
    server.start([*PEER, "serve", 4000]).wait_for("ready")
    client.start([*PEER, "connect", "10.77.0.2", 4000, 2]).wait_for("ready")
    wait_for(lambda: client.mptcp_connections(), 5, "a connection")
    client.write("/run/mptcp-keeper/ready", "")
    daemon = Daemon(client, KERNEL + PROFILES + "metrics: {textfile: /run/mptcp-keeper/metrics.prom, counters: true}\n")
    text = wait_for(lambda: text_of(client, "/run/mptcp-keeper/metrics.prom"), 5, "the file")
    check_with_promtool(text)
    shown = samples(client, "/run/mptcp-keeper/metrics.prom")
    document = client.keeper("connections").json["connections"]
    subflows = [flow for one in document if not one["fallback"] for flow in one["subflows"]]
    assert shown["connections"] == sum(not one["fallback"] for one in document) >= 1
    assert shown['subflows{state="established"}'] == sum(flow["state"] == "established" for flow in subflows) >= 1
    assert shown["fallbacks"] == sum(one["fallback"] for one in document)
    known = json.dumps(document)
    words = set(re.findall(r'(?:token|local|remote|interface|name)": "([^"]+)"', known))
    words |= {word.rpartition(":")[0] or word for word in words} | {"10.77.", "2001:db8", "203.0.113", "wan"}
    assert {word for word in words if word and word in text} == set()
    names = set(re.findall(r"(\w+)=\"", text))
    assert names == {"version", "hash", "resource", "name", "owner", "flag", "state", "counter"}
    assert daemon.stop() == 0


def test_endpoints_are_counted_by_their_owner(wan):
    wan.run(["mkdir", "-p", FOLDER])
    wan.ip("mptcp endpoint add 203.0.113.77 signal")
    daemon = Daemon(wan, KERNEL + PROFILES + METRICS)
    daemon.wait_until_idle()
    wait_for(lambda: samples(wan).get('endpoints{owner="network-manager",flag="subflow"}') == 2, 5, "the endpoints")
    shown = samples(wan)
    status = wan.keeper("status").json["endpoints"]
    for owner in ("keeper", "network-manager", "other"):
        for flag in ("signal", "subflow", "backup", "fullmesh", "laminar"):
            expected = sum(one["owner"] == owner and flag in one["flags"] for one in status)
            assert shown[f'endpoints{{owner="{owner}",flag="{flag}"}}'] == expected, (owner, flag)
    assert shown["in_sync"] == 1 and FLAGS
    assert command_samples(wan)["in_sync"] == 1
    wan.signal_network_manager(signal.SIGSTOP)
    try:
        wan.sysctl("net.mptcp.add_addr_timeout", 99)
        wait_for(lambda: samples(wan)['repairs_total{resource="sysctl"}'] == 1, 5, "the repair")
        wait_for(lambda: "in_sync" not in samples(wan), 30, "a survey without NetworkManager", 0.2)
    finally:
        wan.signal_network_manager(signal.SIGCONT)
    assert daemon.stop() == 0


def test_without_a_daemon_the_command_shows_the_host_and_needs_no_privileges(alone):
    alone.configure(KERNEL)
    assert command_samples(alone)["in_sync"] == 0
    assert alone.keeper("apply").returncode == 0
    as_nobody = alone.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", keeper_program(), "metrics"],
                          check=False)
    status = alone.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", keeper_program(), "status"],
                       check=False)
    assert (as_nobody.returncode == 0) == (status.returncode in (0, 2)), as_nobody.stderr + status.stderr
    shown = command_samples(alone)
    assert shown["in_sync"] == shown["config_loaded"] == shown["config_valid"] == 1
    assert shown['repairs_total{resource="sysctl"}'] == 0 and "last_apply_success" not in shown
