"""doctor over real traffic: what the counters tell, what programs use, and where a probe loses MPTCP."""

import shutil
import subprocess

import pytest
from node import wait_for
from test_doctor import MPTCP, TCP, doctor, listen, pair, pid_of  # noqa: F401

CONNECT = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.settimeout(15)
s.connect((sys.argv[1], 5000))
s.send(b"x" * 1000)
print("sent", flush=True)
time.sleep(600)
"""


def connect(client, address="192.0.2.1"):
    """One MPTCP connection that stays."""
    connection = client.start(["/usr/bin/python3", "-c", CONNECT, address])
    connection.wait_for("sent", 20)
    return connection


def filter_in(node, chain, rule, family="inet"):
    """An nft rule in a chain of its own."""
    if not shutil.which("nft"):
        pytest.skip("nft is not installed")
    node.run(["nft", f"add table {family} t; add chain {family} t {chain} "
              f"{{type filter hook {chain} priority 0;}}; add rule {family} t {chain} {rule}"])


def wait_for_code(host, code, deadline=10):
    return wait_for(lambda: doctor(host)[0].get(code), deadline, f"{code} on {host.name}")


def test_fallback_to_a_tcp_peer(pair):  # noqa: F811
    client, server = pair
    listen(server, TCP)
    connect(client)
    assert "MPCapableFallbackSYNACK" in wait_for_code(client, "PEER_OR_PATH_FALLBACK")["evidence"]


def test_blocked_join(pair):  # noqa: F811
    client, server = pair
    listen(server, MPTCP)
    filter_in(server, "input", "tcp option mptcp subtype 1 drop")
    connect(client)
    assert "MPJoinSynTx" in wait_for_code(client, "JOIN_BLOCKED")["evidence"]
    assert "FIREWALL_DROPS_JOIN" in doctor(server)[0]


def test_rejected_join(pair):  # noqa: F811
    client, server = pair
    server.ip("mptcp limits set subflows 0")
    listen(server, MPTCP)
    connect(client)
    wait_for_code(server, "JOIN_REJECTED")


def test_announcements_that_are_ignored(pair):  # noqa: F811
    client, server = pair
    client.ip("mptcp endpoint flush")
    client.ip("mptcp limits set add_addr_accepted 0")
    server.ip("mptcp endpoint add 198.51.100.1 dev eth2 signal")
    listen(server, MPTCP)
    connect(client)
    wait_for(lambda: "announcements" in doctor(client)[0]["ADD_ADDR_NOT_ACCEPTED"]["evidence"], 10, "ADD_ADDR")


def test_programs_by_pid(pair):  # noqa: F811
    client, _ = pair
    listen(client, TCP, port=5001)
    plain = pid_of(client, "0.0.0.0 5001")
    assert "APP_USES_TCP" in doctor(client, "--pid", plain)[0]
    listen(client, MPTCP, port=5002)
    assert "APP_USES_TCP" not in doctor(client, "--pid", pid_of(client, "0.0.0.0 5002"))[0]
    assert client.keeper("doctor", "--pid", "999999").returncode == 1


def test_go_program(pair):  # noqa: F811
    client, _ = pair
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    source = client.path("/run/wait.go")
    source.write_text('package main\nimport "time"\nfunc main() { time.Sleep(600 * time.Second) }\n')
    subprocess.run(["go", "build", "-o", client.path("/run/go-program"), source], check=True)
    client.start(["/run/go-program", "603"])
    assert "GO_PROGRAM" in doctor(client, "--pid", wait_for(lambda: pid_of(client, "go-program 603"), 5))[0]


def test_program_of_another_namespace(pair):  # noqa: F811
    client, _ = pair
    client.start(["unshare", "--net", "sleep", "604"])
    pid = wait_for(lambda: pid_of(client, "sleep 604"), 5)
    wait_for(lambda: "CONTAINER_NAMESPACE" in doctor(client, "--pid", pid)[0], 5, "another namespace")


def test_probe_of_an_mptcp_server(pair):  # noqa: F811
    client, server = pair
    listen(server, MPTCP)
    probe = doctor(client, "--probe", "192.0.2.1:5000")[1]["probe"]
    assert (probe["mptcp"], probe["lost_at"]) == (True, None), probe


@pytest.mark.parametrize("place, expected", [("peer", "the peer"), ("output", "this host"), ("input", "this host"),
                                             ("path", "the path"), ("drop", "the path")])
def test_probe_tells_where_mptcp_is_lost(pair, lab, place, expected):  # noqa: F811
    client, server = pair
    listen(server, TCP if place == "peer" else MPTCP)
    if place in ("output", "input"):
        filter_in(client, place, "reset tcp option mptcp")
    elif place == "path":  # on the answer's way: nothing on the client's side can see a SYN that was wiped
        filter_in(server, "output", "tcp flags syn reset tcp option mptcp")
    elif place == "drop":
        filter_in(server, "input", "tcp flags syn tcp option mptcp subtype 0 drop")
    findings, answer = doctor(client, "--probe", "192.0.2.1:5000")
    assert (answer["probe"]["mptcp"], answer["probe"]["lost_at"]) == (False, expected), answer["probe"]
    assert {"PEER_OR_PATH_FALLBACK", "BLACKHOLE_ACTIVE"} & set(findings)


def test_probe_without_an_answer_is_no_health(pair):  # noqa: F811
    client, _ = pair
    answer = doctor(client, "--probe", "192.0.2.1:9")[1]
    assert any(one["check"] == "probe of 192.0.2.1:9" for one in answer["skipped"])
    assert client.keeper("doctor", "--probe", "nonsense").returncode == 1
