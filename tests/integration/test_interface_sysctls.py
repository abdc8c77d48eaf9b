# SPDX-License-Identifier: LGPL-2.1-or-later
"""The findings of doctor about per-interface sysctls match the kernel's behaviour: packets are the oracle."""

import itertools
import json

import pytest
from lab import Lab
from node import Node


@pytest.fixture(scope="module")
def two_paths(tmp_path_factory):
    """A host with two links to its peer; the peer's third address is routed over the first one."""
    with Lab() as lab, Node("peer", tmp_path_factory.mktemp("peer")) as peer:
        host = lab.host("host")
        for number in (1, 2):
            host.cable(f"h{number}", peer, f"p{number}")
            for node, end, last in ((host, "h", 2), (peer, "p", 1)):
                node.run(["ip", "address", "add", f"10.0.{number}.{last}/24", "dev", f"{end}{number}"])
                node.run(["ip", "link", "set", f"{end}{number}", "up"])
        peer.run(["ip", "address", "add", "10.0.9.9/32", "dev", "lo"])
        host.ip("route add 10.0.9.9/32 via 10.0.1.1")
        host.ip("mptcp endpoint add 10.0.2.2 dev h2 subflow")
        yield host, peer


def filtered(host):
    text = host.run(["nstat", "-asz", "--json", "TcpExtIPReversePathFilter"]).stdout
    return json.loads(text)["kernel"]["TcpExtIPReversePathFilter"]


@pytest.mark.parametrize("all_value, own", itertools.product((0, 1, 2), repeat=2))
def test_strict_reverse_path_is_reported_where_the_kernel_drops(two_paths, all_value, own):
    host, peer = two_paths
    for name, value in (("all", all_value), ("h2", own)):
        host.sysctl(f"net.ipv4.conf.{name}.rp_filter", value)
    before = filtered(host)
    send = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('10.0.9.9', 0)); s.sendto(b'x', ('10.0.2.2', 9))"
    peer.run(["python3", "-c", send])
    findings = host.keeper("doctor").json["findings"]
    reported = any(one["code"] == "RP_FILTER_STRICT" and one["subject"] == "h2" for one in findings)
    assert reported == (filtered(host) > before)
