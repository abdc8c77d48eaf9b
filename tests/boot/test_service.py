# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon as a systemd service: reloads, status, journal."""

import pytest

import scenario
from node import wait_for
from scenario import BACKED_OFF, LIMITS, REPAIRED, UNITS, journal

DAEMON = "mptcp-keeper.service"
FILE = "/etc/mptcp-keeper/config.yaml"


@pytest.fixture
def kept(machine):
    """A booted machine in sync."""
    scenario.enable(machine, *UNITS[:2])
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    return machine


def status_text(machine):
    """The status text that the daemon sends to systemd."""
    return machine.property(DAEMON, "StatusText")


def test_a_saved_file_waits_for_a_reload_and_a_bad_one_is_refused(kept):
    pid = kept.property(DAEMON, "MainPID")
    assert "mode enforce" in status_text(kept)

    kept.write(FILE, scenario.CONFIG.replace("subflows: 4", "subflows: 6"))
    assert kept.keeper("status").json["loaded"] is False
    assert "changed on disk, not loaded" in kept.run(["mptcp-keeper", "status"], check=False).stdout
    kept.ip("mptcp limits set subflows 1")  # the poll that repairs this would also have applied a saved file
    wait_for(lambda: kept.limits() == LIMITS, 10, "the loaded limits")
    kept.systemctl("reload", DAEMON)
    wait_for(lambda: kept.limits() == {**LIMITS, "subflows": 6}, 10, "the new limits")
    assert kept.keeper("status").json["loaded"] is True

    kept.write(FILE, scenario.CONFIG.replace("subflows: 4", "subflows: lots"))
    kept.systemctl("reload", DAEMON, check=False)
    wait_for(lambda: f"{FILE}:4:" in status_text(kept), 10, "the invalid file in the status text")
    said = [line for line in journal(kept, f"_SYSTEMD_UNIT={DAEMON}") if f"{FILE}:4:" in line["MESSAGE"]]
    assert [line["PRIORITY"] for line in said] == ["3"]
    kept.ip("mptcp limits set subflows 1")
    wait_for(lambda: kept.limits() == {**LIMITS, "subflows": 6}, 10, "the last valid limits")

    kept.write(FILE, scenario.CONFIG)
    kept.systemctl("reload", DAEMON)
    wait_for(lambda: kept.limits() == LIMITS, 10, "the repaired file's limits")
    assert FILE not in status_text(kept)
    assert kept.property(DAEMON, "MainPID") == pid


def test_a_repair_is_a_line_with_fields(kept):
    kept.run_as_service(["sh", "-c", "echo 30 >/proc/sys/net/mptcp/add_addr_timeout"])
    wait_for(lambda: kept.sysctl("net.mptcp.add_addr_timeout") == "60", 10, "the repaired sysctl")
    # a device that was activating when its profile was changed may have been repaired as well
    lines = wait_for(lambda: journal(kept, f"MESSAGE_ID={REPAIRED}", "KEY=net.mptcp.add_addr_timeout"), 10,
                     "the journal's line")
    assert [{name: line.get(name) for name in ("RESOURCE", "KEY", "FOUND", "DECLARED", "SOURCE", "_SYSTEMD_UNIT")}
            for line in lines] == [{"RESOURCE": "sysctl", "KEY": "net.mptcp.add_addr_timeout", "FOUND": "30",
                                    "DECLARED": "60", "SOURCE": f"{FILE}:3", "_SYSTEMD_UNIT": DAEMON}]
    assert "net.mptcp.add_addr_timeout" in lines[0]["MESSAGE"] and f"{FILE}:3" in lines[0]["MESSAGE"]
    daemon = kept.keeper("status").json["daemon"]
    all_repairs = journal(kept, f"MESSAGE_ID={REPAIRED}")
    assert (daemon["running"], daemon["mode"], daemon["repairs"]) == (True, "enforce", len(all_repairs))
    assert daemon["last_repair"]["key"] == "net.mptcp.add_addr_timeout"


def test_a_stopped_daemon_changes_nothing(kept):
    kept.systemctl("stop", DAEMON)
    kept.nmcli("connection modify wan-enp1s0 connection.mptcp-flags default")
    kept.ip("mptcp limits set subflows 1 add_addr_accepted 1")
    kept.nmcli("connection up wan-enp1s0")
    dispatched = ["systemctl", "is-active", "NetworkManager-dispatcher"]
    wait_for(lambda: kept.run(dispatched, check=False).stdout.strip() == "inactive", 20, "the dispatcher's end")
    assert kept.stored_flags("wan-enp1s0") == set()
    assert kept.limits() == {"subflows": 1, "add_addr_accepted": 1}


RIVAL = """[Unit]
Description=Set the limits, as the recipe does, but again and again
[Service]
ExecStart=/bin/sh -c 'while :; do ip mptcp limits set subflows 2 add_addr_accepted 1; sleep 1; done'
# ExecStart=/sbin/ip mptcp limits set subflows 2 add_addr_accepted 1
[Install]
WantedBy=multi-user.target
"""


def test_a_rival_over_the_limits(kept):
    kept.write("/etc/systemd/system/set_mptcp_limit.service", RIVAL)
    kept.systemctl("daemon-reload")
    kept.systemctl("start", "set_mptcp_limit")
    conflicts = wait_for(lambda: kept.keeper("status").json["daemon"]["conflicts"], 20, "a conflict")
    assert {(one["resource"], one["key"]) for one in conflicts} <= {("limit", "subflows"), ("limit", "add_addr_accepted")}
    assert all(one["repairs"] <= 5 and 0 < one["retry_in_s"] <= 10 for one in conflicts)
    assert {one["rival"] for one in conflicts} == {"set_mptcp_limit.service"}
    line = journal(kept, f"MESSAGE_ID={BACKED_OFF}")[0]
    assert line["RIVAL"] == "set_mptcp_limit.service"
    assert "set_mptcp_limit.service" in kept.run(["mptcp-keeper", "status"], check=False).stdout
    for key in ("subflows", "add_addr_accepted"):
        assert len(journal(kept, f"MESSAGE_ID={REPAIRED}", f"KEY={key}")) <= 5
    # during the pause it leaves the limits to the rival
    wait_for(lambda: kept.limits() == {"subflows": 2, "add_addr_accepted": 1}, 5, "the rival's limits")
    assert "conflict" in status_text(kept)

    kept.systemctl("stop", "set_mptcp_limit")
    kept.systemctl("reload", DAEMON)
    wait_for(lambda: kept.limits() == LIMITS, 10, "the limits after a reload")


def test_leftovers_of_the_recipe_are_reported(kept):
    kept.write("/etc/sysctl.d/90-mptcp.conf", "net.mptcp.add_addr_timeout = 15\n")
    kept.write("/etc/systemd/system/set_mptcp_limit.service",
               "[Service]\nType=oneshot\nExecStart=/sbin/ip mptcp limits set subflows 2 add_addr_accepted 1\n")
    kept.systemctl("restart", DAEMON)
    for name in ("90-mptcp.conf", "set_mptcp_limit.service"):
        assert name in kept.run(["mptcp-keeper", "status"], check=False).stdout
        assert [line for line in journal(kept, f"_SYSTEMD_UNIT={DAEMON}") if name in line["MESSAGE"]]


def test_a_running_mptcpd_is_tolerated_and_reported_as_rival(kept):
    kept.systemctl("start", "mptcp.service")
    assert kept.systemctl("is-active", "mptcp.service") == "active"
    before = kept.property(DAEMON, "MainPID")
    kept.ip("mptcp limits set subflows 1")
    wait_for(lambda: kept.limits() == LIMITS, 10, "the limits to be kept")
    kept.nmcli("connection modify wan-enp1s0 connection.mptcp-flags default")
    wait_for(lambda: kept.stored_flags("wan-enp1s0") == scenario.FLAGS, 10, "the flags to be kept")
    scenario.wait_for_endpoints(kept, "enp1s0", "enp2s0")
    assert kept.property(DAEMON, "MainPID") == before

    # the program that keeps removing the declared endpoint is assumed to be mptcpd
    undo = ("while :; do id=$(ip mptcp endpoint | sed -n 's/^" + scenario.PUBLIC
            + r" .*id \([0-9]*\).*/\1/p'); [ -z $id ] || ip mptcp endpoint delete id $id; sleep 0.5; done")
    kept.run(["systemd-run", "--quiet", "--unit=undo", "sh", "-c", undo])
    conflicts = wait_for(lambda: kept.keeper("status").json["daemon"]["conflicts"], 20, "a conflict")
    assert [(one["resource"], one["key"]) for one in conflicts] == [("endpoint", scenario.PUBLIC)]
    assert conflicts[0]["repairs"] <= 5
    assert "mptcpd (pid " in conflicts[0]["rival"]
