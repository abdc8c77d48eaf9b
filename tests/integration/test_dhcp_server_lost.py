# SPDX-License-Identifier: LGPL-2.1-or-later
"""A DHCP server dies, and flags change afterwards. The test takes a minute: after that time NetworkManager
deactivates a device whose DHCP was restarted."""

import pytest
from lab import LabError
from node import wait_for
from oracles import NetworkEvents

CONFIG = """
profiles:
  - match: {type: ethernet}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


class Leaseholder:
    """A host whose DHCP server is gone."""

    def __init__(self, lab, name, number, extra=()):
        segment = lab.segment(f"lan{number}", [f"10.77.{number}.1/24"])
        server = segment.serve(f"--dhcp-range=10.77.{number}.10,10.77.{number}.99,10m")
        self.host = lab.host(name)
        self.host.plug("enp1s0", segment)
        self.host.start_network_manager()
        self.host.add_profile("dsl", "enp1s0", flags="subflow,also-without-default-route", extra=extra)
        (self.address,) = self.host.addresses("enp1s0")
        assert self.host.endpoint_flags() == {self.address: {"subflow"}}
        server.stop()
        self.events = NetworkEvents(self.host)

    def harm(self):
        """What has changed, or None."""
        state = self.host.nmcli("-g GENERAL.STATE device show enp1s0").stdout.strip()
        found = [line for line in self.events.so_far() if self.address in line]
        if self.host.addresses("enp1s0") != {self.address}:
            found.append(f"{self.host.name} lost {self.address}")
        if state != "100 (connected)":
            found.append(f"{self.host.name}: {state}")
        if self.host.endpoint_flags() != {self.address: {"signal", "subflow"}}:
            found.append(f"{self.host.name}: {self.host.endpoints()}")
        return found


def test_lease_and_address_stay_for_a_minute_after_the_change(lab):
    holders = [Leaseholder(lab, "ipv4", 1),
               Leaseholder(lab, "dual-stack", 2, extra=["ipv6.method", "auto"])]  # no router answers
    for holder in holders:
        done = holder.host.keeper("apply", config=CONFIG)
        assert done.returncode == 0, done.stderr
    with pytest.raises(LabError, match="timed out after 60 s"):
        wait_for(lambda: [line for holder in holders for line in holder.harm()], 60, "harm", poll=0.5)
