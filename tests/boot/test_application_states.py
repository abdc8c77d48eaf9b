# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reports of mptcp-keeper about units and their programs, compared with their real state."""

import programs
from node import wait_for
from programs import FOLDER, declare, wait_for_sockets

# Stores its listener in systemd and gets it back after a restart: sd_pid_notify_with_fds(3).
KEEPS_ITS_LISTENER = """
import array, os, socket
if os.environ.get("LISTEN_FDS"):
    server = socket.socket(fileno=3)
else:
    server = socket.create_server(("127.0.0.1", 4006))
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.connect(os.environ["NOTIFY_SOCKET"])
    notify.sendmsg([b"FDSTORE=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [server.fileno()]))])
while True:
    server.accept()[0].close()
"""
# Sets up kernel TLS on its listener: MPTCP sockets do not support TCP_ULP.
NEEDS_PLAIN_TCP = """
import errno, socket, sys
server = socket.create_server(("127.0.0.1", 4007))
try:
    server.setsockopt(socket.IPPROTO_TCP, 31, b"tls")
except OSError as error:
    if error.errno in (errno.EOPNOTSUPP, errno.ENOPROTOOPT):
        sys.exit(3)
while True:
    server.accept()[0].close()
"""

LISTENERS = {"plain.service": programs.service(f"{FOLDER}/dynamic 4001"),
             "static.service": programs.service(f"{FOLDER}/static 4002"),
             "setuid.service": programs.service(f"{FOLDER}/setuid 4003", "User=nobody"),
             "wrapped.service": programs.service(f"/bin/sh -c '{FOLDER}/static 4004; true'")}
REASONS = {"static.service": "static", "wrapped.service": "static", "setuid.service": "setuid"}


def findings(machine, unit):
    """The findings of doctor about a unit: {code: evidence}."""
    report = machine.keeper("doctor", "--unit", unit).json
    return {one["code"]: one["evidence"] for one in report["findings"] if unit in one["subject"]}


def test_units_of_all_kinds(machine):
    programs.compile_into(machine)
    programs.add_units(machine, {**LISTENERS, "idle.service": programs.service(f"{FOLDER}/dynamic 4005")})
    machine.boot()
    machine.systemctl("start", *LISTENERS)
    declare(machine, "idle.service", "missing.service", *LISTENERS)
    machine.systemctl("daemon-reload")
    for unit in LISTENERS:
        wait_for_sockets(machine, unit, "TCP")
    # what a restart would not change is reported before it
    ineffective = {unit: "ineffective" for unit in REASONS}
    others = {"idle.service": "not-running", "missing.service": "not-found"}
    assert programs.states(machine) == {"plain.service": "needs-restart", **ineffective, **others}
    assert "plain TCP" in findings(machine, "plain.service")["APP_USES_TCP"]

    machine.systemctl("restart", *LISTENERS)
    for unit in LISTENERS:
        wait_for_sockets(machine, unit, "TCP" if unit in REASONS else "MPTCP")
    status = machine.keeper("status").json["units"]
    assert {one["unit"]: one["state"] for one in status} == {"plain.service": "in-effect", **ineffective, **others}
    for unit, word in REASONS.items():
        (reason,) = (one["reason"] for one in status if one["unit"] == unit)
        assert word in reason and FOLDER.rpartition("/")[2] not in reason
        assert any(f"{unit}: " in warning and word in warning for warning in machine.keeper("diff").json["warnings"])
    assert findings(machine, "plain.service") == {}
    assert "statically linked" in findings(machine, "static.service")["PRELOAD_INEFFECTIVE"]
    assert "statically linked" in findings(machine, "wrapped.service")["PRELOAD_INEFFECTIVE"]
    assert "setuid" in findings(machine, "setuid.service")["PRELOAD_INEFFECTIVE"]
    skipped = machine.keeper("doctor", "--unit", "idle.service").json["skipped"]
    assert any("idle.service" in one["check"] for one in skipped)


def start_script(machine, unit, script, *lines):
    """Boots the machine with a service that runs the Python script, and starts that without MPTCP."""
    machine.write(f"/opt/{unit}.py", script)
    programs.add_units(machine, {unit: programs.service(f"/usr/bin/python3 /opt/{unit}.py", *lines)})
    machine.boot()
    machine.systemctl("start", unit)
    wait_for_sockets(machine, unit, "TCP")
    declare(machine, unit)


def test_a_listener_that_systemd_keeps_across_the_restart_is_reported_with_its_fix(machine):
    start_script(machine, "keeps.service", KEEPS_ITS_LISTENER, "FileDescriptorStoreMax=4", "NotifyAccess=main")
    wait_for(lambda: machine.property("keeps.service", "NFileDescriptorStore") == "1", 10, "the stored listener")
    machine.keeper("apply", "--restart-units")
    wait_for_sockets(machine, "keeps.service", "TCP")
    (reported,) = machine.keeper("status").json["units"]
    assert (reported["unit"], reported["state"]) == ("keeps.service", "ineffective")
    assert "they were passed to it" in reported["reason"]
    cure = reported["reason"].partition("run `")[2].partition("`")[0]
    assert cure.startswith("systemctl stop keeps.service")
    machine.run(["sh", "-c", cure], check=False)  # systemd before 254 cannot clean it and reports an error
    wait_for_sockets(machine, "keeps.service", "MPTCP")
    assert programs.states(machine) == {"keeps.service": "in-effect"}


def test_a_service_that_fails_with_mptcp_is_reported_and_can_be_reverted(machine):
    start_script(machine, "tls.service", NEEDS_PLAIN_TCP)
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 1
    (change,) = (one for one in done.json["changes"] if one["key"] == "tls.service")
    assert change["result"] == "failed" and "exit-code, status 3" in change["error"]
    assert machine.property("tls.service", "ActiveState") == "failed"
    (reported,) = machine.keeper("status").json["units"]
    assert reported["state"] == "not-running" and reported["reason"].startswith("it failed")
    declare(machine)
    assert machine.keeper("apply").returncode == 0
    machine.systemctl("start", "tls.service")
    wait_for_sockets(machine, "tls.service", "TCP")
