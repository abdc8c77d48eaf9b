# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices, endpoints and profiles of other programs."""

import pytest
from node import wait_for
from oracles import NetworkEvents, snapshot

EVERYTHING = """
profiles:
  - match: {name: "*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


def apply(host, config=None, *options):
    done = host.keeper("apply", *options, config=config)
    assert done.returncode == 0, done.stderr
    return done.json


def test_a_device_that_other_programs_configured_keeps_addresses_and_routes(host):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24")
    host.ip("address add 203.0.113.5/24 dev enp3s0")
    host.ip("link set dev enp3s0 up")
    host.ip("route add 198.51.100.0/24 via 203.0.113.254 dev enp3s0")
    wait_for(lambda: "connected (externally)" in host.nmcli("-t -f DEVICE,STATE device").stdout.split("enp3s0")[1],
             5, "NetworkManager to see the device")
    external = host.nmcli("-g GENERAL.CON-UUID device show enp3s0").stdout.strip()
    routes = host.ip("route show dev enp3s0").stdout
    events = NetworkEvents(host)
    report = apply(host, EVERYTHING)
    assert events.stop() == []
    assert [change["name"] for change in report["changes"]] == ["wan"]
    assert host.ip("route show dev enp3s0").stdout == routes
    assert host.addresses("enp3s0") == {"203.0.113.5"}
    assert host.stored_flags(external) == set()
    assert set(host.endpoints()) == {"192.0.2.1"}
    status = host.keeper("status")
    assert status.returncode == 0, status.stderr
    assert {skipped["uuid"] for skipped in status.json["skipped"]} >= {external}
    assert {skipped["name"] for skipped in status.json["skipped"]} == {"lo", "enp3s0"}


@pytest.mark.parametrize("foreign", [
    "203.0.113.9 signal",                    # without a device
    "192.0.2.1 port 5000 signal dev enp1s0", # with a port
    "198.51.100.9 subflow dev enp2s0",       # on a device that NetworkManager does not manage
    "192.0.2.77 subflow dev enp1s0",         # on a device that it manages
])
def test_foreign_endpoint_is_kept(host, foreign):
    host.nmcli("device set enp2s0 managed no")
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.ip("link set dev enp2s0 up")
    before = host.endpoints()
    host.ip(f"mptcp endpoint add {foreign}")
    added = {key: value for key, value in host.endpoints().items() if key not in before}
    apply(host, EVERYTHING)
    after = host.endpoints()
    assert {key: after.get(key) for key in added} == added
    assert after["192.0.2.1"]["flags"] == {"signal", "subflow"}
    apply(host, "{}")
    assert {key: host.endpoints().get(key) for key in added} == added


def test_only_the_foreign_endpoint_that_is_declared_absent_is_removed(host):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.ip("mptcp endpoint add 203.0.113.9 signal")
    host.ip("mptcp endpoint add 203.0.113.10 signal")
    report = apply(host, "endpoints: [{address: 203.0.113.9, state: absent}]")
    assert set(host.endpoints()) == {"192.0.2.1", "203.0.113.10"}
    assert [(c["key"], c["after"]) for c in report["changes"]] == [("203.0.113.9", None)]


def test_an_endpoint_of_network_manager_is_never_removed_as_absent(host):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.keeper("apply", config="endpoints: [{address: 192.0.2.1, state: absent}]")
    assert set(host.endpoints()) == {"192.0.2.1"}


def test_an_own_endpoint_follows_the_file(host):
    host.nmcli("device set enp2s0 managed no")
    host.ip("link set dev enp2s0 up")
    host.ip("address add 198.51.100.1/24 dev enp2s0")
    apply(host, "endpoints: [{address: 198.51.100.1, interface: enp2s0, flags: [subflow], id: 5}]")
    assert host.endpoints() == {"198.51.100.1": {"id": 5, "dev": "enp2s0", "flags": {"subflow"}}}
    apply(host, "endpoints: [{address: 198.51.100.1, interface: enp2s0, flags: [subflow, backup], id: 5}]")
    assert host.endpoints() == {"198.51.100.1": {"id": 5, "dev": "enp2s0", "flags": {"subflow", "backup"}}}
    apply(host, "endpoints: [{address: 198.51.100.1, port: 4000, flags: [signal]}]")
    assert host.endpoint_flags() == {"198.51.100.1:4000": {"signal"}}
    apply(host, "{}")
    assert host.endpoints() == {}


def test_endpoint_waits_for_its_address(host):
    host.nmcli("device set enp2s0 managed no")
    host.ip("link set dev enp2s0 up")
    config = "endpoints: [{address: 198.51.100.1, flags: [subflow]}, {address: 203.0.113.9, flags: [signal]}]"
    report = apply(host, config)
    assert {c["key"]: c["result"] for c in report["changes"]} == {"198.51.100.1": "deferred",
                                                                  "203.0.113.9": "applied"}
    assert report["warnings"]
    assert host.endpoint_flags() == {"203.0.113.9": {"signal"}}, "a public address behind NAT does not have to wait"
    assert host.keeper("diff").returncode == 0
    host.ip("address add 198.51.100.1/24 dev enp2s0")
    apply(host)
    assert host.endpoint_flags() == {"203.0.113.9": {"signal"}, "198.51.100.1": {"subflow"}}


def test_an_endpoint_that_network_manager_creates_is_refused_with_the_rule_to_declare(host):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    before = host.endpoints()
    done = host.keeper("apply", config="endpoints: [{address: 192.0.2.1, flags: [signal]}]")
    assert done.returncode == 1
    (change,) = done.json["changes"]
    assert change["result"] == "failed"
    assert "profiles" in change["error"] and "mptcp-flags" in change["error"]
    assert host.endpoints() == before


def test_pinned_id_in_use_names_the_holder(host):
    host.ip("mptcp endpoint add 203.0.113.9 signal id 5")
    done = host.keeper("apply", config="endpoints: [{address: 203.0.113.10, flags: [signal], id: 5}]")
    assert done.returncode == 1
    assert "203.0.113.9" in done.json["changes"][0]["error"]
    assert set(host.endpoints()) == {"203.0.113.9"}


def test_without_declarations_nothing_is_changed(host):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.ip("mptcp endpoint add 203.0.113.9 signal")
    host.sysctl("net.mptcp.add_addr_timeout", 77)
    before = snapshot(host)
    done = host.keeper("apply")
    assert done.returncode == 0 and done.json["changed"] is False and done.json["warnings"]
    assert snapshot(host) == before
