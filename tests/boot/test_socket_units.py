# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets that systemd opens for services: MPTCP if it supports that, otherwise a report that it does not."""

import pytest

import programs
import scenario
from node import wait_for
from programs import declare, mptcp_listeners, protocols_of
from scenario import ADDRESSES

PEER = "192.0.2.254"
UNITS = {"echo.socket": "[Socket]\nListenStream=7000\nAccept=yes\n[Install]\nWantedBy=sockets.target\n",
         "echo@.service": programs.service("/bin/cat", "StandardInput=socket"),
         "mixed.socket": "[Socket]\nListenStream=7001\nListenStream=/run/mixed.sock\nAccept=yes\n",
         "mixed@.service": programs.service("/bin/cat", "StandardInput=socket")}
# sends a line over an MPTCP socket, waits for the echo, and holds the connection
TALK = ("import socket, sys, time\n"
        "one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
        "one.connect((sys.argv[1], int(sys.argv[2])))\n"
        "one.sendall(b'hello')\n"
        "print(one.recv(5).decode(), flush=True)\n"
        "time.sleep(600)\n")


@pytest.fixture
def sockets(machines, machine):
    """A machine with socket units, which is off, and a neighbour."""
    machines.segment("m1lan1").node.ip(f"address add {PEER}/24 dev m1lan1")
    programs.add_units(machine, UNITS)
    programs.want(machine, "echo.socket", "sockets.target")
    programs.want(machine, "mixed.socket", "sockets.target")
    return machine


def systemd_version(machine):
    return int(machine.systemctl("--version").split()[1])


def unit(machine, name):
    """The state and the reason of one unit in status."""
    (found,) = (one for one in machine.keeper("status").json["units"] if one["unit"] == name)
    return found["state"], found["reason"]


def findings_of_doctor(machine, name):
    findings = machine.keeper("doctor", "--unit", name).json["findings"]
    return [one["severity"] for one in findings if one["code"] == "SOCKET_UNIT_TCP" and one["subject"] == name]


def talk(machines, machine, port):
    """Connects an MPTCP client in the other namespace to the service; returns the number of MPTCP connections."""
    client = machines.lab.network.start(["/usr/bin/python3", "-c", TALK, ADDRESSES["enp1s0"], str(port)])
    try:
        client.wait_for("hello", 20)
        return sum(one["M"] for one in machine.mptcp_connections().values())
    finally:
        client.stop()


def test_declared_sockets_are_mptcp_where_systemd_can(machines, sockets):
    sockets.boot()
    assert mptcp_listeners(sockets) == set() and findings_of_doctor(sockets, "echo.socket") == ["warning"]
    if systemd_version(sockets) < 257:
        pytest.skip(f"systemd {systemd_version(sockets)} does not support SocketProtocol=mptcp")
    declare(sockets, "echo.socket")
    sockets.systemctl("daemon-reload")
    state, reason = unit(sockets, "echo.socket")
    assert state == "needs-restart" and "restart" in reason
    done = sockets.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    assert mptcp_listeners(sockets) == {7000} and unit(sockets, "echo.socket") == ("in-effect", None)
    assert "MPTCPv6" in protocols_of(sockets.path("/proc/1"))

    sockets.shut_down()
    sockets.kernel_defaults = {"net.mptcp.enabled": "0"}  # as on RHEL: it waits for the boot unit
    scenario.enable(sockets, "mptcp-keeper-boot.service")
    sockets.boot()
    scenario.wait_until_connected(sockets, "enp1s0")
    assert mptcp_listeners(sockets) == {7000} and unit(sockets, "echo.socket") == ("in-effect", None)
    assert findings_of_doctor(sockets, "echo.socket") == []
    assert talk(machines, sockets, 7000) == 1
    assert not any("echo.socket" in warning for warning in sockets.keeper("diff").json["warnings"])

    declare(sockets)
    sockets.systemctl("daemon-reload")
    sockets.systemctl("restart", "echo.socket")
    assert mptcp_listeners(sockets) == set() and "MPTCPv6" not in protocols_of(sockets.path("/proc/1"))
    assert talk(machines, sockets, 7000) == 0


def test_what_cannot_be_mptcp_starts_as_it_is(machines, sockets):
    """An old systemd, or a unit with sockets other than TCP, which systemd would refuse to start."""
    declare(sockets, "echo.socket", "'m*.socket'", "dbus.socket", "'systemd-journal*.socket'")
    sockets.boot()
    old = systemd_version(sockets) < 257
    reported = "\n".join(sockets.keeper("diff").json["warnings"])
    refused = {"mixed.socket": "/run/mixed.sock", "dbus.socket": "/run/dbus/system_bus_socket"}
    for name, address in refused.items():
        assert sockets.property(name, "ActiveState") == "active"
        assert programs.drop_in(sockets, name) is None
        state, reason = unit(sockets, name)
        expected = "does not support SocketProtocol=mptcp" if old else address
        assert state == "ineffective" and expected in reason and f"{name}: {reason}" in reported
    assert sockets.property("systemd-journald.socket", "ActiveState") == "active"
    assert sockets.property("echo.socket", "ActiveState") == "active"
    assert mptcp_listeners(sockets) == (set() if old else {7000})
    assert unit(sockets, "echo.socket")[0] == ("ineffective" if old else "in-effect")
    assert findings_of_doctor(sockets, "mixed.socket") == ["warning"]
    assert talk(machines, sockets, 7001) == 0
    assert sockets.systemctl("--failed", "--plain", "--no-legend") == ""


def test_with_mptcp_off_a_socket_opens_all_the_same(machines, sockets):
    """MPTCP is disabled: systemd would fail to open an MPTCP socket, and the unit would fail."""
    sockets.kernel_defaults = {"net.mptcp.enabled": "0"}
    declare(sockets, "echo.socket")
    sockets.boot()
    assert sockets.property("echo.socket", "ActiveState") == "active" and mptcp_listeners(sockets) == set()
    wait_for(lambda: "enp1s0" in sockets.nmcli("-g DEVICE device", check=False).stdout, 20, "NetworkManager")
    scenario.wait_until_connected(sockets, "enp1s0")
    assert talk(machines, sockets, 7000) == 0
    assert sockets.systemctl("--failed", "--plain", "--no-legend") == ""


def test_units_that_depend_on_the_service_are_running_after_the_restart(sockets):
    """systemd stops them together with the service that holds the sockets."""
    script = "import socket\nserver = socket.socket(fileno=3)\nwhile True:\n    server.accept()[0].close()\n"
    sockets.write("/opt/served.py", script)
    programs.add_units(sockets, {
        "served.socket": "[Socket]\nListenStream=127.0.0.1:7002\n",
        "served.service": programs.service("/usr/bin/python3 /opt/served.py"),
        "front.service": "[Unit]\nRequires=served.service\nAfter=served.service\n" + programs.service("/bin/sleep 999"),
        "part.service": "[Unit]\nPartOf=served.service\n" + programs.service("/bin/sleep 999")})
    sockets.boot()
    names = ["served.socket", "served.service", "front.service", "part.service"]
    sockets.systemctl("start", *names)
    pids = {name: sockets.property(name, "MainPID") for name in names[1:]}
    if systemd_version(sockets) < 257:
        pytest.skip(f"systemd {systemd_version(sockets)} does not support SocketProtocol=mptcp")
    declare(sockets, "served.socket")
    done = sockets.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stdout
    assert mptcp_listeners(sockets) == {7002} and unit(sockets, "served.socket") == ("in-effect", None)
    for name in names:
        assert sockets.property(name, "ActiveState") == "active", name
    assert all(sockets.property(name, "MainPID") != pid for name, pid in pids.items())
