# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor --probe: the result of a test connection, and the findings if it cannot connect."""

import pytest
from doctor_host import MPTCP, doctor, filter_in, is_bad, listen, paste
from host import keeper_program

CONNECT = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as one:
    one.settimeout(5)
    try:
        one.connect(("192.0.2.1", 9))
    except OSError:
        pass
print(next(dict(zip(n.split(), v.split())) for n, v in zip(*[open("/proc/net/netstat")] * 2) if "MPTcpExt" in n)
      .get("MPCapableSYNTXDrop"))
"""


def test_one_silent_peer_is_not_a_blackhole(pair):
    client, server = pair
    filter_in(server, "input", "tcp dport 9 drop")
    client.run(["sh", "-c", "echo 1 >/proc/sys/net/mptcp/syn_retrans_before_tcp_fallback"], check=False)
    assert client.run(["/usr/bin/python3", "-c", CONNECT]).stdout.split() in (["1"], ["None"])
    assert "BLACKHOLE_ACTIVE" not in doctor(client)[0]


def probe(host, target):
    """The finding about a failed probe, and the probe in the document."""
    findings, answer = doctor(host, "--probe", target)
    assert answer["probe"]["mptcp"] is False and answer["probe"]["connected"] is False
    assert any(one["check"] == f"probe of {target}" for one in answer["skipped"])
    assert findings["PROBE_FAILED"]["severity"] == "warning" and findings["PROBE_FAILED"]["subject"] == target
    return findings, answer["probe"]


def test_closed_port_is_a_finding(pair):
    findings, reported = probe(pair[0], "192.0.2.1:9")
    assert "Connection refused" in findings["PROBE_FAILED"]["evidence"]
    assert (reported["lost_at"], reported["address"]) == ("unknown", "192.0.2.1")
    text = pair[0].run([keeper_program(), "doctor", "--probe", "192.0.2.1:9"], check=False)
    assert text.returncode == 2 and "MPTCP was lost" not in text.stdout


def test_silent_and_unreachable_targets_are_findings(pair):
    client, server = pair
    filter_in(server, "input", "tcp dport 9 drop")
    assert "Connection timed out" in probe(client, "192.0.2.1:9")[0]["PROBE_FAILED"]["evidence"]
    client.ip("route add unreachable 203.0.113.9")
    assert "No route to host" in probe(client, "203.0.113.9:80")[0]["PROBE_FAILED"]["evidence"]


def test_an_unknown_name_does_not_affect_the_other_findings(client):
    client.ip("mptcp endpoint flush")
    findings, reported = probe(client, "nohost.invalid:80")
    assert "NO_ENDPOINT" in findings and reported["address"] is None
    assert "cannot resolve nohost.invalid" in findings["PROBE_FAILED"]["evidence"]


def test_switched_off_here_is_lost_at_this_host(pair):
    client, server = pair
    listen(server, MPTCP)
    client.sysctl("net.mptcp.enabled", 0)
    findings, reported = probe(client, "192.0.2.1:5000")
    assert reported["lost_at"] == "this host"
    paste(client, findings["PROBE_FAILED"])
    assert not is_bad(client, "MPTCP_DISABLED") and doctor(client, "--probe", "192.0.2.1:5000")[1]["probe"]["mptcp"]


def test_refused_with_mptcp_alone_is_lost_on_the_path(pair):
    client, server = pair
    listen(server, MPTCP)
    filter_in(server, "input", "tcp option mptcp exists reject with tcp reset")
    assert probe(client, "192.0.2.1:5000")[1]["lost_at"] == "the path"


@pytest.mark.parametrize("target", ["foo", "1.2.3.4", ":80", "h:0", "h:99999", "2001:db8::1:80", ""])
def test_target_that_is_none_is_wrong_usage(lab, target):
    done = lab.host("host").keeper("doctor", "--probe", target)
    assert done.returncode == 64 and "not HOST:PORT" in done.stderr and done.json["error"]
