# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon repairs and reports drift in each mode; `ip mptcp`, `nmcli` and `sysctl` are the oracles."""

import signal
import time

import pytest
from daemon_host import CONFIG, FLAGS, KERNEL, Daemon, drift_kernel, kernel_is_right
from host import keeper_program
from node import wait_for


def status_of(host):
    return host.keeper("status").json


def test_applies_at_its_start_and_calls_it_no_repair(daemon):
    wait_for(lambda: daemon.host.endpoint_flags() == {
        "203.0.113.9": {"signal"}, "192.0.2.1": {"signal", "subflow"}, "198.51.100.1": {"signal", "subflow"}},
        5, "the endpoints")
    status = status_of(daemon.host)
    assert status["in_sync"] and status["loaded"]
    assert status["daemon"]["running"] and status["daemon"]["mode"] == "enforce"
    assert status["daemon"]["repairs"] == 0 and status["daemon"]["last_repair"] is None
    daemon.wait_for_line("applied net.mptcp.add_addr_timeout")


def test_repairs_a_sysctl(daemon):
    daemon.host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: daemon.host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "the repair")
    line = daemon.wait_for_line("repaired net.mptcp.add_addr_timeout")
    assert "found 99" in line and "declared 60" in line and "config.yaml:2" in line
    wait_for(lambda: status_of(daemon.host)["daemon"]["repairs"] == 1, 2, "the count")
    last = status_of(daemon.host)["daemon"]["last_repair"]
    assert (last["key"], last["before"], last["after"]) == ("net.mptcp.add_addr_timeout", "99", "60")


def test_repairs_limits_and_endpoints(daemon):
    drift_kernel(daemon.host)
    wait_for(lambda: kernel_is_right(daemon.host), 2.5, "the repairs")
    daemon.host.ip("mptcp endpoint flush")
    wait_for(lambda: set(daemon.host.endpoints()) == {"203.0.113.9", "192.0.2.1", "198.51.100.1"}, 2.5,
             "all endpoints, NetworkManager's too")


def test_repairs_a_profile(daemon):
    daemon.host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: daemon.host.stored_flags("wan1") == FLAGS, 2, "the repair")
    daemon.wait_for_line("repaired profile wan1")


def test_applies_the_rule_to_a_new_profile(daemon):
    daemon.host.add_profile("wan3", "enp3s0", "203.0.113.3/24")
    wait_for(lambda: daemon.host.stored_flags("wan3") == FLAGS, 3, "the flags")
    wait_for(lambda: daemon.host.endpoint_flags().get("203.0.113.3") == {"signal", "subflow"}, 3, "the endpoint")


def test_adds_an_endpoint_once_its_address_is_usable(daemon):
    daemon.reload(CONFIG.replace("endpoints: [", "endpoints: [{address: '2001:db8::7', flags: [subflow]}, "))
    host = daemon.host
    assert "2001:db8::7" not in host.endpoints()
    host.ip("address add 2001:db8::7/64 dev enp3s0")
    host.ip("link set enp3s0 up")
    wait_for(lambda: "2001:db8::7" in host.endpoints(), 8, "the endpoint")
    assert "2001:db8::7" in host.addresses("enp3s0"), "not while it is tentative"
    host.ip("address delete 2001:db8::7/64 dev enp3s0")
    host.ip("address add 2001:db8::7/64 dev enp3s0")
    wait_for(lambda: "2001:db8::7" in host.endpoints(), 8, "the endpoint")


def test_link_down_and_up_and_profile_down_and_up(daemon):
    host = daemon.host
    host.nmcli("connection down wan1")
    wait_for(lambda: "192.0.2.1" not in host.endpoints(), 5, "no endpoint")
    host.nmcli("connection up wan1")
    wait_for(lambda: host.endpoint_flags().get("192.0.2.1") == {"signal", "subflow"}, 5, "the endpoint")
    assert status_of(host)["in_sync"]


def test_mode_report_changes_nothing_and_logs_once(daemon):
    daemon.reload("reconcile: {mode: report}\n" + CONFIG)
    host = daemon.host
    drift_kernel(host)
    daemon.wait_for_line("net.mptcp.add_addr_timeout has drifted")
    daemon.wait_for_line("limit subflows has drifted")
    daemon.wait_for_line("endpoint 203.0.113.9 has drifted")
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    daemon.wait_for_line("profile wan1 has drifted")
    assert host.sysctl("net.mptcp.add_addr_timeout") == "99" and host.limits()["subflows"] == 1
    assert host.stored_flags("wan1") == {"subflow"}
    host.sysctl("net.mptcp.add_addr_timeout", 98)
    host.sysctl("net.mptcp.blackhole_timeout", 3599)
    wait_for(lambda: host.keeper("status").returncode == 2, 5, "status says drift")
    assert len([line for line in daemon.log() if "add_addr_timeout has drifted" in line]) == 1
    assert status_of(host)["daemon"]["mode"] == "report"


def test_mode_manual_acts_on_a_reload_alone(daemon):
    host = daemon.host
    daemon.reload("reconcile: {mode: manual}\n" + CONFIG)
    daemon.wait_until_idle()
    drift_kernel(host)
    host.path("/run/mptcp-keeper/poke").write_text("")
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    host.nmcli("connection up wan2")
    assert host.sysctl("net.mptcp.add_addr_timeout") == "99" and host.limits()["subflows"] == 1
    assert host.stored_flags("wan1") == {"subflow"}
    daemon.reload()
    wait_for(lambda: kernel_is_right(host) and host.stored_flags("wan1") == FLAGS, 5, "what the reload applies")


def test_a_saved_file_waits_for_a_reload_and_a_bad_one_changes_nothing(daemon):
    host = daemon.host
    host.configure(CONFIG.replace("60", "61"))
    status = status_of(host)
    assert not status["loaded"]
    assert "changed on disk" in host.run([keeper_program(), "status"], check=False).stdout
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "the loaded value")
    daemon.reload("sysctl: {add_addr_timeout: never}\n")
    daemon.wait_for_line("config.yaml:1")
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "the value of the last valid file")
    assert daemon.record()["load_error"]
    shown = host.run([keeper_program(), "status"], check=False)
    assert shown.returncode == 65 and "running, mode enforce, idle" in shown.stdout
    assert "cannot be loaded" in shown.stdout and "config.yaml:1" in shown.stdout
    document = host.keeper("status")
    assert document.returncode == 65
    assert not document.json["valid"] and not document.json["loaded"]
    assert document.json["daemon"]["running"] and "config.yaml:1" in document.json["daemon"]["load_error"]
    daemon.reload(CONFIG.replace("60", "61"))
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "61", 1, "the new value")
    assert daemon.record()["load_error"] == "" and status_of(host)["loaded"]


def test_a_bad_file_at_start_ends_it_and_touches_nothing(wan):
    wan.configure("limits: {subflows: many}\nsysctl: {add_addr_timeout: 60}\n")
    done = wan.run([keeper_program(), "daemon"], check=False)
    assert done.returncode == 65
    assert "config.yaml:1" in done.stderr
    assert wan.sysctl("net.mptcp.add_addr_timeout") == "120"


def test_apply_returns_after_the_daemon_has_loaded(daemon):
    host = daemon.host
    done = host.keeper("apply", config=CONFIG.replace("60", "62"))
    assert done.returncode == 0, done.stderr
    assert status_of(host)["loaded"]
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "62", 1, "what was applied")


def test_what_it_would_undo_is_refused(daemon):
    host = daemon.host
    host.write("/run/other.yaml", KERNEL.replace("60", "63"))
    done = host.keeper("--config", "/run/other.yaml", "apply")
    assert done.returncode == 1 and "daemon" in done.stderr
    done = host.keeper("reset")
    assert done.returncode == 1 and "daemon" in done.stderr
    assert kernel_is_right(host)


def test_a_second_one_does_not_start(daemon):
    done = daemon.host.run([keeper_program(), "daemon"], check=False)
    assert done.returncode == 1
    assert "another mptcp-keeper daemon is already running" in done.stderr
    daemon.host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: daemon.host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "the first one's repair")


def test_a_rival_is_left_alone_and_named(daemon):
    host = daemon.host
    host.write("/run/set_limits", "while :; do ip mptcp limits set subflows 1; sleep 1; done\n")
    rival = host.start(["sh", "/run/set_limits"])
    conflicts = wait_for(lambda: status_of(host)["daemon"]["conflicts"], 15, "a conflict")
    assert (conflicts[0]["resource"], conflicts[0]["key"]) == ("limit", "subflows")
    assert conflicts[0]["repairs"] <= 5 and conflicts[0]["rival"] and conflicts[0]["retry_in_s"] > 0
    daemon.wait_for_line("limit subflows keeps being changed to 1")
    repairs = daemon.record()["repairs"]
    assert repairs <= 5
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "others are repaired")
    rival.stop()
    wait_for(lambda: host.limits()["subflows"] == 4, 25, "the repair after the rest")
    daemon.reload()
    assert wait_for(lambda: not status_of(host)["daemon"]["conflicts"], 5, "no conflict") is True


def test_files_that_say_otherwise_are_named(wan):
    wan.write("/etc/sysctl.d/90-mptcp.conf", "net.mptcp.add_addr_timeout=7\n")
    wan.write("/etc/systemd/system/set_mptcp_limit.service", "[Service]\nExecStart=ip mptcp limits set subflows 8\n")
    daemon = Daemon(wan, CONFIG)
    daemon.wait_for_line("/etc/sysctl.d/90-mptcp.conf:1")
    daemon.wait_for_line("set_mptcp_limit.service")
    shown = wan.run([keeper_program(), "status"], check=False).stdout
    assert "90-mptcp.conf" in shown and "set_mptcp_limit.service" in shown


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_on_a_signal_and_changes_nothing_afterwards(daemon, number):
    started = time.monotonic()
    daemon.host.path("/run/mptcp-keeper/poke").write_text("")
    assert daemon.stop(number) == 0
    assert time.monotonic() - started < 5
    daemon.host.sysctl("net.mptcp.add_addr_timeout", 99)
    status = status_of(daemon.host)
    assert not status["daemon"]["running"] and not status["in_sync"]
