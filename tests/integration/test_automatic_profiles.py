# SPDX-License-Identifier: LGPL-2.1-or-later
"""NetworkManager as on desktops: devices without a profile get an automatic one ("Wired connection 1")."""

import shlex

import pytest
from daemon_host import Daemon
from node import wait_for
from oracles import NetworkEvents

CONFIG = """profiles:
  - match: {type: ethernet}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""
FLAGS = {"signal", "subflow", "also-without-default-route"}
NAME = "Wired connection 1"
FILE = f"/etc/NetworkManager/system-connections/{NAME}.nmconnection"


@pytest.fixture
def desktop(lab):
    """A host whose only profile is the automatic one, on DHCP."""
    host = lab.host("desktop")
    segment = lab.segment("lan", ["192.0.2.254/24"])
    segment.serve("--dhcp-range=192.0.2.100,192.0.2.199,10m")
    host.plug("enp1s0", segment)
    host.start_network_manager(automatic=True)
    wait_for(lambda: host.addresses("enp1s0"), 20, "an address")
    host.wait_until_settled()
    return host


def external_devices(host):
    """Manually configured devices, as NetworkManager and the kernel show them."""
    shown = host.nmcli("-t -f DEVICE,STATE,CONNECTION device").stdout.splitlines()
    return {
        "devices": sorted(line for line in shown if "externally" in line),
        "addresses": [host.ip(f"-br address show dev {name}").stdout for name in ("lo", "br0", "br1")],
        "routes": host.ip("route show table all").stdout,
        "profiles": sorted(host.path("/run/NetworkManager/system-connections").glob("*")),
    }


def configure_by_hand(host):
    """Two bridges like those of Docker or libvirt. (Without udev, NetworkManager manages every veth.)"""
    with host.unseen_by_network_manager():
        for name, address in (("br0", "172.17.0.1/16"), ("br1", "203.0.113.1/24")):
            host.ip(f"link add {name} type bridge stp_state 0 forward_delay 0")
            host.ip(f"address add {address} dev {name}")
            host.ip(f"link set dev {name} up")
        host.ip("route add 10.99.0.0/16 via 203.0.113.9 dev br1")
    wait_until_external(host)


def wait_until_external(host):
    wait_for(lambda: sum("externally" in line for line in host.nmcli("device").stdout.splitlines()) >= 3, 20,
             "NetworkManager to see the manual configuration")
    wait_for(lambda: host.addresses("enp1s0"), 20, "an address")
    host.wait_until_settled()


def test_an_automatic_profile_is_applied_without_losing_anything(desktop):
    address, = desktop.addresses("enp1s0")
    routes = desktop.ip("route").stdout
    events = NetworkEvents(desktop)
    done = desktop.keeper("apply", config=CONFIG)
    assert done.returncode == 0 and done.json["verified"], done.stderr
    assert [change["name"] for change in done.json["changes"]] == [NAME]
    assert desktop.stored_flags(NAME) == FLAGS
    assert desktop.endpoint_flags() == {address: {"signal", "subflow"}}
    assert desktop.keeper("diff").returncode == 0
    assert [line for line in events.stop() if "Deleted" in line] == []
    assert desktop.addresses("enp1s0") == {address} and desktop.ip("route").stdout == routes
    assert desktop.keeper("reset").returncode == 0
    assert desktop.stored_flags(NAME) == set()


def test_it_is_reported_as_in_memory_only_and_the_command_saves_it(desktop):
    address, = desktop.addresses("enp1s0")
    done = desktop.keeper("diff", config=CONFIG)
    warning, = [text for text in done.json["warnings"] if "in memory only" in text]
    assert warning in desktop.keeper("apply").json["warnings"]
    assert not desktop.path(FILE).exists()
    events = NetworkEvents(desktop)
    command = warning.split("`")[1]
    assert shlex.split(command)[3] == NAME
    desktop.run(["sh", "-c", command])
    assert events.stop() == [] and desktop.addresses("enp1s0") == {address}
    assert desktop.path(FILE).exists() and desktop.stored_flags(NAME) == FLAGS
    assert desktop.keeper("diff").returncode == 0
    assert "in memory only" not in str(desktop.keeper("diff").json["warnings"])
    desktop.restart_network_manager()
    wait_for(lambda: desktop.addresses("enp1s0"), 20, "an address")
    assert desktop.stored_flags(NAME) == FLAGS


def test_after_network_managers_restart_the_daemon_has_it_right_again(desktop):
    daemon = Daemon(desktop, CONFIG)

    def is_right():
        addresses = desktop.addresses("enp1s0")
        return (desktop.nmcli(["-g", "connection.uuid", "connection", "show", NAME], check=False).returncode == 0
                and desktop.stored_flags(NAME) == FLAGS
                and desktop.endpoint_flags() == {address: {"signal", "subflow"} for address in addresses})
    wait_for(is_right, 10, "the first round")
    desktop.stop_network_manager()
    desktop.run(["sh", "-c", "rm -f /run/NetworkManager/system-connections/*"])  # as after a boot
    desktop.restart_network_manager()
    wait_for(is_right, 15, "the daemon")
    assert daemon.stop() == 0


def test_devices_configured_by_hand_are_left_alone(desktop):
    configure_by_hand(desktop)
    for _ in range(2):
        before = external_devices(desktop)
        assert len(before["devices"]) == 3
        events = NetworkEvents(desktop)
        done = desktop.keeper("apply", config='profiles: [{match: {name: "*"}, mptcp-flags: [signal]}]\n')
        assert done.returncode == 0, done.stderr
        assert {change["name"] for change in done.json["changes"]} <= {NAME}
        status = desktop.keeper("status").json
        assert {one["name"] for one in status["skipped"]} == {"lo", "br0", "br1"}
        assert [one["name"] for one in status["profiles"]] == [NAME]
        assert desktop.keeper("reset").returncode == 0
        assert [line for line in events.stop() if "enp1s0" not in line] == []
        assert external_devices(desktop) == before
        # NetworkManager assumes the configuration that it finds when it starts: the result is the same.
        desktop.restart_network_manager()
        wait_until_external(desktop)


def test_names_are_quoted_in_commands(desktop):
    uuid = desktop.nmcli(["-g", "connection.uuid", "connection", "show", NAME]).stdout.strip()
    for name in ("it's $HOME; (x)", 'a "b" & c'):
        desktop.nmcli(["connection", "modify", "--temporary", uuid, "connection.id", name])
        done = desktop.keeper("diff", config=CONFIG)
        warning, = [text for text in done.json["warnings"] if "in memory only" in text]
        desktop.run(["sh", "-c", warning.split("`")[1]])
        assert desktop.nmcli(["-g", "connection.id", "connection", "show", uuid]).stdout.strip() == name
        assert desktop.stored_flags(uuid) == FLAGS
        assert "in memory only" not in str(desktop.keeper("diff").json["warnings"])
