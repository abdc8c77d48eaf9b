"""A DHCP server that dies, and flags that change after that. It takes a minute: that is when NetworkManager
gave a device up whose DHCP had been restarted."""

import pytest
from lab import LabError
from node import wait_for
from oracles import NetworkEvents

CONFIG = """
profiles:
  - match: {type: ethernet}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""


@pytest.mark.parametrize("families", ["ipv4", "ipv4 and ipv6 without a router"])
def test_lease_and_address_stay_for_a_minute_after_the_change(lab, families):
    segment = lab.segment("lan1", ["10.77.1.1/24"])
    host = lab.host()
    host.plug("enp1s0", segment)
    server = segment.serve("--dhcp-range=10.77.1.10,10.77.1.99,10m")
    host.start_network_manager()
    host.add_profile("dsl", "enp1s0", flags="subflow,also-without-default-route",
                     extra=[] if families == "ipv4" else ["ipv6.method", "auto"])
    (address,) = host.addresses("enp1s0")
    assert host.endpoint_flags() == {address: {"subflow"}}
    server.stop()

    events = NetworkEvents(host)
    done = host.keeper("apply", config=CONFIG)
    assert done.returncode == 0, done.stderr

    def is_harmed():
        return ([line for line in events.so_far() if address in line]
                or host.addresses("enp1s0") != {address}
                or host.nmcli("-g GENERAL.STATE device show enp1s0").stdout.strip() != "100 (connected)"
                or host.endpoint_flags() != {address: {"signal", "subflow"}})
    with pytest.raises(LabError, match="waited 60 s in vain"):
        wait_for(is_harmed, 60, "harm", poll=0.5)
    assert [line for line in events.stop() if address in line] == []
