# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profiles with DHCP keep their lease when their flags change."""

import pytest
from node import wait_for
from oracles import BusCalls, NetworkEvents

CONFIG = """
profiles:
  - match: {name: dsl}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""
WANTED = {"signal", "subflow"}
OLD = "subflow,also-without-default-route"


@pytest.fixture
def dhcp(lab):
    """A host with a two-minute lease on enp1s0, and an inactive device with a static profile."""
    segment = lab.segment("lan1", ["10.77.1.1/24"])
    host = lab.host()
    host.plug("enp1s0", segment)
    host.plug("enp2s0", lab.segment("lan2"))
    host.server = segment.serve("--dhcp-range=10.77.1.10,10.77.1.99,2m")
    host.start_network_manager()
    host.add_profile("dsl", "enp1s0", flags=OLD)
    host.add_profile("second", "enp2s0", "198.51.100.1/24", flags=OLD, up=False)
    (host.address,) = host.addresses("enp1s0")
    return host


def apply(host, config=CONFIG):
    done = host.keeper("apply", config=config)
    assert done.returncode == 0, done.stderr
    return done.json


def test_flags_change_and_lease_and_address_stay(dhcp):
    requests = dhcp.server.text().count("DHCPREQUEST")
    events, bus = NetworkEvents(dhcp), BusCalls(dhcp)
    report = apply(dhcp)
    assert events.stop() == []
    assert bus.stop_and_list_writes() == ["Update2"], "no reapply: it restarts DHCP"
    assert dhcp.server.text().count("DHCPREQUEST") == requests
    assert dhcp.addresses("enp1s0") == {dhcp.address}
    assert dhcp.endpoint_flags() == {dhcp.address: WANTED}
    assert dhcp.stored_flags("dsl") == WANTED | {"also-without-default-route"}

    (change,) = report["changes"]
    assert (change["name"], change["result"]) == ("dsl", "applied")
    assert any("nmcli connection up" in warning for warning in report["warnings"]), report["warnings"]
    (profile,) = (p for p in dhcp.keeper("status").json["profiles"] if p["name"] == "dsl")
    assert profile["in_sync"] and profile["live"] == OLD.split(",")[::-1], profile
    assert profile["pending"].startswith("nmcli connection up ")
    assert dhcp.keeper("diff").returncode == 0


def test_the_pending_command_makes_it_final(dhcp):
    apply(dhcp)
    (profile,) = (p for p in dhcp.keeper("status").json["profiles"] if p["name"] == "dsl")
    dhcp.run(["sh", "-c", profile["pending"]])
    wait_for(lambda: dhcp.endpoint_flags() == {dhcp.address: WANTED}, 5, "the endpoint after the activation")
    (profile,) = (p for p in dhcp.keeper("status").json["profiles"] if p["name"] == "dsl")
    assert profile["pending"] is None and profile["in_sync"]


def test_old_endpoint_that_another_activation_puts_back_is_repaired(dhcp):
    apply(dhcp)
    dhcp.nmcli("connection up second")
    wait_for(lambda: dhcp.endpoint_flags() == {dhcp.address: {"subflow"}, "198.51.100.1": {"subflow"}}, 5,
             "NetworkManager to restore the flags of the applied connection")
    assert dhcp.keeper("diff").returncode == 2
    events = NetworkEvents(dhcp)
    apply(dhcp)
    assert events.stop() == []
    assert dhcp.endpoint_flags() == {dhcp.address: WANTED, "198.51.100.1": {"subflow"}}
    assert dhcp.keeper("diff").returncode == 0


def test_a_renewed_lease_keeps_the_new_endpoint(dhcp):
    apply(dhcp)
    requests = dhcp.server.text().count("DHCPREQUEST")
    # the leases of dnsmasq last two minutes: NetworkManager renews them after one
    wait_for(lambda: dhcp.server.text().count("DHCPREQUEST") > requests, 90, "the lease to be renewed")
    assert dhcp.endpoint_flags() == {dhcp.address: WANTED}
    assert dhcp.addresses("enp1s0") == {dhcp.address}


def test_reapply_is_done_where_the_file_insists(dhcp):
    bus = BusCalls(dhcp)
    apply(dhcp, CONFIG.rstrip() + "\n    activation: reapply\n")
    assert sorted(bus.stop_and_list_writes()) == ["Reapply", "Update2"]
    wait_for(lambda: dhcp.endpoint_flags() == {dhcp.address: WANTED}, 20, "lease and endpoint")
