# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profiles with static addresses: the effect on the device, and what must not happen to it."""

import pytest
from node import wait_for
from oracles import BusCalls, NetworkEvents, SystemCalls, snapshot

ALL = {"signal", "subflow", "also-without-default-route"}
WAN = """
sysctl: {add_addr_timeout: 60}
limits: {subflows: 4, add_addr_accepted: 3}
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


def apply(host, config=None, *options):
    done = host.keeper("apply", *options, config=config)
    assert done.returncode == 0, done.stderr
    assert done.json["verified"] and not done.json["failed"], done.json
    return done.json


def test_sysctls_limits_flags_and_endpoints_are_applied(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24")
    host.add_profile("lan", "enp3s0", "203.0.113.1/24")
    report = apply(host, WAN)
    assert report["changed"] and not report["dry_run"]
    assert host.sysctl("net.mptcp.add_addr_timeout") == "60"
    assert host.limits() == {"subflows": 4, "add_addr_accepted": 3}
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}, "198.51.100.1": {"signal", "subflow"}}
    assert host.endpoints()["192.0.2.1"]["dev"] == "enp1s0"
    assert [host.stored_flags(name) for name in ("wan1", "wan2", "lan")] == [ALL, ALL, set()]
    assert [host.live_flags(f"enp{n}s0") for n in (1, 2, 3)] == [ALL, ALL, set()]
    changed = {(change["resource"], change.get("name") or change["key"]) for change in report["changes"]}
    assert changed == {("sysctl", "net.mptcp.add_addr_timeout"), ("limit", "subflows"),
                       ("limit", "add_addr_accepted"), ("profile", "wan1"), ("profile", "wan2")}
    assert {change["result"] for change in report["changes"]} == {"applied"}
    assert all(change["source"].startswith("/etc/mptcp-keeper/config.yaml:") for change in report["changes"])


@pytest.mark.parametrize("addresses", [
    ["192.0.2.1/24"],
    ["192.0.2.1/24", "2001:db8:1::1/64"],
    ["2001:db8:1::1/64"],
    ["192.0.2.1/24", "192.0.2.11/24", "10.0.0.1/8", "2001:db8:1::1/64", "2001:db8:1::2/64"],
], ids=["ipv4", "dual-stack", "ipv6", "many"])
def test_apply_causes_no_address_route_or_link_event(host, addresses):
    host.add_profile("wan1", "enp1s0", *addresses)
    host.add_profile("other", "enp2s0", "198.51.100.1/24", "2001:db8:2::1/64")
    plain = [address.partition("/")[0] for address in addresses]
    for address in plain:
        host.wait_for_address("enp1s0", address)
    host.wait_for_address("enp2s0", "2001:db8:2::1")
    host.wait_until_settled()
    events = NetworkEvents(host)
    apply(host, WAN)
    assert events.stop() == []
    assert host.endpoint_flags() == {address: {"signal", "subflow"} for address in plain}
    assert host.stored_flags("wan1") == ALL


def test_ipv6_autoconfigured_from_a_router_keeps_its_addresses_and_routes(lab):
    lab.network.sysctl("net.ipv6.conf.all.forwarding", 1)
    segment = lab.segment("lan", ["2001:db8:5::1/64"])
    segment.serve("--enable-ra", "--dhcp-range=2001:db8:5::,ra-only,64,600", "--ra-param=lan,30,1800")
    host = lab.host()
    host.plug("enp1s0", segment)
    host.start_network_manager()
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route",
                     extra=["ipv6.method", "auto", "ipv6.may-fail", "no"])
    slaac = wait_for(lambda: {a for a in host.addresses("enp1s0") if ":" in a}, 10, "an address from the router")
    wait_for(lambda: set(host.endpoints()) == {"192.0.2.1", *slaac}, 5, "NetworkManager's endpoints")
    events = NetworkEvents(host)
    apply(host, WAN)
    assert [line for line in events.stop() if "Deleted" in line] == []
    assert host.endpoint_flags() == {address: {"signal", "subflow"} for address in ["192.0.2.1", *slaac]}


def test_second_apply_writes_nothing_to_kernel_and_network_manager(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", "2001:db8:1::1/64")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24")
    host.add_profile("wan3", "enp3s0", "203.0.113.1/24", up=False)
    host.wait_for_address("enp1s0", "2001:db8:1::1")
    host.configure(WAN + "endpoints: [{address: 203.0.113.77, flags: [signal]}]\n")

    # the oracles see the first apply …
    trace, bus = SystemCalls(host, "first"), BusCalls(host)
    assert host.keeper("apply", wrapper=trace.wrapper).returncode == 0
    assert trace.kernel_writes()
    assert set(bus.stop_and_list_writes()) <= {"Update2", "Reapply"}

    # … and nothing from the second
    before = snapshot(host)
    trace, bus = SystemCalls(host, "second"), BusCalls(host)
    again = host.keeper("apply", "--detailed-exitcodes", wrapper=trace.wrapper)
    assert (again.returncode, again.json["changed"], again.json["changes"]) == (0, False, []), again.json
    assert trace.kernel_writes() == []
    assert bus.stop_and_list_writes() == []
    assert trace.touches("nlmsg_type"), "the trace shows the requests of mptcp-keeper"
    assert snapshot(host) == before


def test_inactive_profile_is_stored_and_its_activation_brings_the_endpoint(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", up=False)
    apply(host, WAN)
    assert host.stored_flags("wan1") == ALL
    assert host.endpoints() == {}
    host.nmcli("connection up wan1")
    wait_for(lambda: host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}, 5, "NetworkManager's endpoint")
    assert apply(host, None, "--detailed-exitcodes")["changed"] is False


def test_flags_of_an_active_profile_can_be_taken_back_to_default_and_disabled(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="signal,subflow,also-without-default-route")
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}
    for word, stored in (("disabled", {"disabled"}), ("default", set())):
        report = apply(host, f'profiles: [{{match: {{name: wan1}}, mptcp-flags: {word}}}]')
        assert host.endpoints() == {}  # default: this device has no default route
        assert host.stored_flags("wan1") == stored
        assert report["changes"][0]["after"] == [word]


def test_backup_is_switched_on_and_off_without_a_new_endpoint(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    number = host.endpoints()["192.0.2.1"]["id"]
    for flags in ("subflow,backup,also-without-default-route", "subflow,also-without-default-route"):
        apply(host, f'profiles: [{{match: {{name: wan1}}, mptcp-flags: "{flags}"}}]')
        wanted = set(flags.split(","))
        assert host.endpoints()["192.0.2.1"] == {"id": number, "dev": "enp1s0",
                                                 "flags": wanted & {"subflow", "backup"}}
        assert host.stored_flags("wan1") == host.live_flags("enp1s0") == wanted


def test_default_route_decides_where_the_flags_ask_for_one(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", gateway="192.0.2.254")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24")
    apply(host, 'profiles: [{match: {name: "wan*"}, mptcp-flags: signal}]')
    assert host.endpoint_flags() == {"192.0.2.1": {"signal"}}


def test_mptcp_that_is_switched_on_brings_the_endpoints_at_once(host):
    host.sysctl("net.mptcp.enabled", 0)
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="signal,subflow,also-without-default-route")
    assert host.endpoints() == {}
    apply(host, WAN.replace("sysctl: {", "sysctl: {enabled: true, "))
    assert host.sysctl("net.mptcp.enabled") == "1"
    wait_for(lambda: host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}, 5, "the endpoint")
    assert apply(host, None, "--detailed-exitcodes")["changed"] is False


def test_a_deleted_endpoint_of_network_manager_is_put_back(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24")
    apply(host, WAN)
    wanted = host.endpoint_flags()
    host.ip("mptcp endpoint flush")
    diff = host.keeper("diff")
    assert diff.returncode == 2 and not diff.json["in_sync"]
    apply(host)
    assert host.endpoint_flags() == wanted


def test_an_address_that_returns_gets_its_endpoint(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", "2001:db8:1::1/64")
    host.wait_for_address("enp1s0", "2001:db8:1::1")
    apply(host, WAN)
    host.nmcli("connection down wan1")
    apply(host)
    assert host.endpoints() == {}, "an address that is gone is not announced"
    assert host.keeper("diff").returncode == 0
    host.nmcli("connection up wan1")
    host.wait_for_address("enp1s0", "2001:db8:1::1")
    apply(host)
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}, "2001:db8:1::1": {"signal", "subflow"}}
    assert host.keeper("diff").returncode == 0


def test_defer_does_not_change_the_live_device(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    bus = BusCalls(host)
    apply(host, 'profiles: [{match: {name: wan1}, mptcp-flags: "signal,also-without-default-route", '
                'activation: defer}]')
    assert bus.stop_and_list_writes() == ["Update2"]
    assert host.stored_flags("wan1") == {"signal", "also-without-default-route"}
    assert host.endpoint_flags() == {"192.0.2.1": {"subflow"}}
    assert host.keeper("diff").returncode == 0
    host.nmcli("connection up wan1")
    wait_for(lambda: host.endpoint_flags() == {"192.0.2.1": {"signal"}}, 5, "the new endpoint")


def test_reapply_is_carried_out_where_declared(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    bus = BusCalls(host)
    apply(host, 'profiles: [{match: {name: wan1}, mptcp-flags: "signal,also-without-default-route", '
                'activation: reapply}]')
    assert sorted(bus.stop_and_list_writes()) == ["Reapply", "Update2"]
    assert host.endpoint_flags() == {"192.0.2.1": {"signal"}}
    assert host.live_flags("enp1s0") == {"signal", "also-without-default-route"}
