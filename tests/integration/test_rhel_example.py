# SPDX-License-Identifier: LGPL-2.1-or-later
"""The hosts of the RHEL procedure, from examples/, end to end."""

import os
from pathlib import Path

import pytest
import yaml
from node import wait_for
from oracles import snapshot

EXAMPLES = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2])) / "examples"
SERVER = {"enp4s0": "192.0.2.1", "enp1s0": "198.51.100.1", "enp7s0": "192.0.2.3"}
CLIENT = {"enp4s0f0": "192.0.2.2", "enp4s0f1": "198.51.100.2", "enp6s0": "192.0.2.5"}


def make_host(lab, name, addresses, segments):
    host = lab.host(name)
    for interface, address in addresses.items():
        host.plug(interface, segments[address.rpartition(".")[0]])
    host.start_network_manager()
    for interface, address in addresses.items():
        host.add_profile(interface, interface, f"{address}/24")
    return host


@pytest.fixture
def segments(lab):
    return {"192.0.2": lab.segment("red"), "198.51.100": lab.segment("blue")}


def apply_example(host, name):
    text = (EXAMPLES / name).read_text()
    done = host.keeper("apply", config=text)
    assert done.returncode == 0, done.stderr
    assert done.json["changed"] and done.json["verified"] and not done.json["failed"], done.json
    return yaml.safe_load(text)


@pytest.mark.parametrize("name, addresses", [("rhel-server.yaml", SERVER), ("rhel-client.yaml", CLIENT)])
def test_three_interfaces_are_as_declared(lab, segments, name, addresses):
    host = make_host(lab, "host", addresses, segments)
    declared = apply_example(host, name)

    for limit, value in declared.get("limits", {}).items():
        assert host.limits()[limit] == value
    for interface, address in addresses.items():
        flags = host.stored_flags(interface)
        assert flags, f"{interface} has no flags"
        assert host.live_flags(interface) == flags
        endpoint = host.endpoints()[address]
        assert endpoint["dev"] == interface
        assert endpoint["flags"] == flags & {"signal", "subflow", "backup", "fullmesh"}
    assert set(host.endpoints()) == set(addresses.values())

    before = snapshot(host)
    again = host.keeper("apply", "--detailed-exitcodes")
    assert (again.returncode, again.json["changed"]) == (0, False), again.json
    assert snapshot(host) == before


def test_server_and_client_carry_one_connection_over_several_subflows(lab, segments):
    server = make_host(lab, "server", SERVER, segments)
    client = make_host(lab, "client", CLIENT, segments)
    apply_example(server, "rhel-server.yaml")
    apply_example(client, "rhel-client.yaml")

    listener = server.start(["mptcpize", "run", "iperf3", "--server", "--forceflush"])
    listener.wait_for("Server listening")
    client.start(["mptcpize", "run", "iperf3", "--client", "192.0.2.1", "--bitrate", "10M", "--time", "60"])

    def joined():
        return [c for c in client.mptcp_connections().values() if c["M"] == 1 and c["J"] >= 1]
    wait_for(joined, 10, "a connection with an initial and a joined subflow")
