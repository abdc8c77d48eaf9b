# SPDX-License-Identifier: LGPL-2.1-or-later
"""`enabled: false` lists the affected programs and converges."""

import shutil

import pytest
from host import keeper_program

OFF = "sysctl: {enabled: false}\n"
HOLD = ("import socket, sys, time\n"
        "one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, int(sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "time.sleep(600)\n")


def hold(host, protocol, *wrapper):
    """Starts a program with one socket of that protocol; its process ID on the host is found by its name."""
    watcher = host.start([*wrapper, "/usr/bin/python3", "-c", HOLD, str(protocol)])
    watcher.wait_for("open")
    return watcher


def named(document):
    return [warning for warning in document["warnings"] if "MPTCP is disabled" in warning]


@pytest.mark.parametrize("command", [["diff"], ["apply"], ["apply", "--dry-run"], ["apply", "--boot"]])
def test_holders_of_mptcp_sockets_are_named(host, command):
    hold(host, 262)
    hold(host, 6)
    done = host.keeper(*command, config=OFF)
    (warning,) = named(done.json)
    assert "/etc/mptcp-keeper/config.yaml:1" in warning and "python3 (pid " in warning
    assert "has 1 MPTCP socket;" in warning and warning.split(": ", 1)[1] in done.stderr
    if command == ["apply"]:
        assert done.returncode == 0 and host.sysctl("net.mptcp.enabled") == "0"


def test_preloaded_programs_are_named(host):
    if not shutil.which("mptcpize"):
        pytest.skip("mptcpize is not installed")
    hold(host, 6, keeper_program(), "run", "--")
    (warning,) = named(host.keeper("apply", config=OFF).json)
    assert "libmptcpwrap" in warning or "MPTCP socket" in warning


def test_programs_of_other_network_namespaces_are_not_hit(host, lab):
    hold(lab.network, 262)
    assert named(host.keeper("diff", config=OFF).json) == []


def test_no_warning_if_mptcp_stays_enabled(host):
    hold(host, 262)
    assert named(host.keeper("diff", config="sysctl: {enabled: true}\n").json) == []
