# SPDX-License-Identifier: LGPL-2.1-or-later
"""applications.never on a booted system: units that stay on TCP, whatever would make them use MPTCP."""

import subprocess

import pytest
from debian import unpacked
from node import LabError

import go_program
import programs
from programs import FOLDER, HARMLESS, WRAPPER, declare, environment_of, sockets_of, wait_for_sockets

WEB = ("web@8080.service", "web@8081.service")
# a program that requests MPTCP itself, as nginx does with `listen 80 multipath`
NATIVE = programs.LISTENER.replace("SOCK_STREAM, 0", "SOCK_STREAM, 262")
WEBHOOK = "/opt/webhook -verbose -hooks=/opt/hooks.json -ip=127.0.0.1 -port=5001"


def states(machine):
    """{unit: (state, reason)} of status."""
    return {one["unit"]: (one["state"], one["reason"]) for one in machine.keeper("status").json["units"]}


def unit_changes(done):
    """{unit: (before, after)} of the units in a document's changes."""
    return {one["key"]: (one["before"], one["after"]) for one in done.json["changes"] if one["resource"] == "unit"}


def install(machine, program, path):
    """Copies a program to the machine."""
    machine.path(path).write_bytes(program.read_bytes())
    machine.path(path).chmod(0o755)


def add_service(machine, unit, text):
    """Adds a unit to the running machine and starts it."""
    programs.add_units(machine, {unit: text})
    machine.systemctl("daemon-reload")
    machine.systemctl("start", unit)


def test_a_unit_that_loads_the_library_itself_stays_on_tcp(machine):
    """The library and the setting go, the unit's other values stay; without the declaration they are back."""
    programs.compile_into(machine)
    machine.boot()
    (library,) = programs.wrappers(machine)
    own = f'Environment=LD_PRELOAD={HARMLESS}:{library} GODEBUG=http2client=0,multipathtcp=1'
    add_service(machine, "loads.service", programs.web("8085", own))
    wait_for_sockets(machine, "loads.service", "MPTCP")

    declare(machine, never=["loads.service"])
    assert unit_changes(machine.keeper("diff")) == {"loads.service": ("mptcp", "tcp")}
    done = machine.keeper("apply")
    assert done.returncode == 0 and sockets_of(machine, "loads.service") == "MPTCP", done.stderr
    state, reason = states(machine)["loads.service"]
    assert state == "needs-restart" and "restart" in reason
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    wait_for_sockets(machine, "loads.service", "TCP")
    variables = environment_of(machine, "loads.service")
    assert (variables["LD_PRELOAD"], variables["GODEBUG"]) == (HARMLESS, "http2client=0,multipathtcp=0")
    assert not any(name.startswith(WRAPPER) for name in programs.libraries_of(machine, "loads.service"))
    assert states(machine) == {"loads.service": ("in-effect", None)}
    done = machine.keeper("diff")
    assert done.returncode == 0 and done.json["warnings"] == []
    assert "loads.service" in machine.run(["mptcp-keeper", "status"]).stdout

    declare(machine)
    done = machine.keeper("apply")
    assert done.returncode == 0 and unit_changes(done) == {"loads.service": ("tcp", None)}
    assert programs.drop_in(machine, "loads.service") is None and states(machine) == {}
    machine.systemctl("restart", "loads.service")
    wait_for_sockets(machine, "loads.service", "MPTCP")


def test_a_go_program_stays_on_tcp(machine):
    """Debian's webhook, built with Go 1.24; with MPTCP switched off while the unit starts, too."""
    try:
        program = unpacked("trixie", "webhook") / "usr/bin/webhook"
    except LabError as error:
        pytest.skip(f"no webhook: {error}")
    machine.write("/opt/hooks.json", "[]\n")
    install(machine, program, "/opt/webhook")
    programs.add_units(machine, {"hook.service": programs.service(WEBHOOK, "Environment=GODEBUG=multipathtcp=1")})
    machine.boot()
    machine.systemctl("start", "hook.service")
    wait_for_sockets(machine, "hook.service", "MPTCP")
    declare(machine, never=["hook.service"])
    assert machine.keeper("apply", "--restart-units").returncode == 0
    wait_for_sockets(machine, "hook.service", "TCP")
    assert states(machine) == {"hook.service": ("in-effect", None)}

    machine.run(["sysctl", "-qw", "net.mptcp.enabled=0"])
    machine.systemctl("restart", "hook.service")
    wait_for_sockets(machine, "hook.service", "TCP")
    assert environment_of(machine, "hook.service")["GODEBUG"] == "multipathtcp=0"


def test_a_go_program_that_listens_with_mptcp_by_default(machine):
    """Nothing declares that: doctor reports it, and its fix keeps the program on TCP. SetMultipathTCP prevails."""
    try:
        program = go_program.listener()
    except LabError as error:
        pytest.skip(f"no Go 1.24: {error}")
    for path in ("/opt/gobgpd", "/opt/asks"):
        machine.path("/opt").mkdir(exist_ok=True)
        install(machine, program, path)
    programs.add_units(machine, {"gobgpd.service": programs.service("/opt/gobgpd 4041"),
                                 "asks.service": programs.service("/opt/asks 4042 mptcp")})
    machine.boot()
    machine.systemctl("start", "gobgpd.service", "asks.service")
    for unit in ("gobgpd.service", "asks.service"):
        wait_for_sockets(machine, unit, "MPTCP")
    (finding,) = (one for one in machine.keeper("doctor", "--unit", "gobgpd.service").json["findings"]
                  if one["code"] == "GO_PROGRAM")
    assert "nothing declares that" in finding["evidence"] and "since 1.24" in finding["evidence"]
    assert "TCP_MD5SIG" in finding["evidence"] and finding["severity"] == "warning"
    assert finding["fix"] == "applications:\n  never: [gobgpd.service]"

    machine.write("/etc/mptcp-keeper/conf.d/fix.yaml", finding["fix"] + "\n")
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0 and unit_changes(done)["gobgpd.service"] == ("mptcp", "tcp")
    wait_for_sockets(machine, "gobgpd.service", "TCP")
    assert states(machine) == {"gobgpd.service": ("in-effect", None)}
    codes = {one["code"] for one in machine.keeper("doctor", "--unit", "gobgpd.service").json["findings"]}
    assert "APP_USES_TCP" not in codes

    declare(machine, never=["asks.service"])
    done = machine.keeper("apply", "--restart-units")
    (result,) = (one["result"] for one in done.json["changes"] if one["key"] == "asks.service")
    assert done.returncode == 0 and result == "unsupported"
    wait_for_sockets(machine, "asks.service", "MPTCP")
    state, reason = states(machine)["asks.service"]
    assert state == "ineffective" and "SetMultipathTCP" in reason


def test_never_wins_over_globs_and_templates(machine):
    programs.add_units(machine, {"web@.service": programs.web("%i", "DynamicUser=yes")})
    machine.boot()
    machine.systemctl("start", *WEB)
    for unit in WEB:
        wait_for_sockets(machine, unit, "TCP")
    pid = machine.property(WEB[1], "MainPID")
    declare(machine, "'web@*.service'", never=[WEB[1], "missing.service"])
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    assert any("missing.service" in warning for warning in done.json["warnings"])
    wait_for_sockets(machine, WEB[0], "MPTCP")
    assert machine.property(WEB[1], "MainPID") == pid, "it has no MPTCP socket, so it needs no restart"
    assert {unit: state for unit, (state, _) in states(machine).items()} == {
        WEB[0]: "in-effect", WEB[1]: "in-effect", "missing.service": "not-found"}
    machine.systemctl("restart", *WEB)
    wait_for_sockets(machine, WEB[0], "MPTCP")
    wait_for_sockets(machine, WEB[1], "TCP")

    declare(machine, "'web*.service'", never=["web@.service"])
    assert machine.keeper("apply", "--restart-units").returncode == 0
    for unit in WEB:
        wait_for_sockets(machine, unit, "TCP")
        assert states(machine)[unit] == ("in-effect", None)


def test_a_program_that_requests_mptcp_itself_is_ineffective(machine):
    machine.path(FOLDER).mkdir(parents=True)
    for name in ("nginx", "other"):
        subprocess.run(["cc", "-x", "c", "-", "-o", machine.path(f"{FOLDER}/{name}")], input=NATIVE, text=True, check=True)
    units = {f"{name}.service": programs.service(f"{FOLDER}/{name} {port}")
             for name, port in (("nginx", 4011), ("other", 4012))}
    programs.add_units(machine, units)
    declare(machine, never=list(units))
    machine.boot()
    machine.systemctl("start", *units)
    for unit in units:
        wait_for_sockets(machine, unit, "MPTCP")
    found = states(machine)
    assert {state for state, _ in found.values()} == {"ineffective"}
    assert "remove `multipath` from its `listen` lines" in found["nginx.service"][1]
    assert "requests MPTCP itself" in found["other.service"][1]
    done = machine.keeper("apply", "--restart-units")
    results = {one["key"]: one["result"] for one in done.json["changes"] if one["resource"] == "unit"}
    assert done.returncode == 0 and results == dict.fromkeys(units, "unsupported")


def test_socket_units(machine):
    """One that `units` turned goes back to TCP; the own setting of another cannot be reset, and is reported."""
    text = "[Socket]\nListenStream={}\nAccept=yes\n"
    programs.add_units(machine, {"own.socket": text.format(7000) + "SocketProtocol=mptcp\n",
                                 "own@.service": programs.service("/bin/cat"),
                                 "turned.socket": text.format(7001), "turned@.service": programs.service("/bin/cat")})
    machine.boot()
    if int(machine.systemctl("--version").split()[1]) < 257:
        pytest.skip("this systemd does not support SocketProtocol=mptcp")
    declare(machine, "turned.socket")
    machine.systemctl("daemon-reload")
    machine.systemctl("start", "own.socket", "turned.socket")
    assert programs.mptcp_listeners(machine) == {7000, 7001}
    declare(machine, "'t*.socket'", never=["own.socket", "turned.socket"])
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    assert programs.mptcp_listeners(machine) == {7000}
    assert programs.drop_in(machine, "turned.socket") is None
    assert states(machine)["turned.socket"] == ("in-effect", None)
    state, reason = states(machine)["own.socket"]
    assert state == "ineffective" and "its own files set SocketProtocol=mptcp" in reason
    assert [warning for warning in machine.keeper("diff").json["warnings"] if "own.socket" in warning]
