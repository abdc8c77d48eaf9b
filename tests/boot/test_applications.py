"""applications.units on a booted system: what declared units run with, over reboots, reloads and failures."""

import programs
import scenario
from node import wait_for
from programs import DROP_IN, ENVIRONMENTS, GENERATED, declare, wait_for_sockets

WEB = "web@8080.service"
PEER = "192.0.2.254"


def reload(machine, *units):
    """Lets systemd read everything again and restarts units."""
    machine.systemctl("daemon-reload")
    if units:
        machine.systemctl("restart", *units)


def leftovers(machine):
    """What is there for units because of applications.units."""
    folder = machine.path(ENVIRONMENTS)
    return sorted([str(path.relative_to(machine.path(GENERATED))) for path in machine.path(GENERATED).rglob(DROP_IN)]
                  + [path.name for path in (folder.iterdir() if folder.is_dir() else ())])


def talk_with_iperf3(machines, machine):
    """An iperf3 client in the other namespace, which uses MPTCP; returns how the machine's kernel saw it."""
    before = programs.counters(machine)
    client = machines.lab.network.start(["mptcpize", "run", "iperf3", "-c", scenario.ADDRESSES["enp1s0"], "-t", "60"])
    try:
        # iperf3 has a connection for control and one for data
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
