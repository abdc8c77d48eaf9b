# SPDX-License-Identifier: LGPL-2.1-or-later
"""More addresses than the kernel's table can hold."""

import uuid

import pytest
from node import wait_for
from oracles import snapshot

CONFIG = """
profiles:
  - match: {name: "p*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


@pytest.fixture
def capacity(lab):
    """The number of endpoints that this kernel accepts, determined on a separate host."""
    probe = lab.host("probe")
    number = 0
    while number < 255 and probe.ip(f"mptcp endpoint add 10.9.8.{number + 1} signal", check=False).returncode == 0:
        number += 1
    return number


@pytest.fixture
def many(lab, capacity):
    """A host with more active profiles than its kernel accepts endpoints."""
    if capacity > 60:
        pytest.skip(f"this kernel accepts {capacity} endpoints: the lab does not have that many interfaces")
    segment = lab.segment("lan")
    host = lab.host()
    host.count = capacity + 12
    for number in range(1, host.count + 1):
        host.plug(f"e{number}", segment)
        host.write(f"/etc/NetworkManager/system-connections/p{number}.nmconnection",
                   f"[connection]\nid=p{number}\nuuid={uuid.uuid4()}\ntype=ethernet\ninterface-name=e{number}\n"
                   "mptcp-flags=40\n"  # subflow, also-without-default-route
                   f"[ipv4]\nmethod=manual\naddress1=10.1.{number}.1/24\n[ipv6]\nmethod=disabled\n", mode=0o600)
    host.start_network_manager()
    wait_for(lambda: host.nmcli("-g STATE device").stdout.split("\n").count("connected") == host.count, 30,
             "all profiles to be active")
    wait_for(lambda: len(host.endpoints()) == capacity, 5, "NetworkManager to fill the table")
    return host


def test_all_profiles_change_and_what_does_not_fit_is_named(many, capacity):
    installed = set(many.endpoints())
    done = many.keeper("apply", config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert len(done.json["changes"]) == many.count
    for number in range(1, many.count + 1):
        assert many.stored_flags(f"p{number}") == {"signal", "subflow", "also-without-default-route"}
    assert len(many.endpoints()) == capacity
    assert all(flags == {"signal", "subflow"} for flags in many.endpoint_flags().values())
    left_out = {f"10.1.{n}.1" for n in range(1, many.count + 1)} - set(many.endpoints())
    warnings = " ".join(done.json["warnings"])
    assert all(address in warnings for address in left_out), (left_out, warnings, installed)

    before = snapshot(many)
    again = many.keeper("apply", "--detailed-exitcodes")
    assert (again.returncode, again.json["changed"]) == (0, False), again.json
    assert snapshot(many) == before
    assert many.keeper("diff").returncode == 0


def test_own_endpoint_that_does_not_fit_is_a_warning_and_harms_no_other(many):
    before = many.endpoint_flags()
    done = many.keeper("apply", config="endpoints: [{address: 203.0.113.9, flags: [signal]}]")
    assert "203.0.113.9" in " ".join(done.json["warnings"] + [c["error"] or "" for c in done.json["changes"]])
    assert many.endpoint_flags() == before


def test_a_freed_entry_of_the_table_is_used(many, capacity):
    many.keeper("apply", config=CONFIG)
    gone = next(iter(many.endpoints()))
    many.nmcli(f"connection down p{gone.split('.')[2]}")
    many.keeper("apply")
    assert len(many.endpoints()) == capacity and gone not in many.endpoints()
    assert many.keeper("diff").returncode == 0
