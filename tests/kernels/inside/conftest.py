# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hosts in namespaces of the emulated machine: lab/ without NetworkManager."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))
from lab import Lab  # noqa: E402


@pytest.fixture
def lab():
    """A lab without hosts."""
    with Lab() as made:
        yield made


@pytest.fixture
def host(lab):
    """A host with one interface, eth0, which has 192.0.2.1 and 2001:db8::1."""
    made = lab.host("host")
    made.plug("eth0", lab.segment("lan"))
    made.ip("address add 192.0.2.1/24 dev eth0")
    made.ip("address add 2001:db8::1/64 dev eth0 nodad")
    made.ip("link set eth0 up")
    return made


@pytest.fixture
def pair(lab):
    """A client and a server on two networks."""
    hosts = [lab.host("client"), lab.host("server")]
    for number in (0, 1):
        segment = lab.segment(f"lan{number}")
        for place, one in enumerate(hosts, 1):
            one.plug(f"eth{number}", segment)
            one.ip(f"address add 10.77.{number}.{place}/24 dev eth{number}")
            one.ip(f"link set eth{number} up")
    return hosts
