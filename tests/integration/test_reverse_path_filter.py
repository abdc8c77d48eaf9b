# SPDX-License-Identifier: LGPL-2.1-or-later
"""NetworkManager loosens strict reverse path filtering if it gives addresses to MPTCP: the plan mentions it."""

import pytest

RULE = "profiles: [{match: {interface: enp1s0}, mptcp-flags: [subflow, also-without-default-route]}]\n"


def rp_filter(host, name="enp1s0"):
    return host.sysctl(f"net.ipv4.conf.{name}.rp_filter")


def side_effects(done):
    return [text for text in done.json["warnings"] if "rp_filter" in text]


@pytest.fixture
def hardened(host):
    """A host with strict filtering on every interface."""
    for name in ("all", "default", "enp1s0", "enp2s0"):
        host.sysctl(f"net.ipv4.conf.{name}.rp_filter", 1)
    return host


@pytest.mark.parametrize("ipv6", ["disabled", "link-local"], ids=["reapplied", "by-netlink"])
def test_it_is_in_the_plan_and_reset_restores_it(hardened, ipv6):
    hardened.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="disabled", extra=["ipv6.method", ipv6])
    hardened.wait_until_settled()
    diff = hardened.keeper("diff", config=RULE)
    warning, = side_effects(diff)
    assert "net.ipv4.conf.enp1s0.rp_filter from 1 to 2" in warning and "enp2s0" not in warning
    assert rp_filter(hardened) == "1"
    done = hardened.keeper("apply")
    assert done.returncode == 0 and side_effects(done) == [warning]
    # If the device keeps its old flags until its next activation, the filter keeps its value.
    assert rp_filter(hardened) == ("2" if ipv6 == "disabled" else "1")
    assert side_effects(hardened.keeper("diff")) == ([] if ipv6 == "disabled" else [warning])
    hardened.nmcli("connection up wan")
    assert rp_filter(hardened) == "2" and rp_filter(hardened, "all") == "1"
    assert side_effects(hardened.keeper("diff")) == []
    assert hardened.keeper("reset").returncode == 0
    hardened.nmcli("connection up wan")
    assert rp_filter(hardened) == "1"


@pytest.mark.parametrize("own, of_all", [("0", "1"), ("2", "1"), ("0", "0")])
def test_it_is_not_in_the_plan_where_network_manager_changes_nothing(host, own, of_all):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="disabled")
    host.sysctl("net.ipv4.conf.all.rp_filter", of_all)
    host.sysctl("net.ipv4.conf.enp1s0.rp_filter", own)
    assert side_effects(host.keeper("diff", config=RULE)) == []
    assert side_effects(host.keeper("apply")) == []
    assert rp_filter(host) == own and "192.0.2.1" in host.endpoints()


@pytest.mark.parametrize("address, of_all", [("2001:db8::1/64", "1"), ("192.0.2.1/24", "2")])
def test_neither_the_family_nor_the_value_for_all_interfaces_matters(hardened, address, of_all):
    hardened.add_profile("wan", "enp1s0", address, flags="disabled")
    hardened.sysctl("net.ipv4.conf.all.rp_filter", of_all)
    hardened.wait_until_settled()
    assert len(side_effects(hardened.keeper("diff", config=RULE))) == 1
    assert hardened.keeper("apply").returncode == 0
    hardened.nmcli("connection up wan")
    assert rp_filter(hardened) == "2" and rp_filter(hardened, "all") == of_all


def test_without_an_endpoint_nothing_changes(hardened):
    hardened.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="disabled")
    rule = RULE.replace(", also-without-default-route", "")
    assert side_effects(hardened.keeper("diff", config=rule)) == []
    assert hardened.keeper("apply").returncode == 0
    assert rp_filter(hardened) == "1"
