# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon works the same with any declared sections: one of them, or all."""

import pytest
from daemon_host import Daemon
from node import wait_for

FLAGS = {"signal", "subflow", "also-without-default-route"}
SECTIONS = {
    "sysctl": "sysctl: {add_addr_timeout: 60}\n",
    "limits": "limits: {subflows: 4, add_addr_accepted: 3}\n",
    "endpoints": "endpoints: [{address: 203.0.113.9, flags: [signal]}]\n",
    "profiles": "profiles: [{match: {name: 'wan*'}, mptcp-flags: [signal, subflow, also-without-default-route]}]\n",
}
DISTURB = {
    "sysctl": "echo 99 >/proc/sys/net/mptcp/add_addr_timeout",
    "limits": "ip mptcp limits set subflows 1",
    "endpoints": "ip mptcp endpoint delete id $(ip mptcp endpoint show | sed -n 's/^203.0.113.9 id \\([0-9]*\\).*/\\1/p')",
    "profiles": "nmcli connection modify wan1 connection.mptcp-flags subflow",
}
ITEM = {"sysctl": "net.mptcp.add_addr_timeout", "limits": "subflows", "endpoints": "203.0.113.9"}
CASES = {name: [name] for name in SECTIONS} | {"all": list(SECTIONS)}


def is_right(host, section):
    return {
        "sysctl": lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60",
        "limits": lambda: host.limits() == {"subflows": 4, "add_addr_accepted": 3},
        "endpoints": lambda: host.endpoint_flags().get("203.0.113.9") == {"signal"},
        "profiles": lambda: host.stored_flags("wan1") == FLAGS,
    }[section]()


@pytest.fixture(params=CASES, ids=str)
def declared(request, host):
    """A daemon that has applied these sections, and their names."""
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    sections = CASES[request.param]
    config = "".join(SECTIONS[section] for section in sections) + "reconcile: {interval: 100ms}\n"
    daemon = Daemon(host, config)
    wait_for(lambda: all(is_right(host, section) for section in sections), 10, "the first round")
    daemon.wait_until_idle()
    return daemon, sections


def key_of(host, section):
    return ITEM.get(section) or host.nmcli("-g connection.uuid connection show wan1").stdout.strip()


def daemon_status(host):
    return host.keeper("status").json["daemon"]


def test_what_is_loaded_is_applied_and_what_drifts_is_repaired_and_counted(declared):
    daemon, sections = declared
    host = daemon.host
    assert daemon_status(host)["repairs"] == 0
    assert not [line for line in daemon.log() if "repaired" in line]
    for number, section in enumerate(sections, 1):
        host.run(["sh", "-c", DISTURB[section]])
        wait_for(lambda section=section: is_right(host, section), 3, f"the repair of {section}")
        wait_for(lambda number=number: daemon_status(host)["repairs"] == number, 3, "the count")
        last = daemon_status(host)["last_repair"]
        assert last["key"] == key_of(host, section)
        name = "profile wan1" if section == "profiles" else last["key"]
        daemon.wait_for_line("repaired", name)


def test_a_rival_is_backed_off_from(declared):
    daemon, sections = declared
    host = daemon.host
    section = sections[-1]
    host.write("/run/rival", f"while :; do {DISTURB[section]}; sleep 0.3; done\n")
    rival = host.start(["sh", "/run/rival"])
    conflicts = wait_for(lambda: daemon_status(host)["conflicts"], 15, "a conflict")
    assert [conflict["key"] for conflict in conflicts] == [key_of(host, section)]
    assert daemon_status(host)["repairs"] == 3
    daemon.wait_for_line("keeps being changed")
    rival.stop()
    daemon.reload()
    wait_for(lambda: is_right(host, section), 5, "what the reload applies")
    wait_for(lambda: daemon_status(host)["conflicts"] == [], 5, "no conflict")
