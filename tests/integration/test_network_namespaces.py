# SPDX-License-Identifier: LGPL-2.1-or-later
"""One program, several network namespaces: each has its own record and does not affect another's."""

import json

import pytest
from host import keeper_program

STATE = "/var/lib/mptcp-keeper/state.json"
HOST = "endpoints: [{address: 203.0.113.9, flags: [signal]}]\nlimits: {subflows: 5}\n"


def elsewhere(host, config, *arguments):
    """Runs the program in a new network namespace that sees the same files."""
    return host.run(["unshare", "--net", keeper_program(), "--json", "--config", "-", *arguments], input=config,
                    check=False)


def record(host):
    return json.loads(host.path(STATE).read_text())


@pytest.fixture
def kept(host):
    host.configure(HOST)
    assert host.keeper("apply").returncode == 0
    return host


def test_an_apply_in_another_namespace_does_not_change_the_record(kept):
    before = record(kept)
    done = elsewhere(kept, "limits: {subflows: 3}\nsysctl: {add_addr_timeout: 7}\n", "apply")
    assert done.returncode == 0 and json.loads(done.stdout)["verified"], done.stderr
    assert record(kept) == before
    kept.configure("{}\n")
    assert kept.keeper("apply").returncode == 0
    assert "203.0.113.9" not in kept.endpoint_flags(), "an endpoint that is no longer declared is removed"
    assert kept.keeper("reset").returncode == 0
    assert kept.limits()["subflows"] == 2


def test_a_reset_in_another_namespace_restores_that_namespace(kept):
    done = kept.run(["unshare", "--net", "sh", "-ec", f"""
        echo 'sysctl: {{add_addr_timeout: 7}}' | {keeper_program()} --config - apply >&2
        cat /proc/sys/net/mptcp/add_addr_timeout
        {keeper_program()} reset >&2
        cat /proc/sys/net/mptcp/add_addr_timeout"""])
    assert done.stdout.split() == ["7", "120"], done.stderr
    assert kept.limits()["subflows"] == 5 and "203.0.113.9" in kept.endpoint_flags()


def test_the_networkmanager_of_the_host_is_not_queried_from_another_namespace(kept):
    kept.add_profile("wan1", "enp1s0", "192.0.2.1/24")
    rule = "profiles: [{match: {name: wan1}, mptcp-flags: [signal]}]\n"
    done = elsewhere(kept, rule, "apply")
    assert "NetworkManager manages another network namespace" in done.stdout + done.stderr
    assert kept.stored_flags("wan1") == set()


def test_locks_of_namespaces_are_independent(kept):
    """An apply in one namespace does not wait for one in another."""
    holder = kept.start(["flock", "/run/mptcp-keeper/lock", "sh", "-c", "echo held; sleep 600"])
    holder.wait_for("held")
    done = elsewhere(kept, "limits: {subflows: 3}\n", "apply")
    assert done.returncode == 0
