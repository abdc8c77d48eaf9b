# SPDX-License-Identifier: LGPL-2.1-or-later
"""applications.units on a booted system: the sockets of declared units, over reboots, reloads and failures."""

import pytest

import programs
import scenario
from node import wait_for
from programs import DROP_IN, ENVIRONMENTS, GENERATED, HARMLESS, WRAPPER, declare, wait_for_sockets

WEB = "web@8080.service"
PEER = "192.0.2.254"


def reload(machine, *units):
    """Reloads systemd and restarts units."""
    machine.systemctl("daemon-reload")
    if units:
        machine.systemctl("restart", *units)


def leftovers(machine):
    """The drop-ins and files that exist because of applications.units."""
    folder = machine.path(ENVIRONMENTS)
    return sorted([str(path.relative_to(machine.path(GENERATED))) for path in machine.path(GENERATED).rglob(DROP_IN)]
                  + [path.name for path in (folder.iterdir() if folder.is_dir() else ())])


def talk_with_iperf3(machines, machine):
    """Runs an iperf3 client with MPTCP in the other namespace; returns the connections on the machine."""
    before = programs.counters(machine)
    client = machines.lab.network.start(["mptcpize", "run", "iperf3", "-c", scenario.ADDRESSES["enp1s0"], "-t", "60"])
    try:
        # iperf3 opens a control and a data connection
        wait_for(lambda: sum(one["M"] for one in machine.mptcp_connections().values()) >= 2, 20,
                 f"MPTCP connections; the client: {client.text()}")
    finally:
        client.stop()
    after = programs.counters(machine)
    return {name: after[name] - before[name] for name in ("MPCapableSYNRX", "MPCapableFallbackACK")}


def test_declared_and_rebooted_then_undeclared(machines, machine):
    """iperf3 and a web server, on a kernel that starts with MPTCP off, as on RHEL."""
    machines.segment("m1lan1").node.ip(f"address add {PEER}/24 dev m1lan1")
    machine.kernel_defaults = {"net.mptcp.enabled": "0"}
    programs.add_units(machine, {"web@.service": programs.web("%i", "DynamicUser=yes")})
    scenario.enable(machine, *scenario.UNITS[:2])
    for unit in ("iperf3.service", WEB):
        programs.want(machine, unit)
    machine.boot()
    for unit in ("iperf3.service", WEB):
        wait_for_sockets(machine, unit, "TCP")
    assert programs.mptcp_listeners(machine) == set() and leftovers(machine) == []

    declare(machine, "iperf3.service", WEB)
    machine.shut_down()
    machine.boot()
    for unit in ("iperf3.service", WEB):
        wait_for_sockets(machine, unit, "MPTCP")
        assert programs.drop_in(machine, unit) == f"{GENERATED}/{unit}.d/{DROP_IN}"
    assert programs.mptcp_listeners(machine) == {5201, 8080}
    assert programs.states(machine) == {"iperf3.service": "in-effect", WEB: "in-effect"}
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    grown = talk_with_iperf3(machines, machine)
    assert grown["MPCapableSYNRX"] >= 2 and grown["MPCapableFallbackACK"] == 0
    assert machine.property("iperf3.service", "FragmentPath").endswith("/lib/systemd/system/iperf3.service")
    assert not machine.path("/etc/systemd/system/iperf3.service").exists()

    declare(machine)
    reload(machine)
    assert programs.drop_in(machine, "iperf3.service") is None and leftovers(machine) == []
    machine.systemctl("restart", "iperf3.service", WEB)
    for unit in ("iperf3.service", WEB):
        wait_for_sockets(machine, unit, "TCP")
    assert programs.mptcp_listeners(machine) == set() and leftovers(machine) == []
    assert programs.states(machine) == {}
    assert machine.systemctl("--failed", "--plain", "--no-legend") == ""


RICH = [f'Environment=LD_PRELOAD={HARMLESS} GODEBUG=http2client=0 COLOUR=blue "NAME=two words, a \\"quote\\" and $5"',
        "EnvironmentFile=/etc/default/rich", "DynamicUser=yes", "ProtectSystem=strict", "Restart=always", "RestartSec=0",
        "[Unit]", "StartLimitIntervalSec=0"]


@pytest.fixture
def rich(machine):
    """A booted machine with a unit that has its own environment, and the unit's name."""
    programs.compile_into(machine)
    programs.add_units(machine, {"rich.service": programs.web("8081", *RICH)})
    machine.write("/etc/default/rich", "SHAPE=round\nGODEBUG=http2server=0\n")
    declare(machine, "rich.service")
    machine.boot()
    machine.systemctl("start", "rich.service")
    wait_for_sockets(machine, "rich.service", "MPTCP")
    return machine


def own_variables(machine):
    """The unit's own values, without the additions of mptcp-keeper, which must be present once."""
    variables = programs.environment_of(machine, "rich.service")
    libraries, settings = variables["LD_PRELOAD"].split(":"), variables["GODEBUG"].split(",")
    assert WRAPPER in libraries.pop() and not any(WRAPPER in name for name in libraries)
    assert settings.pop() == "multipathtcp=1" and not any("multipathtcp" in setting for setting in settings)
    return {"LD_PRELOAD": libraries, "GODEBUG": settings,
            **{name: variables.get(name) for name in ("COLOUR", "NAME", "SHAPE")}}


def test_the_environment_of_the_unit_survives(rich):
    expected = {"LD_PRELOAD": [HARMLESS], "GODEBUG": ["http2server=0"], "COLOUR": "blue",
                "NAME": 'two words, a "quote" and $5', "SHAPE": "round"}
    for start in ("first", "second", "third", "after a crash"):
        wait_for_sockets(rich, "rich.service", "MPTCP")
        assert own_variables(rich) == expected, start
        mapped = programs.libraries_of(rich, "rich.service")
        assert "libharmless.so" in mapped and any(name.startswith(WRAPPER) for name in mapped)
        pid = rich.property("rich.service", "MainPID")
        if start == "third":
            rich.systemctl("kill", "--signal=KILL", "rich.service")
        else:
            rich.systemctl("restart", "rich.service")
        wait_for(lambda: rich.property("rich.service", "MainPID") not in (pid, "0"), 20, "another process")

    # the unit's environment changes while it is undeclared and running; it must be used when it is declared again
    declare(rich)
    reload(rich)
    assert leftovers(rich) == []
    rich.write("/etc/default/rich", "SHAPE=square\nGODEBUG=http2server=1\n")
    programs.add_units(rich, {"rich.service": programs.web("8081", *RICH[1:])})
    declare(rich, "rich.service")
    reload(rich, "rich.service")
    wait_for_sockets(rich, "rich.service", "MPTCP")
    assert own_variables(rich) == {"LD_PRELOAD": [], "GODEBUG": ["http2server=1"], "COLOUR": None, "NAME": None,
                                   "SHAPE": "square"}


def test_a_file_that_a_stopped_unit_left_is_not_read(rich):
    rich.systemctl("stop", "rich.service")
    assert leftovers(rich) == [f"rich.service.d/{DROP_IN}"]
    # as after an interrupted stop
    rich.write(f"{ENVIRONMENTS}/rich.service", 'LD_PRELOAD="/stale.so"\nGODEBUG="stale=1"\n')
    rich.systemctl("start", "rich.service")
    wait_for_sockets(rich, "rich.service", "MPTCP")
    assert own_variables(rich)["LD_PRELOAD"] == [HARMLESS]
    assert own_variables(rich)["GODEBUG"] == ["http2server=0"]


def test_without_its_environment_a_unit_starts_all_the_same(rich):
    def starts_with_tcp(why):
        rich.systemctl("restart", "rich.service")
        wait_for_sockets(rich, "rich.service", "TCP")
        assert programs.environment_of(rich, "rich.service")["LD_PRELOAD"] == HARMLESS, why

    (library,) = {path for path in programs.wrappers(rich)}
    rich.run(["mv", library, "/root/wrapper"])
    starts_with_tcp("no library")
    (unit,) = rich.keeper("status").json["units"]
    assert unit["state"] == "ineffective" and "libmptcpwrap" in unit["reason"]
    assert any("rich.service" in line and "libmptcpwrap" in line for line in rich.keeper("diff").json["warnings"])
    rich.run(["mv", "/root/wrapper", library])

    rich.run(["sh", "-c", f"rm -r {ENVIRONMENTS} && touch {ENVIRONMENTS}"])
    starts_with_tcp("no folder to write to")
    assert programs.states(rich) == {"rich.service": "needs-restart"}
    rich.run(["rm", ENVIRONMENTS])

    helper = "/usr/lib/mptcp-keeper/unit-environment"
    rich.run(["mv", helper, "/root/helper"])
    starts_with_tcp("no helper")
    rich.run(["mv", "/root/helper", helper])
    rich.systemctl("restart", "rich.service")
    wait_for_sockets(rich, "rich.service", "MPTCP")
    assert rich.systemctl("--failed", "--plain", "--no-legend") == ""
