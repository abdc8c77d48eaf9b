# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon as its own user, as packaging/unprivileged makes it, on a booted system."""

import pytest

import scenario
from node import wait_for
from scenario import FILE, LIMITS, PUBLIC

DAEMON, BOOT, APPLY = scenario.UNITS
USER = "mptcp-keeper"
SWITCH = "/usr/lib/mptcp-keeper/unprivileged/switch"
RUN, STATE = "/run/mptcp-keeper", "/var/lib/mptcp-keeper"


@pytest.fixture
def unprivileged(machine):
    """A machine that was switched and booted again, in sync."""
    scenario.enable(machine, DAEMON, BOOT)
    machine.boot()
    machine.run([SWITCH, "on"])
    machine.shut_down()
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    return machine


def owner(machine):
    """The user of the daemon's process and its effective capabilities."""
    pid = machine.property(DAEMON, "MainPID")
    user = machine.run(["ps", "-o", "user:20=", "-p", pid]).stdout.strip()
    status = machine.run(["cat", f"/proc/{pid}/status"]).stdout
    return user, next(line.split()[1].lstrip("0") for line in status.splitlines() if line.startswith("CapEff"))


def as_daemon(machine, command):
    """Runs a shell command as the daemon's user, without capabilities; returns its exit code."""
    return machine.run(["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "sh", "-c", command],
                       check=False).returncode


def wait_for_limits(machine, expected=None):
    wait_for(lambda: machine.limits() == (expected or LIMITS), 20, "the limits")


def test_it_applies_and_repairs_everything(unprivileged):
    machine = unprivileged
    assert owner(machine) == (USER, "1000"), "CAP_NET_ADMIN is bit 12"
    machine.run_as_service(["sh", "-c", "echo 30 >/proc/sys/net/mptcp/add_addr_timeout"])
    wait_for(lambda: machine.sysctl("net.mptcp.add_addr_timeout") == "60", 20, "the repaired sysctl")
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine)
    machine.ip("mptcp endpoint flush")
    wait_for(lambda: set(machine.endpoint_flags().get(PUBLIC, ())) == {"signal"}, 20, "the declared endpoint")
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    machine.nmcli("connection modify wan-enp1s0 connection.mptcp-flags disabled")
    flags = "-g connection.mptcp-flags connection show wan-enp1s0"
    wait_for(lambda: machine.nmcli(flags).stdout.startswith("0x38"), 20, "the flags of the profile")
    scenario.wait_until_in_sync(machine)


def test_commands_of_root_work_with_it(unprivileged):
    machine = unprivileged
    machine.write(FILE, scenario.CONFIG.replace("subflows: 4", "subflows: 6"))
    done = machine.keeper("apply")
    assert done.returncode == 0 and done.json["verified"], done.stdout + done.stderr
    status = machine.keeper("status").json
    assert status["daemon"]["running"] and status["loaded"] and status["in_sync"]
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine, {**LIMITS, "subflows": 6})
    machine.write(FILE, scenario.CONFIG)
    machine.systemctl("reload", DAEMON)
    wait_for_limits(machine)
    assert machine.keeper("reset").returncode == 1, "the daemon runs"
    machine.systemctl("stop", DAEMON)
    assert machine.keeper("reset").returncode == 0
    assert machine.limits() != LIMITS
    machine.systemctl("start", DAEMON)
    wait_for_limits(machine)
    for unit in (BOOT, APPLY):
        machine.systemctl("restart", unit)
    assert owner(machine)[0] == USER
    scenario.wait_until_in_sync(machine)


def test_a_try_is_enforced_and_taken_back(unprivileged):
    machine = unprivileged
    machine.write("/root/candidate.yaml", scenario.CONFIG.replace("subflows: 4", "subflows: 7"))
    assert machine.keeper("try", "/root/candidate.yaml", "--detach", "--timeout", "10m").returncode == 0
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine, {**LIMITS, "subflows": 7})
    assert machine.run(["systemctl", "reload", DAEMON], check=False).returncode != 0
    assert machine.keeper("revert").returncode == 0
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine)
    # Files on disk that were taken back apply again after a reload, also if the daemon then restarts.
    machine.write(FILE, scenario.CONFIG.replace("subflows: 4", "subflows: 5"))
    assert machine.keeper("try", "--detach", "--timeout", "1s").returncode == 0
    wait_for_limits(machine)
    machine.systemctl("reload", DAEMON)
    wait_for_limits(machine, {**LIMITS, "subflows": 5})
    machine.systemctl("restart", DAEMON)
    assert machine.limits() == {**LIMITS, "subflows": 5}


def test_a_restart_converges(unprivileged):
    machine = unprivileged
    pid = machine.property(DAEMON, "MainPID")
    machine.run(["kill", "-9", pid])
    wait_for(lambda: machine.property(DAEMON, "MainPID") not in (pid, "0"), 20, "the restarted daemon")
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine)
    assert owner(machine)[0] == USER


def test_its_user_cannot_trick_root(unprivileged):
    """Root follows no link, and reads no configuration or drop-in, that the daemon's user could have planted."""
    machine = unprivileged
    for name in ("lock", "daemon.lock", "poke", "conf.d", "env", "netns", "program-hook", "turned", "unit-drop-ins"):
        assert as_daemon(machine, f"mv {RUN}/{name} {RUN}/gone") != 0, name
        assert as_daemon(machine, f"rm -rf {RUN}/{name} && ! test -e {RUN}/{name}") != 0, name
    for name in ("conf.d", "env", "netns", "program-hook", "turned", "unit-drop-ins"):
        assert as_daemon(machine, f"touch {RUN}/{name}/planted") != 0, name
    machine.systemctl("stop", DAEMON)
    machine.write("/etc/victim", "kept\n")
    for path in (f"{RUN}/again", f"{RUN}/applied.new", f"{STATE}/state.json.new"):
        assert as_daemon(machine, f"ln -sf /etc/victim {path}") == 0, path
    machine.write(FILE, scenario.CONFIG.replace("subflows: 4", "subflows: 6"))
    assert machine.keeper("apply").returncode == 0
    machine.systemctl("enable", APPLY)
    machine.run(["/usr/lib/NetworkManager/dispatcher.d/90-mptcp-keeper", "enp1s0", "up"])
    assert machine.run(["cat", "/etc/victim"]).stdout == "kept\n"
    assert as_daemon(machine, f"rm {STATE}/state.json && ln -s /etc/victim {STATE}/state.json") == 0
    done = machine.keeper("apply")
    assert done.returncode == 1 and "Too many levels of symbolic links" in done.stdout + done.stderr
    assert machine.run(["cat", "/etc/victim"]).stdout == "kept\n"


def test_another_user_gains_nothing(unprivileged):
    machine = unprivileged
    as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    for command in (["nmcli", "connection", "modify", "wan-enp1s0", "connection.mptcp-flags", "disabled"],
                    ["nmcli", "device", "reapply", "enp1s0"], ["mptcp-keeper", "apply"], ["touch", f"{RUN}/planted"],
                    ["touch", f"{STATE}/planted"], ["cat", f"{RUN}/daemon.lock"]):
        assert machine.run([*as_nobody, *command], check=False).returncode != 0, command
    connect = f"import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect('{RUN}/daemon.socket')"
    assert "PermissionError" in machine.run([*as_nobody, "python3", "-c", connect], check=False).stderr
    # and its own user no more than the two actions
    assert as_daemon(machine, "systemctl daemon-reload") != 0
    assert as_daemon(machine, "nmcli general hostname planted") != 0


def test_it_is_switched_off(unprivileged):
    machine = unprivileged
    machine.run([SWITCH, "off"])
    scenario.wait_until_in_sync(machine)
    assert owner(machine)[0] == "root"
    for folder in (RUN, STATE):
        assert machine.run(["stat", "-c", "%U:%G %a", folder]).stdout == "root:root 755\n"
    assert machine.run(["find", RUN, STATE, "!", "-user", "root"]).stdout == ""
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine)
    assert not machine.path("/etc/polkit-1/rules.d/50-mptcp-keeper.rules").is_symlink()


def test_units_are_left_to_root(unprivileged):
    """The daemon loads a file that declares units; only root's `apply` may reload systemd for them."""
    machine = unprivileged
    machine.write("/etc/systemd/system/web.service", "[Service]\nExecStart=/bin/sleep infinity\n")
    machine.write(FILE, scenario.CONFIG + "applications: {units: [web.service]}\n")
    machine.systemctl("reload", DAEMON)
    machine.ip("mptcp limits set subflows 1")
    wait_for_limits(machine)
    shown = machine.run(["mptcp-keeper", "diff"], check=False)
    assert shown.returncode == 2 and "web.service" in shown.stdout
    done = machine.keeper("apply")
    assert done.returncode == 0 and done.json["verified"], done.stdout + done.stderr
    assert "mptcp-keeper.conf" in machine.property("web.service", "DropInPaths")
    scenario.wait_until_in_sync(machine)
