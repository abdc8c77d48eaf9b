# SPDX-License-Identifier: LGPL-2.1-or-later
"""`try` on a booted host: a transient service of systemd reverts at the deadline."""

import signal

import pytest

import scenario
from node import wait_for

CLOCK = "mptcp-keeper-try.service"
DAEMON = "mptcp-keeper.service"
FILE = "/root/candidate.yaml"
CANDIDATE = scenario.CONFIG.replace("add_addr_timeout: 60", "add_addr_timeout: 77").replace("subflows: 4", "subflows: 7")


def state(machine):
    return (machine.sysctl("net.mptcp.add_addr_timeout"), machine.limits(), machine.endpoint_flags())


def shows_candidate(machine):
    return machine.sysctl("net.mptcp.add_addr_timeout") == "77" and machine.limits()["subflows"] == 7


def begin(machine, *options):
    done = machine.keeper("try", FILE, "--detach", *options)
    assert done.returncode == 0, done.stderr
    assert shows_candidate(machine)
    return done


@pytest.fixture
def kept(machine):
    """A booted machine with the daemon, and a candidate that is not installed."""
    scenario.enable(machine, *scenario.UNITS[:2])
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    machine.write(FILE, CANDIDATE)
    return machine


def expect_restored(machine, before):
    wait_for(lambda: state(machine) == before, 30, "the host as it was before the try")
    wait_for(lambda: machine.property(CLOCK, "LoadState") == "not-found", 10, "the end of the transient service")


def test_a_transient_service_holds_the_clock_and_survives_being_killed(kept):
    before = state(kept)
    begin(kept, "--timeout", "8s")
    assert kept.property(CLOCK, "ActiveState") == "active"
    assert kept.property(CLOCK, "Transient") == "yes"
    kept.systemctl("kill", f"--signal={signal.SIGKILL.value}", CLOCK)
    kept.systemctl("kill", f"--signal={signal.SIGKILL.value}", DAEMON)
    wait_for(lambda: kept.property(DAEMON, "ActiveState") == "active", 20, "the daemon again")
    expect_restored(kept, before)
    scenario.wait_until_in_sync(kept)


def test_with_the_daemon_stopped_and_the_shell_gone(kept):
    before = state(kept)
    # In a session of its own, which then ends with everything in it.
    kept.run_as_service(["mptcp-keeper", "try", FILE, "--detach", "--timeout", "6s"])
    assert shows_candidate(kept)
    kept.systemctl("stop", DAEMON)
    expect_restored(kept, before)


def test_a_reload_fails_while_it_is_pending(kept):
    begin(kept, "--timeout", "10m")
    kept.write("/etc/mptcp-keeper/config.yaml", scenario.CONFIG.replace("subflows: 4", "subflows: 5"))
    assert kept.run(["systemctl", "reload", DAEMON], check=False).returncode != 0
    assert shows_candidate(kept)
    assert kept.keeper("confirm").returncode == 0
    wait_for(lambda: kept.property(CLOCK, "LoadState") == "not-found", 10, "the end of the transient service")
    assert shows_candidate(kept)
    kept.systemctl("reload", DAEMON)
    wait_for(lambda: kept.limits()["subflows"] == 5, 10, "the installed file")


def test_after_a_reboot_the_files_on_disk_apply(kept):
    before = state(kept)
    begin(kept, "--timeout", "10m")
    kept.pull_the_plug()
    kept.boot()
    scenario.wait_for_endpoints(kept, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(kept)
    assert state(kept) == before
    assert not kept.keeper("status").json["try"]["pending"]


def test_without_the_daemon_events_wait_for_the_end(machine):
    scenario.enable(machine, "mptcp-keeper-apply.service")
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    machine.write(FILE, CANDIDATE)
    before = state(machine)
    begin(machine, "--timeout", "10m")
    machine.nmcli("connection up wan-enp1s0")
    dispatched = ["systemctl", "is-active", "NetworkManager-dispatcher"]
    wait_for(lambda: machine.run(dispatched, check=False).stdout.strip() == "inactive", 20, "the dispatcher's end")
    assert shows_candidate(machine)
    assert machine.property("mptcp-keeper-apply.service", "Result") == "success"
    assert machine.keeper("revert").returncode == 0
    expect_restored(machine, before)
