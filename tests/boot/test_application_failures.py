# SPDX-License-Identifier: LGPL-2.1-or-later
"""Units that do not work with MPTCP sockets: how they are reported, and how they get back to TCP."""

import pytest

import programs
from node import wait_for
from programs import declare, sockets_of, wait_for_sockets
from test_application_states import NEEDS_PLAIN_TCP

# A BGP speaker with a password: TCP_MD5SIG on its listener, and it ends with status 4 if that is refused.
NEEDS_MD5 = """
import socket, struct, sys
server = socket.create_server(("127.0.0.1", 4008))
peer = struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton("192.0.2.9")).ljust(128, b"\\0")
key = struct.pack("BBHi", 0, 0, 6, 0) + b"secret".ljust(80, b"\\0")
try:
    server.setsockopt(socket.IPPROTO_TCP, 14, peer + key)
except OSError as error:
    print(error, flush=True)
    sys.exit(4)
while True:
    server.accept()[0].close()
"""
LISTENS = """
import socket
server = socket.create_server(("127.0.0.1", 4010))
while True:
    server.accept()[0].close()
"""
# Serves for a second and ends successfully, as a program that systemd starts again for each task.
ENDS_WELL = """
import socket, time
server = socket.create_server(("127.0.0.1", 4009))
time.sleep(1)
"""


def unit(machine, name):
    """The state and the reason of one unit in status."""
    (found,) = (one for one in machine.keeper("status").json["units"] if one["unit"] == name)
    return found["state"], found["reason"]


def change_of(done, name):
    (found,) = (one for one in done.json["changes"] if one["key"] == name)
    return found["result"], found["error"]


def boot_with(machine, name, script, *lines):
    """Boots the machine and starts a service that runs the script, without MPTCP."""
    machine.write(f"/opt/{name}.py", script)
    programs.add_units(machine, {name: programs.service(f"/usr/bin/python3 /opt/{name}.py", *lines)})
    machine.boot()
    machine.systemctl("start", name)
    wait_for_sockets(machine, name, "TCP")


@pytest.mark.parametrize("lines", [(), ("Type=exec", "Restart=always", "RestartSec=100ms")])
def test_an_atomic_apply_leaves_the_unit_running_on_tcp(machine, lines):
    boot_with(machine, "tls.service", NEEDS_PLAIN_TCP, *lines)
    declare(machine, "tls.service")
    for _ in range(2):  # the second time after the administrator allowed another try
        machine.path("/run/mptcp-keeper/taken-back/tls.service").unlink(missing_ok=True)
        done = machine.keeper("apply", "--atomic", "--restart-units")
        assert done.returncode == 1
        result, error = change_of(done, "tls.service")
        assert result == "failed" and "taken back to TCP" in error and "status 3" in error and "kTLS" in error
        wait_for_sockets(machine, "tls.service", "TCP")
        assert machine.systemctl("is-active", "tls.service").strip() == "active"
        state, reason = unit(machine, "tls.service")
        assert state == "ineffective" and "took it back to TCP" in reason and "status 3" in reason
        pid = machine.property("tls.service", "MainPID")
        for options in ([], ["--restart-units"], ["--atomic", "--restart-units"]):
            done = machine.keeper("apply", *options)
            assert done.returncode == 0 and change_of(done, "tls.service")[0] == "unsupported", done.stdout
            assert machine.property("tls.service", "MainPID") == pid, "it would fail again"
        assert "`rm /run/mptcp-keeper/taken-back/tls.service`" in unit(machine, "tls.service")[1]

    # a reload of systemd or a restart by others does not change that
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", "tls.service")
    wait_for_sockets(machine, "tls.service", "TCP")
    assert unit(machine, "tls.service")[0] == "ineffective"

    declare(machine, never=["tls.service"])
    assert machine.keeper("apply", "--restart-units").returncode == 0
    assert unit(machine, "tls.service") == ("in-effect", None)
    assert not any("tls.service" in warning for warning in machine.keeper("diff").json["warnings"])
    assert sockets_of(machine, "tls.service") == "TCP"


def test_an_atomic_apply_takes_back_the_units_that_work_too(machine):
    programs.add_units(machine, {"good@.service": programs.web("%i")})
    boot_with(machine, "tls.service", NEEDS_PLAIN_TCP)
    machine.systemctl("start", "good@8086.service")
    wait_for_sockets(machine, "good@8086.service", "TCP")
    declare(machine, "'good@*.service'", "tls.service")
    done = machine.keeper("apply", "--atomic", "--restart-units")
    assert done.returncode == 1 and change_of(done, "tls.service")[0] == "failed"
    assert change_of(done, "good@8086.service")[0] == "reverted"
    for name in ("tls.service", "good@8086.service"):
        wait_for_sockets(machine, name, "TCP")
        assert unit(machine, name)[0] == "ineffective", name
    declare(machine, "'good@*.service'")
    assert machine.keeper("apply", "--restart-units").returncode == 0
    wait_for_sockets(machine, "good@8086.service", "MPTCP")


def test_an_atomic_apply_takes_back_a_unit_that_fails_already(machine):
    """It was restarted by others, such as an upgrade of its package. Other items are applied all the same."""
    programs.add_units(machine, {"good@.service": programs.web("%i")})
    boot_with(machine, "tls.service", NEEDS_PLAIN_TCP)
    machine.systemctl("start", "good@8086.service")
    wait_for_sockets(machine, "good@8086.service", "TCP")
    declare(machine, "'good@*.service'", "tls.service")
    assert machine.keeper("apply").returncode == 0
    machine.systemctl("restart", "tls.service", check=False)
    wait_for(lambda: machine.property("tls.service", "ActiveState") == "failed", 20, "its failure")
    done = machine.keeper("apply", "--atomic", "--restart-units")
    result, error = change_of(done, "tls.service")
    assert done.returncode == 1 and result == "failed" and "taken back to TCP" in error, done.stdout
    assert change_of(done, "good@8086.service")[0] == "applied"
    wait_for_sockets(machine, "tls.service", "TCP")
    wait_for_sockets(machine, "good@8086.service", "MPTCP")
    done = machine.keeper("apply", "--atomic", "--restart-units")
    assert done.returncode == 0 and change_of(done, "tls.service")[0] == "unsupported"


@pytest.mark.parametrize("lines", [(), ("Restart=always", "RestartSec=100ms")])
def test_a_restart_by_hand_that_fails_is_explained(machine, lines):
    boot_with(machine, "bgp.service", NEEDS_MD5, *lines)
    declare(machine, "bgp.service")
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", "bgp.service")
    wait_for(lambda: machine.property("bgp.service", "ActiveState") == "failed", 20, "its failure")
    state, reason = unit(machine, "bgp.service")
    assert state == "not-running" and "was running when it was declared" in reason and "status 4" in reason
    assert "TCP_MD5SIG" in reason and "applications.never" in reason
    done = machine.keeper("diff")
    assert not any(one["resource"] == "unit" for one in done.json["changes"])
    assert any("was running when it was declared" in line for line in done.json["warnings"])
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 1 and change_of(done, "bgp.service")[0] == "failed"

    declare(machine, never=["bgp.service"])
    assert machine.keeper("apply").returncode == 0
    cure = "systemctl reset-failed bgp.service; systemctl restart bgp.service"
    assert f"`{cure}`" in reason
    machine.run(["sh", "-c", cure])
    wait_for_sockets(machine, "bgp.service", "TCP")


def test_a_unit_that_ends_successfully_has_not_failed(machine):
    """systemd starts it again because of Restart=always."""
    boot_with(machine, "task.service", ENDS_WELL, "Restart=always", "RestartSec=3s")
    declare(machine, "task.service")
    done = machine.keeper("apply", "--atomic", "--restart-units")
    assert done.returncode == 0, done.stdout
    wait_for(lambda: machine.property("task.service", "SubState") == "auto-restart", 20, "its end")
    assert unit(machine, "task.service") == ("not-running", "it is not running")
    wait_for_sockets(machine, "task.service", "MPTCP")


def test_a_crash_with_tcp_is_not_blamed_on_mptcp(machine):
    """Neither one before the unit's restart nor one of a start while MPTCP was off."""
    boot_with(machine, "web.service", LISTENS, "Restart=always", "RestartSec=1h")
    declare(machine, "web.service")
    machine.systemctl("daemon-reload")
    machine.systemctl("kill", "--signal=SEGV", "web.service")
    wait_for(lambda: machine.property("web.service", "SubState") == "auto-restart", 20, "its crash")
    state, reason = unit(machine, "web.service")
    assert state == "not-running" and "before it was declared" in reason and "MPTCP" not in reason

    machine.run(["sysctl", "-qw", "net.mptcp.enabled=0"])
    machine.systemctl("restart", "web.service")
    machine.run(["sysctl", "-qw", "net.mptcp.enabled=1"])
    wait_for_sockets(machine, "web.service", "TCP")
    machine.systemctl("kill", "--signal=SEGV", "web.service")
    wait_for(lambda: machine.property("web.service", "SubState") == "auto-restart", 20, "its crash")
    assert "its last start was without MPTCP sockets" in unit(machine, "web.service")[1]

    machine.systemctl("restart", "web.service")
    wait_for_sockets(machine, "web.service", "MPTCP")
    machine.systemctl("kill", "--signal=SEGV", "web.service")
    wait_for(lambda: machine.property("web.service", "SubState") == "auto-restart", 20, "its crash")
    assert "has not started since with MPTCP sockets" in unit(machine, "web.service")[1]


def test_a_unit_that_failed_before_is_not_blamed_on_mptcp(machine):
    programs.add_units(machine, {"broken.service": programs.service("/bin/false")})
    machine.boot()
    machine.systemctl("start", "broken.service", check=False)
    wait_for(lambda: machine.property("broken.service", "ActiveState") == "failed", 20, "its failure")
    declare(machine, "broken.service")
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    state, reason = unit(machine, "broken.service")
    assert state == "not-running" and "before it was declared" in reason and "MPTCP" not in reason
    machine.systemctl("restart", "broken.service", check=False)
    wait_for(lambda: machine.property("broken.service", "ActiveState") == "failed", 20, "its failure")
    assert "was running when" not in unit(machine, "broken.service")[1]
