# SPDX-License-Identifier: LGPL-2.1-or-later
"""`try` with and without the daemon: the transient unit that holds the clock restores the host in its domain."""

from pathlib import Path

import pytest
from domains import denials, domain_of, type_of
from this_host import journal, keeper, run, sysctl, systemctl, unit_property, wait_for

CLOCK = "mptcp-keeper-try.service"
SANDBOX = {"NoNewPrivileges": "yes", "ProtectHome": "yes", "PrivateTmp": "yes", "CapabilityBoundingSet": "cap_net_admin"}
FOLDER = "/run/mptcp-keeper"
CANDIDATE = """
sysctl: {add_addr_timeout: 77}
limits: {subflows: 6, add_addr_accepted: 3}
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [subflow, backup, also-without-default-route]
metrics: {textfile: /run/mptcp-keeper/metrics.prom}
"""
# sysctl, limits, the flags of NetworkManager's profile and of its endpoint.
TRIED = ("77", ["add_addr_accepted", "3", "subflows", "6"], 0x68, {"subflow", "backup"})


def settings():
    """What the kernel and NetworkManager show."""
    stored = run(["nmcli", "--get-values", "connection.mptcp-flags", "connection", "show", "wan"]).stdout
    endpoints = [line.split() for line in run(["ip", "mptcp", "endpoint"]).stdout.splitlines()]
    flags = next((set(words) & {"signal", "subflow", "backup"} for words in endpoints if words[0] == "192.0.2.33"), None)
    return (sysctl("net.mptcp.add_addr_timeout"), run(["ip", "mptcp", "limits"]).stdout.split(),
            int(stored.split()[0], 16), flags)


@pytest.fixture(params=["daemon", "without a daemon"])
def candidate(request, configure, tmp_path):
    """A file to try, on a host with a profile to which the boot configuration is applied."""
    run(["nmcli", "connection", "add", "type", "dummy", "ifname", "wan0", "con-name", "wan", "ip4", "192.0.2.33/24",
         "ipv6.method", "disabled"])
    try:
        wait_for(lambda: run(["ip", "-brief", "address", "show", "wan0"], check=False).stdout.count("192.0.2.33"), 240,
                 "the address of the profile")
        if request.param == "daemon":
            request.getfixturevalue("daemon")
        assert keeper("apply").returncode == 0
        wait_for(lambda: settings()[2:] == (0x18, {"signal"}), 240, "the flags of the boot configuration")
        file = tmp_path / "candidate.yaml"
        file.write_text(CANDIDATE)
        yield file
    finally:
        keeper("revert")  # fails if no try is pending
        run(["nmcli", "connection", "delete", "wan"])


def expect_restored(before):
    wait_for(lambda: settings() == before, 240, f"{before} instead of {settings()}")
    wait_for(lambda: unit_property(CLOCK, "ActiveState") == "inactive", 240, f"the end of {CLOCK}")
    assert not Path(FOLDER, "try").exists(), journal(CLOCK)


def test_an_unconfirmed_try_is_taken_back(candidate):
    before = settings()
    done = keeper("try", candidate, "--detach", "--timeout", "5s")
    assert done.returncode == 0 and done.json["verified"], done.stdout + done.stderr
    expect_restored(before)


def test_a_confirmed_try_stays(candidate):
    done = keeper("try", candidate, "--detach", "--timeout", "10m")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: settings() == TRIED, 240, "the settings of the candidate")
    assert domain_of(CLOCK) == "mptcp_keeper_t"
    assert {name: unit_property(CLOCK, name) for name in SANDBOX} == SANDBOX
    assert {type_of(file) for file in Path(FOLDER).glob("try*")} == {"mptcp_keeper_runtime_t"}
    assert run(["restorecon", "-nvr", FOLDER]).stdout == ""
    done = keeper("confirm")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: unit_property(CLOCK, "ActiveState") == "inactive", 240, f"the end of {CLOCK}")
    assert settings() == TRIED


def test_the_unit_restores_the_host_when_it_is_stopped(candidate):
    before = settings()
    done = keeper("try", candidate, "--detach", "--timeout", "10m")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: settings() == TRIED, 240, "the settings of the candidate")
    systemctl("stop", CLOCK)
    expect_restored(before)


def test_nothing_was_denied_during_a_try():
    assert denials() == []
