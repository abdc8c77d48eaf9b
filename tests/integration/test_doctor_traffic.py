# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor with real traffic: the findings from counters, and where a probe loses MPTCP."""

import signal

import pytest
from doctor_host import MPTCP, TCP, connect, doctor, filter_in, listen, paste, wait_for_code
from node import wait_for

# What connect() sends begins with "x": its 81st byte becomes a "y". Packets between two lab hosts have no TCP checksum
# yet, so that the final one is right, as after a middlebox; the MPTCP checksum is not.
REWRITE = "tcp dport 5000 @ih,0,8 0x78 @ih,640,8 set 0x79"


def on_the_path(lab, rule):
    """Adds an nft rule for traffic between the hosts, on neither of them; take_off_the_path() removes it."""
    filter_in(lab.network, "forward", rule, family="bridge")


def take_off_the_path(lab):
    lab.network.run(["nft", "flush ruleset"])


def joins(host):
    """The number of second subflows of the host's live connections."""
    return sum(one["J"] for one in host.mptcp_connections().values())


def test_fallback_to_a_tcp_peer(pair):
    client, server = pair
    listen(server, TCP)
    connect(client)
    finding = wait_for_code(client, "PEER_OR_PATH_FALLBACK")
    assert "MPCapableFallbackSYNACK" in finding["evidence"]
    assert "lost at the peer" in paste(client, finding, code=2)


def test_option_that_is_lost_on_the_third_packet(pair, lab):
    client, server = pair
    listen(server, MPTCP)
    on_the_path(lab, "tcp dport 5000 tcp flags & syn == 0 reset tcp option mptcp")
    connect(client)
    assert "MPCapableFallbackACK" in wait_for_code(server, "PEER_OR_PATH_FALLBACK")["evidence"]


def test_option_that_is_lost_on_data(pair, lab):
    client, server = pair
    listen(server, MPTCP)
    on_the_path(lab, "tcp dport 5000 tcp flags & syn == 0 meta length > 500 reset tcp option mptcp")
    connect(client)
    subjects = wait_for(lambda: {one["subject"] for one in doctor(server)[1]["findings"]
                                 if one["code"] == "PEER_OR_PATH_FALLBACK"}, 10, "a fallback on data")
    assert subjects == {"connections after the handshake"}


def test_path_that_drops_mptcp(pair, lab):
    client, server = pair
    listen(server, MPTCP)
    on_the_path(lab, "tcp flags syn tcp option mptcp subtype 0 drop")
    connect(client)
    finding = wait_for_code(client, "BLACKHOLE_ACTIVE")
    assert "MPCapableSYNTXDrop" in finding["evidence"]
    take_off_the_path(lab)
    connect(client)
    assert client.mptcp_connections() == {}  # the kernel does not use MPTCP for an hour
    paste(client, finding)
    connect(client)
    assert len(client.mptcp_connections()) == 1


def test_path_that_rewrites_data(pair, lab):
    client, server = pair
    client.ip("mptcp endpoint flush")
    for host in pair:
        paste(host, {"fix": "sysctl: {checksum_enabled: true}"})
    listen(server, MPTCP)
    on_the_path(lab, REWRITE)
    connect(client)
    finding = wait_for_code(server, "MIDDLEBOX_REWRITES")
    assert "DataCsumErr" in finding["evidence"]
    paste(server, finding)


def test_second_path_that_rewrites_data(pair, lab):
    client, server = pair
    for host in pair:
        host.sysctl("net.mptcp.checksum_enabled", 1)
    listen(server, MPTCP)
    connection = connect(client)
    wait_for(lambda: joins(client) == 1, 10, "the second subflow")
    on_the_path(lab, REWRITE)
    connection.send(signal.SIGUSR1)
    assert "MPFailRx" in wait_for_code(client, "MIDDLEBOX_REWRITES")["evidence"]
    assert "MPFailTx" in wait_for_code(server, "MIDDLEBOX_REWRITES")["evidence"]


def test_second_path_that_leads_to_another_host(pair, lab):
    client, server = pair
    other = lab.host("other")
    other.plug("eth2", lab.hosts[0].segment("eth2"))
    other.ip("link set eth2 up")
    other.ip("address add 198.51.100.77/24 dev eth2")
    other.ip("route add default via 198.51.100.254")
    other.configure("version: 1\n")
    for host in (server, other):
        listen(host, MPTCP)
    filter_in(lab.network, "prerouting", 'iifname "two" ip daddr 192.0.2.1 dnat to 198.51.100.77', family="ip", kind="nat")
    connect(client)
    finding = wait_for_code(other, "MIDDLEBOX_REWRITES")
    assert "MPJoinNoTokenFound" in finding["evidence"]
    paste(other, finding)
    assert other.endpoint_flags() == {"198.51.100.77": {"signal"}}


def test_blocked_join(pair):
    client, server = pair
    listen(server, MPTCP)
    filter_in(server, "input", "tcp option mptcp subtype 1 drop")
    connect(client)
    finding = wait_for_code(client, "JOIN_BLOCKED")
    assert "MPJoinSynTx" in finding["evidence"] and "dev eth2" in paste(client, finding)
    paste(server, doctor(server)[0]["FIREWALL_DROPS_JOIN"])
    connect(client)
    wait_for(lambda: joins(client) >= 1, 10, "the second subflow")


def test_join_from_an_address_that_was_missing(pair):
    client, server = pair
    client.ip("address del 198.51.100.2/24 dev eth2")
    listen(server, MPTCP)
    connect(client)
    assert "MPJoinSynTxBindErr" in wait_for_code(client, "JOIN_BLOCKED")["evidence"]
    client.ip("address add 198.51.100.2/24 dev eth2")
    client.ip("route add default via 198.51.100.254 dev eth2 metric 102")
    paste(client, doctor(client)[0]["JOIN_BLOCKED"])
    wait_for(lambda: joins(client) == 1, 10, "the second subflow of the existing connection")


def test_join_without_a_route(pair, lab):
    client, server = pair
    client.ip("mptcp endpoint flush")
    for interface in ("eth1", "eth2"):
        client.ip(f"route del default dev {interface}")
    server.ip("address add 203.0.113.9/32 dev eth1")
    server.ip("mptcp endpoint add 203.0.113.9 dev eth1 signal")
    lab.network.ip("route add 203.0.113.9 via 192.0.2.1")
    listen(server, MPTCP)
    connect(client)
    finding = wait_for_code(client, "JOIN_BLOCKED")
    assert "MPJoinSynTxConnectErr" in finding["evidence"] and joins(client) == 0
    paste(client, finding, GATEWAY="192.0.2.254", INTERFACE="eth1")
    connect(client)
    wait_for(lambda: joins(client) == 1, 10, "the second subflow")


def test_rejected_join(pair):
    client, server = pair
    server.ip("mptcp limits set subflows 0")
    listen(server, MPTCP)
    connect(client)
    finding = wait_for_code(server, "JOIN_REJECTED")
    assert joins(client) == 0
    paste(server, finding)
    connect(client)
    wait_for(lambda: joins(client) >= 1, 10, "the second subflow")


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


@pytest.mark.parametrize("place, expected", [("peer", "the peer or the path"), ("output", "this host"), ("input", "this host"),
                                             ("path", "the path"), ("drop", "the path")])
def test_probe_reports_where_mptcp_is_lost(pair, lab, place, expected):
    client, server = pair
    listen(server, TCP if place == "peer" else MPTCP)
    if place in ("output", "input"):
        filter_in(client, place, "reset tcp option mptcp")
    elif place == "path":  # on the path of the reply: the client cannot see that the option was removed from a SYN
        filter_in(server, "output", "tcp flags syn reset tcp option mptcp")
    elif place == "drop":
        filter_in(server, "input", "tcp flags syn tcp option mptcp subtype 0 drop")
    findings, answer = doctor(client, "--probe", "192.0.2.1:5000")
    assert (answer["probe"]["mptcp"], answer["probe"]["lost_at"]) == (False, expected), answer["probe"]
    assert {"PEER_OR_PATH_FALLBACK", "BLACKHOLE_ACTIVE"} & set(findings)
