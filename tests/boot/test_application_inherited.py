# SPDX-License-Identifier: LGPL-2.1-or-later
"""Listeners that a declared service does not open itself: reported with the cure that works."""

import pytest

import programs
from node import wait_for
from programs import declare, sockets_of, wait_for_sockets

# Takes the listener of its socket unit, and opens another one if it is given a port.
ACTIVATED = """
import socket, sys
listeners = [socket.socket(fileno=3)]
if len(sys.argv) > 1:
    listeners.append(socket.create_server(("127.0.0.1", int(sys.argv[1]))))
while True:
    listeners[0].accept()[0].close()
"""
# Starts its new version on SIGHUP, which takes over the listener, as nginx does on SIGUSR2.
UPGRADES = """
import os, signal, socket, sys
if len(sys.argv) > 1:
    server = socket.socket(fileno=int(sys.argv[1]))
else:
    server = socket.create_server(("127.0.0.1", 4021))
def upgrade(*_):
    os.set_inheritable(server.fileno(), True)
    os.execv(sys.executable, [sys.executable, sys.argv[0], str(server.fileno())])
signal.signal(signal.SIGHUP, upgrade)
while True:
    server.accept()[0].close()
"""
# Hands its listener to whoever connects, as an old HAProxy does to the new one.
HOLDER = """
import os, socket
server = socket.create_server(("127.0.0.1", 4022))
handle = socket.socket(socket.AF_UNIX)
handle.bind("/run/holder.sock")
handle.listen()
while True:
    socket.send_fds(handle.accept()[0], [b"x"], [server.fileno()])
"""
TAKER = """
import os, socket
try:
    handle = socket.socket(socket.AF_UNIX)
    handle.connect("/run/holder.sock")
    server = socket.socket(fileno=socket.recv_fds(handle, 1, 1)[1][0])
except OSError:
    server = socket.create_server(("127.0.0.1", 4022))
while True:
    server.accept()[0].close()
"""
WANTED = "[Install]\nWantedBy=multi-user.target\n"


def unit(machine, name):
    """The state and the reason of one unit in status."""
    (found,) = (one for one in machine.keeper("status").json["units"] if one["unit"] == name)
    return found["state"], found["reason"]


def boot_with(machine, scripts, units):
    for name, script in scripts.items():
        machine.write(f"/opt/{name}.py", script)
    programs.add_units(machine, units)
    machine.boot()


def python(name, *words):
    return f"/usr/bin/python3 /opt/{name}.py {' '.join(words)}"


def test_sockets_of_a_socket_unit(machine):
    """A service with sockets of systemd, and one that also opens a socket of its own."""
    socket_unit = "[Socket]\nListenStream=127.0.0.1:{}\n"
    boot_with(machine, {"activated": ACTIVATED}, {
        "act.socket": socket_unit.format(4031), "act.service": programs.service(python("activated")) + WANTED,
        "both.socket": socket_unit.format(4032), "both.service": programs.service(python("activated", "4033"))})
    declare(machine, "act.service", "both.service")
    machine.keeper("apply")
    machine.systemctl("start", "act.socket", "both.socket", "act.service", "both.service")
    wait_for_sockets(machine, "act.service", "TCP")
    wait_for(lambda: sockets_of(machine, "both.service") == "MPTCP+TCP", 20, "both sockets")
    old = int(machine.systemctl("--version").split()[1]) < 257
    state, reason = unit(machine, "act.service")
    assert state == "ineffective" and "act.socket opens them" in reason
    state, remark = unit(machine, "both.service")
    assert state == "in-effect" and "1 of its listening sockets is plain TCP" in remark and "both.socket" in remark
    if old:
        cure = reason.partition("run `")[2].partition("`")[0]
        assert "cannot open MPTCP sockets" in reason and cure.startswith("systemctl disable --now act.socket && ")
        machine.write("/opt/activated.py", "import http.server; http.server.test(port=4031)")
        machine.run(["sh", "-c", cure])
        wait_for_sockets(machine, "act.service", "MPTCP")
        assert machine.property("act.service", "UnitFileState") == "enabled", "it starts at the next boot"
        pytest.skip("this systemd does not support SocketProtocol=mptcp")
    assert "declare act.socket under applications.units" in reason
    declare(machine, "act.service", "both.service", "act.socket", "both.socket")
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    machine.systemctl("start", "act.service", "both.service")
    for name in ("act.service", "both.service"):
        wait_for_sockets(machine, name, "MPTCP")
        assert unit(machine, name) == ("in-effect", None)


def test_a_listener_that_survives_an_upgrade_needs_a_restart(machine):
    boot_with(machine, {"upgrades": UPGRADES}, {
        "up.service": programs.service(python("upgrades"), "ExecReload=/bin/kill -HUP $MAINPID")})
    machine.systemctl("start", "up.service")
    wait_for_sockets(machine, "up.service", "TCP")
    declare(machine, "up.service")
    assert machine.keeper("apply").returncode == 0
    machine.systemctl("reload", "up.service")
    wait_for_sockets(machine, "up.service", "TCP")
    state, reason = unit(machine, "up.service")
    assert state == "needs-restart" and "a reload is not enough" in reason
    assert machine.keeper("apply", "--restart-units").returncode == 0
    wait_for_sockets(machine, "up.service", "MPTCP")
    machine.systemctl("reload", "up.service")
    wait_for_sockets(machine, "up.service", "MPTCP")
    assert unit(machine, "up.service") == ("in-effect", None)


def test_a_listener_from_another_unit_needs_that_to_stop(machine):
    boot_with(machine, {"holder": HOLDER, "taker": TAKER}, {
        "holder.service": programs.service(python("holder")), "taker.service": programs.service(python("taker"))})
    machine.systemctl("start", "holder.service")
    wait_for(lambda: machine.path("/run/holder.sock").exists(), 20, "the holder")
    declare(machine, "taker.service")
    machine.keeper("apply")
    machine.systemctl("start", "taker.service")
    wait_for_sockets(machine, "taker.service", "TCP")
    state, reason = unit(machine, "taker.service")
    assert state == "ineffective" and "passed to it" in reason and "another unit" in reason
    machine.systemctl("stop", "holder.service")
    machine.systemctl("restart", "taker.service")
    wait_for_sockets(machine, "taker.service", "MPTCP")
    assert unit(machine, "taker.service") == ("in-effect", None)
