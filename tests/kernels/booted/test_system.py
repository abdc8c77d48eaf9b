# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine itself: its system, our packages in it, and the programs and oracles that other tests use."""

import json
import os
from pathlib import Path

import pytest
from this_host import (CONTAINER, DYNAMIC, IO_URING, MPTCP, PROGRAMS, PYTHON, STATIC, TCP, journal, keeper,
                       new_protocol, run, socket_protocols, sysctl, systemctl, unit_property, wait_for,
                       wait_for_protocols)

SLICES = [None, "system.slice", "user.slice", "apart.slice"]


def test_systemd_is_running():
    assert Path("/proc/1/comm").read_text() == "systemd\n"
    state = wait_for(lambda: systemctl("is-system-running", check=False).replace("starting", ""), 120,
                     "the end of the boot")
    failed = [line.split()[0] for line in systemctl("--failed", "--plain", "--no-legend").splitlines()]
    print(f"{state}, failed: {failed}")
    assert state in ("running", "degraded")
    assert failed == []
    assert Path("/sys/fs/cgroup/cgroup.controllers").exists()
    assert unit_property("NetworkManager.service", "ActiveState") == "active"


def test_the_kernel_is_the_expected_one():
    assert os.uname().release == os.environ["KEEPER_KERNEL_RELEASE"]
    assert Path("/sys/kernel/btf/vmlinux").stat().st_size > 0
    assert os.path.ismount("/sys/fs/bpf")


def test_the_package_is_installed():
    shown = run(["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", "mptcp-keeper*"]).stdout
    assert "mptcp-keeper installed" in shown.splitlines()
    assert run(["dpkg", "--verify", "mptcp-keeper"]).stdout == ""


def test_the_configuration_was_applied_at_boot():
    assert unit_property("mptcp-keeper-boot.service", "ActiveState") == "active", journal("mptcp-keeper-boot.service")
    assert sysctl("net.mptcp.add_addr_timeout") == "61"
    assert run(["ip", "mptcp", "limits"]).stdout.split() == ["add_addr_accepted", "3", "subflows", "5"]
    assert run(["ip", "mptcp", "endpoint"]).stdout.split()[0] == "192.0.2.200"
    started = int(unit_property("mptcp-keeper-boot.service", "ActiveEnterTimestampMonotonic"))
    assert started < int(unit_property("NetworkManager.service", "ExecMainStartTimestampMonotonic"))


def test_the_commands_work(configure):
    assert keeper("check").json["valid"]
    assert keeper("apply").returncode == 0, "after other tests"
    assert keeper("status").returncode == 0
    configure("sysctl: {add_addr_timeout: 62}\nlimits: {subflows: 6}\n")
    assert keeper("diff").returncode == 2
    done = keeper("apply")
    assert done.returncode == 0 and done.json["verified"], done.stdout + done.stderr
    assert sysctl("net.mptcp.add_addr_timeout") == "62"
    assert "subflows 6" in run(["ip", "mptcp", "limits"]).stdout
    status = keeper("status")
    assert status.returncode == 0 and status.json["in_sync"]


@pytest.mark.parametrize("slice_name", SLICES)
@pytest.mark.parametrize("command", [PYTHON, DYNAMIC, STATIC, IO_URING], ids=["python", "c", "static", "io_uring"])
def test_a_program_uses_tcp(command, slice_name):
    assert new_protocol(command, slice_name=slice_name) == TCP


def test_a_program_uses_tcp_in_any_surroundings(network_namespace):
    assert new_protocol(user="nobody") == TCP
    assert new_protocol(properties=[f"NetworkNamespacePath=/run/netns/{network_namespace}"]) == TCP
    assert new_protocol([*CONTAINER, *DYNAMIC]) == TCP
    assert new_protocol([*DYNAMIC, "6"], unit="named.service") == TCP


def test_the_oracle_recognises_mptcp(units):
    """Protocols of a program that asks for MPTCP itself."""
    create = "import socket, time; s = [socket.socket(f, socket.SOCK_STREAM, p) for f, p in " \
             "((socket.AF_INET, 262), (socket.AF_INET6, 262), (socket.AF_INET, 0))]"
    units.start("holder.service", ["/usr/bin/python3", "-c", f"{create}; time.sleep(600)"])
    assert wait_for_protocols("holder.service") == ["MPTCP", "MPTCPv6", "TCP"]
    asks = PYTHON[2].replace("socket.socket()", "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)")
    assert new_protocol(["/usr/bin/python3", "-c", asks]) == MPTCP


def test_a_unit_holds_its_socket(units):
    units.write("holder.service", f"[Service]\nType=exec\nExecStart={PROGRAMS}/protocol wait\nSlice=apart.slice\n")
    systemctl("start", "holder.service")
    assert wait_for_protocols("holder.service") == ["TCP"]
    assert unit_property("holder.service", "ControlGroup") == "/apart.slice/holder.service"
    systemctl("stop", "holder.service")
    assert socket_protocols("holder.service") == []


def test_a_go_program_listens(units, go_program):
    name, command = go_program
    units.start(f"{name}.service", command)
    assert set(wait_for_protocols(f"{name}.service")) <= {"TCP", "TCPv6"}


def test_bpftool_lists_programs():
    assert isinstance(json.loads(run(["bpftool", "--json", "prog", "list"]).stdout), list)
