# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the vendor's recipe to one file: export, apply, remove the leftovers; nothing changes in between."""

import os
import subprocess

import pytest
import yaml
from host import keeper_program
from oracles import BusCalls, SystemCalls, snapshot

LIMIT_UNIT = """[Unit]
Description=Set MPTCP subflow limit to 3
After=network.target

[Service]
ExecStart=ip mptcp limits set subflows 3
Type=oneshot

[Install]
WantedBy=multi-user.target
"""
IPERF = "[Service]\nExecStart=/usr/bin/iperf3 --server\n"
SYSTEMTAP = """#! /usr/bin/env stap
%{
#include <linux/in.h>
%}
function mptcpify () %{
  if (CONTEXT->kregs) { /* IPPROTO_MPTCP */ }
%}
"""
UNITS = "/etc/systemd/system"
# A fake systemctl for mptcpize and the commands; no service runs here.
SYSTEMCTL = f"""#!/bin/sh
echo "$*" >>/run/systemctl.log
case $1 in
show) for folder in {UNITS} /usr/lib/systemd/system; do
        [ ! -e $folder/$4 ] || {{ echo "FragmentPath=$folder/$4"; exit; }}
      done ;;
disable) rm {UNITS}/*.wants/$3 ;;
esac
"""


def write_recipe(write, link):
    """The files of RHEL's procedure and its variants; the units of programs are still without MPTCP."""
    write("/etc/sysctl.d/90-enable-MPTCP.conf", "net.mptcp.enabled=1\n")
    write("/etc/sysctl.conf", "# the host's own\nnet.ipv4.ip_forward=0\nnet.mptcp.pm_type=0\n")
    link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf")
    write(f"{UNITS}/set_mptcp_limit.service", LIMIT_UNIT)
    link(f"{UNITS}/multi-user.target.wants/set_mptcp_limit.service", f"{UNITS}/set_mptcp_limit.service")
    write(f"{UNITS}/iperf3.service", IPERF)
    write("/usr/lib/systemd/system/web.service", "[Service]\nExecStart=/usr/bin/web\n")
    write("/usr/lib/systemd/system/db.service", "[Service]\nExecStart=/usr/bin/db\n")
    write(f"{UNITS}/db.service.d/mptcp.conf", "[Service]\nExecStart=\nExecStart=mptcpize run /usr/bin/db\n")
    write("/etc/systemtap/mptcp-app.stap", SYSTEMTAP)
    write("/etc/NetworkManager/dispatcher.d/50-mptcp",
          "#!/bin/sh\nif [ \"$2\" = up ]; then\n  ip mptcp endpoint add 203.0.113.9 signal\nfi\n", mode=0o755)


@pytest.fixture
def recipe_host(host):
    """A host that was set up by the complete recipe."""
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="signal,also-without-default-route")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24", flags="subflow,also-without-default-route")

    def link(path, target):
        host.path(path).parent.mkdir(parents=True, exist_ok=True)
        host.path(path).unlink(missing_ok=True)
        os.symlink(target, host.path(path))
    write_recipe(host.write, link)
    host.write("/run/stub/systemctl", SYSTEMCTL, mode=0o755)
    for unit in ("iperf3.service", "web.service"):
        host.run(["env", "PATH=/run/stub:/usr/bin", "mptcpize", "enable", unit])
        assert "libmptcpwrap" in host.path(unit_file(host, unit)).read_text()
    host.ip("mptcp limits set subflows 3")
    host.ip("mptcp endpoint add 203.0.113.9 signal")
    return host


def unit_file(host, unit):
    own = f"{UNITS}/{unit}"
    return own if host.path(own).exists() else f"/usr/lib/systemd/system/{unit}"


def leftovers_of(host):
    findings = host.keeper("doctor").json["findings"]
    return {f["subject"] for f in findings if f["code"] in ("RECIPE_LEFTOVER", "WRONG_SYSCTL_NAME")}


def test_the_recipe_is_replaced_and_nothing_changes_on_the_way(recipe_host):
    host = recipe_host
    exported = host.run([keeper_program(), "export"]).stdout
    assert yaml.safe_load(exported) == {
        "sysctl": {"enabled": True, "path_manager": "kernel"},
        "limits": {"subflows": 3},
        "profiles": [
            {"match": {"name": "wan1"}, "mptcp-flags": ["also-without-default-route", "signal"]},
            {"match": {"name": "wan2"}, "mptcp-flags": ["also-without-default-route", "subflow"]}],
        "endpoints": [{"address": "203.0.113.9", "flags": ["signal"]}],
        "applications": {"units": ["db.service", "iperf3.service", "web.service"]}}, exported
    assert "  # /etc/sysctl.conf:3\n  path_manager: kernel\n" in exported
    assert leftovers_of(host) == {
        "/etc/sysctl.d/90-enable-MPTCP.conf", "/etc/sysctl.conf", f"{UNITS}/set_mptcp_limit.service",
        f"{UNITS}/iperf3.service", "/usr/lib/systemd/system/web.service", f"{UNITS}/db.service.d/mptcp.conf",
        "/etc/systemtap/mptcp-app.stap", "/etc/NetworkManager/dispatcher.d/50-mptcp"}

    host.configure(exported)
    before = snapshot(host)
    trace, bus = SystemCalls(host), BusCalls(host)
    done = host.keeper("apply", "--detailed-exitcodes", "--strict", wrapper=trace.wrapper)
    assert (done.returncode, done.json["changes"], done.json["verified"]) == (0, [], True), done.stderr
    assert trace.kernel_writes() == [] and bus.stop_and_list_writes() == []

    script = host.run([keeper_program(), "export", "--leftovers"]).stdout
    host.run(["env", "PATH=/run/stub:/usr/bin:/usr/sbin", "sh", "-e", "-c", script])
    assert snapshot(host) == before
    assert "disable --now set_mptcp_limit.service" in host.path("/run/systemctl.log").read_text()
    assert leftovers_of(host) == set()
    assert host.run([keeper_program(), "export", "--leftovers"]).stdout.startswith("# no other MPTCP configuration")
    assert os.readlink(host.path("/etc/sysctl.d/99-sysctl.conf")) == "../sysctl.conf"
    assert host.path("/etc/sysctl.conf").read_text() == "# the host's own\nnet.ipv4.ip_forward=0\n"
    assert host.path(f"{UNITS}/iperf3.service").read_text() == IPERF
    assert host.path(f"{UNITS}/db.service.d/mptcp.conf").read_text().endswith("\nExecStart=/usr/bin/db\n")
    again = host.keeper("apply", "--detailed-exitcodes")
    assert (again.returncode, again.json["changes"]) == (0, []), again.stderr
    assert yaml.safe_load(host.run([keeper_program(), "export"]).stdout) == yaml.safe_load(exported)


def keeper_in(tree, *arguments):
    return subprocess.run([keeper_program(), "--root", str(tree), *arguments], capture_output=True, text=True,
                          check=False, timeout=60)


def test_an_unbooted_tree_is_migrated_without_touching_the_running_host(tmp_path):
    tree = tmp_path / "a tree"

    def write(path, text, mode=0o644):
        file = tree / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def link(path, target):
        file = tree / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)
    write_recipe(write, link)
    exported = keeper_in(tree, "export")
    assert exported.returncode == 0, exported.stderr
    assert yaml.safe_load(exported.stdout) == {
        "sysctl": {"enabled": True, "pm_type": 0}, "limits": {"subflows": 3},
        "endpoints": [{"address": "203.0.113.9", "flags": ["signal"]}],
        "applications": {"units": ["db.service"]}}
    write("/etc/mptcp-keeper/config.yaml", exported.stdout)
    assert keeper_in(tree, "check").returncode == 0

    commands = [line for line in keeper_in(tree, "export", "--leftovers").stdout.splitlines()
                if line and not line.startswith("#")]
    assert commands and all(str(tree) in line and "systemctl" not in line for line in commands)
    subprocess.run(["sh", "-e", "-c", "\n".join(commands)], check=True, timeout=60)
    assert keeper_in(tree, "export", "--leftovers").stdout.startswith("# no other MPTCP configuration")
    assert not (tree / f"{UNITS}/multi-user.target.wants/set_mptcp_limit.service".lstrip("/")).is_symlink()
    assert (tree / "etc/sysctl.d/99-sysctl.conf").is_symlink()
