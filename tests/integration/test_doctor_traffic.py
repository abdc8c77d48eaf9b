"""doctor over real traffic: what the counters tell, and where a probe loses MPTCP."""

import pytest
from doctor_host import MPTCP, TCP, connect, doctor, filter_in, listen, wait_for_code
from node import wait_for


def test_fallback_to_a_tcp_peer(pair):
    client, server = pair
    listen(server, TCP)
    connect(client)
    assert "MPCapableFallbackSYNACK" in wait_for_code(client, "PEER_OR_PATH_FALLBACK")["evidence"]


def test_blocked_join(pair):
    client, server = pair
    listen(server, MPTCP)
    filter_in(server, "input", "tcp option mptcp subtype 1 drop")
    connect(client)
    assert "MPJoinSynTx" in wait_for_code(client, "JOIN_BLOCKED")["evidence"]
    assert "FIREWALL_DROPS_JOIN" in doctor(server)[0]


def test_rejected_join(pair):
    client, server = pair
    server.ip("mptcp limits set subflows 0")
    listen(server, MPTCP)
    connect(client)
    wait_for_code(server, "JOIN_REJECTED")


def test_announcements_that_are_ignored(pair):
    client, server = pair
    client.ip("mptcp endpoint flush")
    client.ip("mptcp limits set add_addr_accepted 0")
    server.ip("mptcp endpoint add 198.51.100.1 dev eth2 signal")
    listen(server, MPTCP)
    connect(client)
    wait_for(lambda: "announcements" in doctor(client)[0]["ADD_ADDR_NOT_ACCEPTED"]["evidence"], 10, "ADD_ADDR")


def test_probe_of_an_mptcp_server(pair):
    client, server = pair
    listen(server, MPTCP)
    probe = doctor(client, "--probe", "192.0.2.1:5000")[1]["probe"]
    assert (probe["mptcp"], probe["lost_at"]) == (True, None), probe


@pytest.mark.parametrize("place, expected", [("peer", "the peer"), ("output", "this host"), ("input", "this host"),
                                             ("path", "the path"), ("drop", "the path")])
def test_probe_tells_where_mptcp_is_lost(pair, lab, place, expected):
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


def test_probe_without_an_answer_is_no_health(pair):
    client, _ = pair
    answer = doctor(client, "--probe", "192.0.2.1:9")[1]
    assert any(one["check"] == "probe of 192.0.2.1:9" for one in answer["skipped"])
    assert client.keeper("doctor", "--probe", "nonsense").returncode == 1
