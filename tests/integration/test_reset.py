# SPDX-License-Identifier: LGPL-2.1-or-later
"""reset restores the state before mptcp-keeper's first change."""

import pytest
from node import wait_for
from oracles import NetworkEvents, snapshot

CONFIG = """
sysctl: {add_addr_timeout: 60, checksum_enabled: true}
limits: {subflows: 4, add_addr_accepted: 3}
endpoints:
  - {address: 203.0.113.9, flags: [signal]}
  - {address: 203.0.113.10, state: absent}
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


@pytest.fixture
def lived_in(host):
    """A host with its own settings."""
    host.sysctl("net.mptcp.add_addr_timeout", 77)
    host.ip("mptcp limits set subflows 1 add_addr_accepted 2")
    host.ip("mptcp endpoint add 203.0.113.10 signal")
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24")
    host.add_profile("wan3", "enp3s0", "203.0.113.1/24", up=False, flags="disabled")
    return host


def without_files(state):
    return {key: value for key, value in state.items() if key != "files"}


def test_everything_is_as_it_was(lived_in):
    lived_in.configure(CONFIG)
    before = snapshot(lived_in)
    assert lived_in.keeper("apply").returncode == 0
    assert snapshot(lived_in) != before
    events = NetworkEvents(lived_in)
    done = lived_in.keeper("reset")
    assert done.returncode == 0, done.stderr
    assert events.stop() == []
    wait_for(lambda: without_files(snapshot(lived_in)) == without_files(before), 5, "the original state")
    assert not done.json or done.json["failed"] is False


def test_the_first_state_counts_however_often_it_was_applied(lived_in):
    before = without_files(snapshot(lived_in))
    for subflows in (4, 5, 6):
        assert lived_in.keeper("apply", config=CONFIG.replace("subflows: 4", f"subflows: {subflows}"))
        assert lived_in.limits()["subflows"] == subflows
    assert lived_in.keeper("apply", config="profiles: [{match: {name: wan1}, mptcp-flags: disabled}]"
                           ).returncode == 0
    assert lived_in.keeper("reset").returncode == 0
    assert without_files(snapshot(lived_in)) == before


def test_a_second_reset_and_one_without_apply_do_nothing(lived_in):
    before = snapshot(lived_in)
    assert lived_in.keeper("reset").returncode == 0
    assert snapshot(lived_in) == before
    lived_in.keeper("apply", config=CONFIG)
    lived_in.keeper("reset")
    lived_in.ip("mptcp limits set subflows 7")
    assert lived_in.keeper("reset").returncode == 0
    assert lived_in.limits()["subflows"] == 7, "changes after the reset are kept"


def test_an_item_that_is_no_longer_declared_keeps_its_value_and_is_reported(lived_in):
    lived_in.keeper("apply", config=CONFIG)
    done = lived_in.keeper("diff", config="limits: {add_addr_accepted: 3}")
    assert done.returncode == 2, "the endpoint of mptcp-keeper is removed"
    assert [(c["key"], c["after"]) for c in done.json["changes"]] == [("203.0.113.9", None)]
    assert any("no longer declared" in warning for warning in done.json["warnings"])
    done = lived_in.keeper("apply")
    assert done.returncode == 0
    assert lived_in.sysctl("net.mptcp.add_addr_timeout") == "60"
    assert lived_in.limits() == {"subflows": 4, "add_addr_accepted": 3}
    assert "203.0.113.9" not in lived_in.endpoints()
    assert lived_in.stored_flags("wan1") == {"signal", "subflow", "also-without-default-route"}
    assert lived_in.keeper("reset").returncode == 0
    assert lived_in.sysctl("net.mptcp.add_addr_timeout") == "77"
    assert lived_in.stored_flags("wan3") == {"disabled"}
