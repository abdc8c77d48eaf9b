# SPDX-License-Identifier: LGPL-2.1-or-later
"""One apply brings the host in sync, a reset restores it, and unknown state is not changed."""

import signal

import pytest

FLAGS = "signal,also-without-default-route"
PROFILE = "profiles: [{match: {name: lan}, mptcp-flags: [signal, also-without-default-route]}]"


@pytest.fixture
def second(host):
    """A host with an interface that has IPv6 and no default route: a reapply would affect it."""
    host.add_profile("lan", "enp1s0", "198.51.100.1/24", "fd00::1/64")
    return host


def in_sync(host):
    """Whether the host is in sync."""
    done = host.keeper("diff")
    return done.returncode == 0 and done.json["changes"] == []


def test_an_endpoint_on_networkmanagers_behalf_is_removed_by_a_reset(second):
    done = second.keeper("apply", config=PROFILE)
    assert done.returncode == 0, done.stderr
    assert second.endpoint_flags()["198.51.100.1"] == {"signal"}
    assert second.keeper("reset").returncode == 0
    assert second.endpoints() == {}


@pytest.mark.parametrize("declaration", [
    "profiles: [{match: {name: lan}, mptcp-flags: disabled}]",
    "profiles: [{match: {name: lan}, mptcp-flags: default}]",
    "profiles: [{match: {name: lan}, mptcp-flags: [signal]}]",
    "limits: {subflows: 2}",
], ids=["disabled", "default", "needs-a-default-route", "not-declared"])
def test_an_endpoint_on_networkmanagers_behalf_is_removed_when_it_is_no_longer_needed(second, declaration):
    assert second.keeper("apply", config=PROFILE).returncode == 0
    assert "198.51.100.1" in second.endpoints()
    done = second.keeper("apply", config=declaration)
    assert done.returncode == 0, done.stderr
    assert "198.51.100.1" not in second.endpoints()
    assert in_sync(second)


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_networkmanagers_endpoint_stays_while_networkmanager_is_away(host, with_signal):
    host.add_profile("lan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    assert host.endpoint_flags()["192.0.2.1"] == {"subflow"}
    before = host.endpoints()
    host.stop_network_manager(with_signal)
    for declaration in ("{address: 192.0.2.1, state: absent}", "{address: 192.0.2.1, flags: [signal]}"):
        done = host.keeper("apply", config=f"endpoints: [{declaration}]")
        assert done.returncode == 0, done.stderr
        assert [change["result"] for change in done.json["changes"]] == ["deferred"]
        assert "may belong to NetworkManager" in done.stderr
        assert host.endpoints() == before
    host.restart_network_manager()
    done = host.keeper("apply", config="endpoints: [{address: 192.0.2.1, state: absent}]")
    assert done.returncode == 0 and "is not removed" in done.stderr
    assert host.endpoints() == before


def test_without_networkmanager_endpoints_follow_the_interface(lab):
    host = lab.host()
    host.plug("enp1s0", lab.segment("lan"))
    host.ip("link set enp1s0 up")
    host.ip("address add 192.0.2.1/24 dev enp1s0")
    assert host.keeper(
        "apply", config="endpoints: [{address: 192.0.2.1, interface: enp1s0, flags: [subflow]}]").returncode == 0
    assert host.endpoints()["192.0.2.1"]
    assert host.keeper("apply", config="limits: {subflows: 2}").returncode == 0
    assert host.endpoints() == {}
    host.ip("mptcp endpoint add 192.0.2.1 dev enp1s0 subflow")
    assert host.keeper("apply", config="endpoints: [{address: 192.0.2.1, state: absent}]").returncode == 0
    assert host.endpoints() == {}


def test_an_endpoint_on_a_recreated_device_is_drift(second):
    second.nmcli("connection add type veth ifname d0 peer d1 con-name dummy connection.autoconnect no "
                 "ipv4.method manual ipv4.addresses 203.0.113.1/24 ipv6.method link-local")
    second.nmcli("connection up dummy")
    config = "profiles: [{match: {name: dummy}, mptcp-flags: [signal, also-without-default-route]}]"
    assert second.keeper("apply", config=config).returncode == 0
    assert second.endpoint_flags()["203.0.113.1"] == {"signal"}
    # The next activation uses the stored flags; the older endpoint then conflicts with NetworkManager's.
    second.nmcli("connection down dummy")
    second.nmcli("connection up dummy")
    assert " dev d0" not in second.ip("mptcp endpoint show").stdout, "a precondition of this test"
    done = second.keeper("diff")
    assert done.returncode == 2, done.stdout
    assert second.keeper("apply").returncode == 0
    assert " dev d0" in second.ip("mptcp endpoint show").stdout
    assert in_sync(second)


def ids(host):
    """The IDs of the endpoints by address."""
    return {address: endpoint["id"] for address, endpoint in host.endpoints().items()}


def pinned(*pins):
    """A declaration of signal endpoints with these IDs; 0 lets the kernel choose."""
    return "endpoints:\n" + "".join(
        f"  - {{address: 203.0.113.{number}, flags: [signal]{f', id: {pin}' if pin else ''}}}\n"
        for number, pin in enumerate(pins, 1))


def test_pinned_ids_win_swap_and_move_in_one_apply(lab):
    host = lab.host()
    for options in ((), ("--atomic",)):
        for pins in ((0, 1), (2, 1), (1, 2), (2, 3, 1), (3, 0, 2), (0, 0, 1)):
            done = host.keeper("apply", *options, config=pinned(*pins))
            assert done.returncode == 0, done.stderr
            for number, pin in enumerate(pins, 1):
                assert pin in (0, ids(host)[f"203.0.113.{number}"]), (pins, ids(host))
            assert in_sync(host)
    before = ids(host)
    done = host.keeper("apply", "--atomic", config=pinned(1, 2, 3) + "limits: {subflows: 1000}\n")
    assert done.returncode != 0
    assert ids(host) == before


def test_a_pinned_id_of_another_program_is_named(lab):
    host = lab.host()
    host.ip("mptcp endpoint add 198.51.100.9 signal id 7")
    done = host.keeper("apply", config=pinned(7))
    assert done.returncode == 1
    assert "id 7 is already used by endpoint 198.51.100.9" in done.stderr
    assert list(host.endpoints()) == ["198.51.100.9"]


def test_a_reset_restores_the_path_manager_under_either_name(lab):
    host = lab.host()
    if not host.path("/proc/sys/net/mptcp/path_manager").exists():
        pytest.skip("this kernel has only pm_type")
    assert host.keeper("apply", config="sysctl: {pm_type: 1}").returncode == 0
    assert host.sysctl("net.mptcp.path_manager") == "userspace"
    assert host.keeper("apply", config="sysctl: {path_manager: kernel}").returncode == 0
    done = host.keeper("reset")
    assert done.returncode == 0, done.stderr
    assert (host.sysctl("net.mptcp.path_manager"), host.sysctl("net.mptcp.pm_type")) == ("kernel", "0")


def test_an_interface_may_be_declared_by_its_alternative_name(lab):
    host = lab.host()
    host.plug("enp1s0", lab.segment("lan"))
    host.ip("link set enp1s0 up")
    host.ip("address add 192.0.2.1/24 dev enp1s0")
    host.ip("link property add dev enp1s0 altname uplink0")
    done = host.keeper("apply", config="endpoints: [{address: 192.0.2.1, interface: uplink0, flags: [subflow]}]")
    assert done.returncode == 0, done.stderr
    assert [change["result"] for change in done.json["changes"]] == ["applied"]
    assert " dev enp1s0" in host.ip("mptcp endpoint show").stdout
    assert in_sync(host)
