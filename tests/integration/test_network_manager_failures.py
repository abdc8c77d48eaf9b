# SPDX-License-Identifier: LGPL-2.1-or-later
"""NetworkManager absent, frozen or killed during an apply; and two simultaneous applies."""

import signal
import time

import pytest
from daemon_host import CONFIG, FLAGS
from node import wait_for


def kernel_part_is_done(host):
    return (host.sysctl("net.mptcp.add_addr_timeout") == "60"
            and host.limits() == {"subflows": 4, "add_addr_accepted": 3}
            and "203.0.113.9" in host.endpoints())


def failures(done):
    return " ".join(change["error"] for change in done.json["changes"] if change["result"] == "failed")


@pytest.fixture
def wan(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24", flags="subflow,also-without-default-route")
    return host


def test_absent_kernel_part_is_done_and_the_rest_is_reported(wan):
    wan.stop_network_manager()
    done = wan.keeper("apply", config=CONFIG)
    assert done.returncode == 1
    assert kernel_part_is_done(wan)
    assert done.json["failed"] and done.json["changed"]
    assert "NetworkManager is not running" in failures(done)
    assert "NetworkManager is not running" in done.stderr
    status = wan.keeper("status")
    # neither in sync nor drift, but unknown
    assert status.returncode == 1 and status.json["network_manager"]["running"] is False
    assert status.json["in_sync"] is False
    assert wan.keeper("diff").returncode == 1

    wan.restart_network_manager()
    done = wan.keeper("apply")
    assert done.returncode == 0, done.stderr
    assert wan.stored_flags("wan1") == wan.stored_flags("wan2") == FLAGS
    assert wan.endpoint_flags()["192.0.2.1"] == {"signal", "subflow"}


def test_a_missing_bus_has_the_same_effect(lab):
    host = lab.host()
    done = host.keeper("apply", config=CONFIG)
    assert done.returncode == 1
    assert kernel_part_is_done(host)
    assert "NetworkManager is not running" in failures(done)
    assert "NetworkManager is not running" in done.stderr


def test_without_profiles_it_is_not_needed(lab):
    host = lab.host()
    done = host.keeper("apply", config=CONFIG.partition("profiles:")[0])
    assert done.returncode == 0, done.stderr
    assert kernel_part_is_done(host)


def test_a_frozen_one_delays_commands_only_briefly(wan):
    wan.signal_network_manager(signal.SIGSTOP)
    start = time.monotonic()
    done = wan.keeper("apply", config=CONFIG, timeout=60)
    took = time.monotonic() - start
    wan.signal_network_manager(signal.SIGCONT)
    assert done.returncode == 1
    assert kernel_part_is_done(wan)
    assert took < 40, "every call has a deadline"
    wan.wait_for_network_manager()
    assert wan.keeper("apply").returncode == 0
    assert wan.stored_flags("wan1") == FLAGS


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_restarted_during_an_apply_the_outcome_is_correct_and_the_next_apply_completes(wan, with_signal):
    """mptcp-keeper is stopped at its first Update2, NetworkManager is restarted, and mptcp-keeper continues."""
    wan.configure(CONFIG)
    monitor = wan.start(["dbus-monitor", "--system", "--profile", "member='Update2'"])
    monitor.wait_for("NameAcquired")
    wan.signal_network_manager(signal.SIGSTOP)
    keeper = wan.start_keeper("apply")
    # it stops at its first read from NetworkManager: let it continue until its first write
    wan.signal_network_manager(signal.SIGCONT)
    wait_for(lambda: "Update2" in monitor.text() or keeper.process.poll() is not None, 20, "the first write")
    wan.stop_network_manager(with_signal)
    wan.restart_network_manager()
    wait_for(lambda: keeper.process.poll() is not None, 60, "the end of apply")
    stored = [wan.stored_flags(name) for name in ("wan1", "wan2")]
    assert keeper.process.returncode in (0, 1)
    if keeper.process.returncode == 0:
        assert stored == [FLAGS, FLAGS]
    assert kernel_part_is_done(wan)

    done = wan.keeper("apply")
    assert done.returncode == 0, done.stderr
    assert [wan.stored_flags(name) for name in ("wan1", "wan2")] == [FLAGS, FLAGS]
    assert {a: f for a, f in wan.endpoint_flags().items() if a != "203.0.113.9"} == {
        "192.0.2.1": {"signal", "subflow"}, "198.51.100.1": {"signal", "subflow"}}


def test_two_at_once_agree(wan):
    wan.configure(CONFIG)
    runs = [wan.start_keeper("apply") for _ in range(4)]
    wait_for(lambda: all(run.process.poll() is not None for run in runs), 60, "the end of all")
    assert [run.process.returncode for run in runs] == [0] * 4, [run.text() for run in runs]
    assert kernel_part_is_done(wan)
    assert wan.endpoint_flags() == {"203.0.113.9": {"signal"}, "192.0.2.1": {"signal", "subflow"},
                                    "198.51.100.1": {"signal", "subflow"}}
    changed = [run for run in runs if '"changed": true' in run.text() or '"changed":true' in run.text()]
    assert len(changed) == 1, "one applied the changes, the others found them applied"
    # the record has what the first one found
    assert wan.keeper("reset").returncode == 0
    assert wan.sysctl("net.mptcp.add_addr_timeout") == "120"
    assert wan.stored_flags("wan1") == {"subflow", "also-without-default-route"}


def test_two_with_different_files_leave_one_of_both_states(wan):
    wan.write("/run/a.yaml", CONFIG)
    wan.write("/run/b.yaml", CONFIG.replace("subflows: 4", "subflows: 5").replace("signal, subflow", "subflow"))
    runs = [wan.start_keeper("--config", f"/run/{name}.yaml", "apply") for name in "abab"]
    wait_for(lambda: all(run.process.poll() is not None for run in runs), 60, "the end of all")
    assert [run.process.returncode for run in runs] == [0] * 4, [run.text() for run in runs]
    state = (wan.limits()["subflows"], wan.endpoint_flags()["192.0.2.1"], wan.endpoint_flags()["198.51.100.1"])
    assert state in ((4, {"signal", "subflow"}, {"signal", "subflow"}), (5, {"subflow"}, {"subflow"}))
