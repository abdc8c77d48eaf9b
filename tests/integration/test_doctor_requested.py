# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor for a selected program, and with an unreadable record of mptcp-keeper."""

import shutil

import pytest
from doctor_host import MPTCP, TCP, doctor, listen, pid_of
from host import keeper_program
from node import wait_for

ONLY_NET_ADMIN = ["setpriv", "--bounding-set", "-all,+net_admin"]


def claim(host, pid, unit):
    """Makes /proc show a process as part of a unit."""
    text = host.write(f"/run/cgroup-of-{pid}", f"0::/system.slice/{unit}\n")
    host.run(["mount", "--bind", text, f"/proc/{pid}/cgroup"])


def programs(host, *arguments, **kwargs):
    return doctor(host, *arguments, **kwargs)[1]["programs"]


def server(host, protocol, port):
    listen(host, protocol, port=port)
    return pid_of(host, f"0.0.0.0 {port}")


def test_a_program_without_problems_is_reported(client):
    pid = server(client, MPTCP, 5001)
    reported = programs(client, "--pid", pid)
    assert [(one["pid"], one["sockets"], one["preloaded"], one["go"], one["static"], one["setuid"])
            for one in reported] == [(int(pid), {"mptcp": 1, "tcp": 0}, False, False, False, False)]
    assert reported[0]["name"].startswith("python3") and reported[0]["executable"].startswith("/usr/bin/python3")
    text = client.run([keeper_program(), "doctor", "--pid", pid], check=False).stdout
    assert f"(pid {pid})\n      1 MPTCP socket, 0 plain TCP sockets" in text
    assert "programs" not in doctor(client)[1]


def test_a_program_without_sockets_is_reported(client):
    client.start(["sleep", "611"])
    pid = wait_for(lambda: pid_of(client, "sleep 611"), 5)
    assert programs(client, "--pid", pid)[0]["sockets"] == {"mptcp": 0, "tcp": 0}
    assert "it has no MPTCP or TCP sockets" in client.run(
        [keeper_program(), "doctor", "--pid", pid], check=False).stdout


def test_a_preloaded_program_is_reported(client):
    if not shutil.which("mptcpize"):
        pytest.skip("mptcpize is not installed")
    client.start([keeper_program(), "run", "--", "iperf3", "-s", "-p", "5003"])
    pid = wait_for(lambda: pid_of(client, "iperf3 -s -p 5003"), 5)
    wait_for(lambda: programs(client, "--pid", pid)[0]["sockets"] == {"mptcp": 1, "tcp": 0}, 10, "its socket")
    assert programs(client, "--pid", pid)[0]["preloaded"] is True


def test_unreadable_sockets_are_not_reported_as_healthy(client):
    pid = server(client, TCP, 5001)
    answer = doctor(client, "--pid", pid, wrapper=ONLY_NET_ADMIN)[1]
    assert answer["programs"][0]["sockets"] is None
    assert any(one["check"].startswith("sockets of python3") for one in answer["skipped"]), answer["skipped"]
    text = client.run([*ONLY_NET_ADMIN, keeper_program(), "doctor", "--pid", pid], check=False).stdout
    assert "its sockets could not be read" in text


def test_processes_of_a_unit_are_reported(client):
    for port in (5001, 5002):
        claim(client, server(client, MPTCP, port), "demo.service")
    for asked in ("demo.service", "demo"):
        assert [(one["unit"], one["sockets"]["mptcp"]) for one in programs(client, "--unit", asked)] == \
            [("demo.service", 1)] * 2
    client.run(["mkdir", "-p", "/etc/systemd/system"])
    client.run(["ln", "-s", "/usr/lib/systemd/system/demo.service", "/etc/systemd/system/alias.service"])
    assert len(programs(client, "--unit", "alias.service")) == 2


def test_unit_that_does_not_run_and_unit_that_is_none(client):
    for name, asked in (("idle.service", "idle"), ("web@.service", "web@1.service")):
        client.write(f"/etc/systemd/system/{name}", "[Service]\nExecStart=/bin/true\n")
        answer = doctor(client, "--unit", asked)[1]
        assert answer["programs"] == []
        assert any(one["check"].startswith("programs of ") and "no process of this unit is running" in one["reason"]
                   for one in answer["skipped"])
    done = client.keeper("doctor", "--unit", "nonesuch")
    assert done.returncode == 1 and "unit nonesuch.service does not exist" in done.stderr
    assert client.keeper("doctor", "--pid", "999999").returncode == 1


def test_it_works_with_an_unreadable_record(client):
    client.write("/var/lib/mptcp-keeper/state.json", "{{{")
    client.ip("mptcp endpoint flush")
    findings, answer = doctor(client)
    assert "NO_ENDPOINT" in findings
    assert any("state.json cannot be parsed" in one["reason"] for one in answer["skipped"])
