"""What doctor reports about per-interface sysctls is what the kernel makes of them: packets are the oracle."""

import itertools
import json
import os
import subprocess

import pytest
from host import keeper_program

NAME = f"rpf{os.getpid()}"
HOST, PEER = f"{NAME}h", f"{NAME}p"


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=30)


def inside(namespace, *command):
    return subprocess.run(["ip", "netns", "exec", namespace, *command], capture_output=True, text=True, check=False,
                          timeout=60)


@pytest.fixture(scope="module")
def two_paths():
    """A host with two links to its peer; the peer's further address is routed by the first one."""
    for namespace in (HOST, PEER):
        ip("netns", "add", namespace)
        ip("-n", namespace, "link", "set", "lo", "up")
    for number in (1, 2):
        ip("link", "add", f"h{number}", "netns", HOST, "type", "veth", "peer", "name", f"p{number}", "netns", PEER)
        for namespace, end, last in ((HOST, "h", 2), (PEER, "p", 1)):
            ip("-n", namespace, "address", "add", f"10.0.{number}.{last}/24", "dev", f"{end}{number}")
            ip("-n", namespace, "link", "set", f"{end}{number}", "up")
    ip("-n", PEER, "address", "add", "10.0.9.9/32", "dev", "lo")
    ip("-n", HOST, "route", "add", "10.0.9.9/32", "via", "10.0.1.1")
    ip("-n", HOST, "mptcp", "endpoint", "add", "10.0.2.2", "dev", "h2", "subflow")
    yield
    for namespace in (HOST, PEER):
        ip("netns", "delete", namespace)


def filtered():
    text = inside(HOST, "nstat", "-asz", "--json", "TcpExtIPReversePathFilter").stdout
    return json.loads(text)["kernel"]["TcpExtIPReversePathFilter"]


@pytest.mark.parametrize("all_value, own", itertools.product((0, 1, 2), repeat=2))
def test_strict_reverse_path_is_reported_where_the_kernel_drops(two_paths, all_value, own):
    for name, value in (("all", all_value), ("h2", own)):
        inside(HOST, "sysctl", "-qw", f"net.ipv4.conf.{name}.rp_filter={value}")
    before = filtered()
    send = "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('10.0.9.9', 0)); s.sendto(b'x', ('10.0.2.2', 9))"
    assert inside(PEER, "python3", "-c", send).returncode == 0
    findings = json.loads(inside(HOST, keeper_program(), "--json", "doctor").stdout)["findings"]
    reported = any(one["code"] == "RP_FILTER_STRICT" and one["subject"] == "h2" for one in findings)
    assert reported == (filtered() > before)
