# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixes of doctor suit the role of the host and its interfaces, and solve the problem when pasted."""

import pytest
from doctor_host import MPTCP, connect, doctor, is_bad, listen, paste, wait_for_code
from node import wait_for
from test_doctor_traffic import joins


def findings(host, code):
    return [one for one in doctor(host)[1]["findings"] if one["code"] == code]


def counter(host, name):
    """A counter of nstat since the host was created."""
    shown = host.run(["nstat", "-asz", name]).stdout.split()
    return int(shown[shown.index(name) + 1])


def test_a_server_that_opens_subflows_is_advised_to_announce(pair):
    client, server = pair
    for number, prefix in ((1, "192.0.2"), (2, "198.51.100")):
        server.ip(f"mptcp endpoint add {prefix}.1 dev eth{number} signal subflow")
    listen(server, MPTCP)
    connect(client)
    finding = wait_for_code(server, "ENDPOINT_WRONG_ROLE")
    assert finding["severity"] == "warning" and "accepts connections" in finding["evidence"]
    for one in findings(server, "ENDPOINT_WRONG_ROLE"):
        server.run(["rm", "-f", "/etc/mptcp-keeper/conf.d/90-pasted.yaml"])
        paste(server, one)
        server.run(["mv", "/etc/mptcp-keeper/conf.d/90-pasted.yaml", f"/etc/mptcp-keeper/conf.d/{one['subject']}.yaml"])
    assert server.endpoint_flags() == {"192.0.2.1": {"signal"}, "198.51.100.1": {"signal"}}
    assert not findings(server, "ENDPOINT_WRONG_ROLE")
    attempts = counter(server, "MPTcpExtMPJoinSynTx")
    connect(client)
    wait_for(lambda: joins(client) >= 2, 10, "second subflows of both connections")
    assert counter(server, "MPTcpExtMPJoinSynTx") == attempts


def test_a_client_that_announces_private_addresses(client):
    client.ip("address add 10.1.2.3/24 dev eth1")
    client.ip("mptcp endpoint add 10.1.2.3 dev eth1 signal subflow")
    client.sysctl("net.mptcp.blackhole_timeout", 0)
    client.run(["/usr/bin/python3", "-c", "import socket\ns = socket.socket(2, 1, 262)\ns.settimeout(2)\n"
                "s.connect_ex(('192.0.2.1', 9))"])  # refused, but the host has opened a connection
    finding = findings(client, "ENDPOINT_WRONG_ROLE")[0]
    assert finding["severity"] == "warning" and "private" in finding["evidence"]
    paste(client, finding)
    assert "signal" not in client.endpoint_flags()["10.1.2.3"] and not findings(client, "ENDPOINT_WRONG_ROLE")


@pytest.mark.parametrize("role, flag", [("client", "subflow"), ("server", "signal")])
def test_a_host_without_endpoints_gets_those_of_its_role(pair, role, flag):
    client, server = pair
    client.ip("mptcp endpoint flush")
    client.ip("mptcp limits set subflows 2 add_addr_accepted 2")
    listen(server, MPTCP)
    connect(client)
    host = {"client": client, "server": server}[role]
    other = {"subflow": "signal", "signal": "subflow"}[flag]
    paste(host, wait_for_code(host, "NO_ENDPOINT"))
    assert len(host.endpoints()) == 2
    assert all(flag in flags and other not in flags for flags in host.endpoint_flags().values())
    assert not {"NO_ENDPOINT", "ENDPOINT_WRONG_ROLE"} & set(doctor(host)[0])
    connect(client)
    wait_for(lambda: joins(client) >= 1, 10, "a second subflow")


def test_no_bridge_container_or_tunnel_is_proposed(client):
    client.ip("mptcp endpoint flush")
    for command in ("link add docker0 type bridge", "address add 172.17.0.1/16 dev docker0", "link set docker0 up",
                    "link add veth1a2b3c type veth peer name ceth0", "link set veth1a2b3c master docker0 up",
                    "link set ceth0 up", "link add lxc0 type veth peer name peer0", "address add 10.3.0.1/24 dev lxc0",
                    "link set lxc0 up", "link set peer0 up", "tuntap add dev tun0 mode tun",
                    "address add 10.8.0.2/24 dev tun0", "link set tun0 up",
                    "link add vlan7 link eth1 type vlan id 7"):
        client.ip(command, check=not command.startswith("link add vlan7"))
    wait_for(lambda: "docker0 is a bridge" in doctor(client)[0]["NO_ENDPOINT"]["evidence"], 10, "docker0's carrier")
    finding = doctor(client)[0]["NO_ENDPOINT"]
    assert not any(name in finding["fix"] for name in ("docker0", "veth1a2b3c", "ceth0", "lxc0", "tun0")), finding
    paste(client, finding)
    assert set(client.endpoints()) == {"192.0.2.2", "198.51.100.2"}
    assert "NO_ENDPOINT" not in doctor(client)[0]


def test_an_endpoint_without_flags_is_named_and_gets_them(client):
    client.ip("mptcp endpoint delete id 2")
    client.ip("mptcp endpoint add 198.51.100.2 dev eth2")
    finding = doctor(client)[0]["ENDPOINT_USELESS"]
    assert finding["subject"] == "198.51.100.2" and "neither signal nor subflow" in finding["evidence"]
    paste(client, finding)
    assert "subflow" in client.endpoint_flags()["198.51.100.2"] and "ENDPOINT_USELESS" not in doctor(client)[0]


def test_endpoints_of_another_daemon_are_removed_and_those_of_network_manager_kept(host):
    for number, address in enumerate(("fe80::1", "fe80::2", "172.17.0.1", "172.18.0.1", "10.9.0.1", "10.9.0.2"), 10):
        host.ip(f"mptcp endpoint add {address} dev enp3s0 id {number}")
    for number in (1, 2):
        host.add_profile(f"wan{number}", f"enp{number}s0", f"192.0.{number}.1/24", flags="subflow,also-without-default-route")
    wait_for(lambda: {"192.0.1.1", "192.0.2.1"} <= set(host.endpoints()), 10, "NetworkManager's endpoints")
    paste(host, doctor(host)[0]["ENDPOINT_TABLE_FULL"])
    assert set(host.endpoints()) == {"192.0.1.1", "192.0.2.1"}
    assert not {"ENDPOINT_TABLE_FULL", "ENDPOINT_USELESS"} & set(doctor(host)[0])


def test_apply_names_the_endpoints_of_a_full_table(host):
    for number in range(1, 9):
        host.ip(f"mptcp endpoint add 10.9.0.{number} signal")
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="disabled")
    done = host.keeper("apply", config="profiles: [{match: {name: wan1}, mptcp-flags: [subflow, also-without-default-route]}]\n")
    warnings = " ".join(done.json["warnings"])
    if "no room" not in warnings:
        pytest.skip("this kernel's table has room for more")
    assert all(f"10.9.0.{number} (id {number})" in warnings for number in range(1, 9)), warnings


def test_initial_address_that_peers_cannot_join(pair):
    client, server = pair
    server.sysctl("net.mptcp.allow_join_initial_addr_port", 0)
    listen(server, MPTCP)
    connect(client)
    on_client = wait_for_code(client, "PEER_ADDRESS_CLOSED")
    assert "deny_join_id0" in on_client["evidence"] and joins(client) == 0
    on_server = doctor(server)[0]["INITIAL_ADDRESS_CLOSED"]
    assert on_server["severity"] == "warning"
    paste(server, on_server)
    assert "INITIAL_ADDRESS_CLOSED" not in doctor(server)[0]
    paste(client, on_client)
    assert not is_bad(client, "PEER_ADDRESS_CLOSED")
    connect(client)
    wait_for(lambda: joins(client) >= 1, 10, "a subflow to the announced address of the server")


def test_ipv6_address_with_a_port_that_cannot_be_announced(pair):
    client, server = pair
    client.ip("mptcp endpoint flush")
    for number, host in ((2, client), (1, server)):
        for interface, prefix in (("eth1", "2001:db8:1"), ("eth2", "2001:db8:2")):
            host.ip(f"address add {prefix}::{number}/64 dev {interface} nodad")
        host.ip("mptcp limits set subflows 2 add_addr_accepted 2")
    server.ip("mptcp endpoint add 2001:db8:2::1 dev eth2 port 4321 signal")
    if "add_addr_v6_port_drop_ts" in server.run(["ls", "/proc/sys/net/mptcp"]).stdout:
        server.sysctl("net.mptcp.add_addr_v6_port_drop_ts", 0)
    server.start(["/usr/bin/python3", "-c", "import socket\ns = socket.socket(10, 1, 262)\ns.bind(('::', 5000))\n"
                  "s.listen()\nprint('ready', flush=True)\nheld = []\nwhile True: held.append(s.accept())"]).wait_for("ready")
    program = ("import signal, socket\ns = socket.socket(10, 1, 262)\ns.connect(('2001:db8:1::1', 5000))\n"
               "s.send(b'x' * 1000)\nprint('sent', flush=True)\nsignal.pause()")
    client.start(["/usr/bin/python3", "-c", program]).wait_for("sent", 20)
    wait_for(lambda: counter(server, "MPTcpExtAddAddrTxDrop") > 0, 10, "a dropped announcement")
    finding = doctor(server)[0]["ADD_ADDR_DROPPED"]
    assert finding["subject"] == "[2001:db8:2::1]:4321" and "AddAddrTxDrop" in finding["evidence"]
    paste(server, finding)
    assert "ADD_ADDR_DROPPED" not in doctor(server)[0]
    before = counter(client, "MPTcpExtAddAddr")
    client.start(["/usr/bin/python3", "-c", program]).wait_for("sent", 20)
    wait_for(lambda: counter(client, "MPTcpExtAddAddr") > before, 10, "an announcement that arrives")


def test_mesh_that_needs_more_than_the_limit(client):
    for number, address in ((1, "192.0.2.2"), (2, "198.51.100.2")):
        client.ip(f"mptcp endpoint delete id {number}")
        client.ip(f"mptcp endpoint add {address} dev eth{number} subflow fullmesh")
    finding = doctor(client)[0]["SUBFLOW_LIMIT_TOO_LOW"]
    assert "2 fullmesh endpoints and 2 accepted addresses can create 3" in finding["evidence"]
    paste(client, finding)
    assert client.limits() == {"subflows": 3, "add_addr_accepted": 2}
    assert "SUBFLOW_LIMIT_TOO_LOW" not in doctor(client)[0]


def test_a_tunnel_in_addition_to_other_paths(client):
    client.ip("tuntap add dev tun0 mode tun")
    client.ip("address add 10.8.0.2/24 dev tun0")
    client.ip("link set tun0 up")
    client.ip("mptcp endpoint add 10.8.0.2 dev tun0 subflow")
    finding = doctor(client)[0]["TUNNEL_AS_PATH"]
    assert (finding["severity"], finding["subject"]) == ("info", "tun0") and "tun0 is a tunnel" in finding["evidence"]
    paste(client, finding)
    assert "10.8.0.2" not in client.endpoints() and "TUNNEL_AS_PATH" not in doctor(client)[0]


def test_peers_on_connected_networks_need_no_default_route(pair):
    client, server = pair
    server.ip("mptcp endpoint add 198.51.100.1 dev eth2 signal")
    listen(server, MPTCP)
    connect(client)
    wait_for(lambda: joins(client) >= 2, 10, "subflows to both addresses")
    client.ip("route del default dev eth2")
    assert "ENDPOINT_NO_ROUTE" not in doctor(client)[0]


def test_policy_rule_that_keeps_an_endpoint_from_a_live_peer(pair):
    client, server = pair
    listen(server, MPTCP)
    connect(client)
    wait_for(lambda: joins(client) == 1, 10, "the second subflow")
    assert "ENDPOINT_NO_ROUTE" not in doctor(client)[0]
    client.ip("rule add from 198.51.100.2 to 192.0.2.0/24 prohibit")
    finding = doctor(client)[0]["ENDPOINT_NO_ROUTE"]
    assert finding["subject"] == "198.51.100.2" and "192.0.2.1" in finding["evidence"]
    client.ip("rule del from 198.51.100.2 to 192.0.2.0/24 prohibit")
    assert "ENDPOINT_NO_ROUTE" not in doctor(client)[0]


def test_connection_of_which_every_subflow_is_a_backup(pair):
    client, server = pair
    listen(server, MPTCP)
    connect(client)
    wait_for(lambda: joins(client) == 1, 10, "the second subflow")
    for number in (1, 2):
        client.ip(f"mptcp endpoint change id {number} backup")
    finding = wait_for_code(client, "ALL_SUBFLOWS_BACKUP")
    assert "192.0.2.2 by this host" in finding["evidence"]
    assert "by the peer" in wait_for_code(server, "ALL_SUBFLOWS_BACKUP")["evidence"]
    paste(client, finding)
    wait_for(lambda: "ALL_SUBFLOWS_BACKUP" not in doctor(client)[0], 10, "a subflow that is preferred")


def test_pinned_id_of_the_first_path_is_used_again(pair):
    client, server = pair
    client.ip("mptcp endpoint flush")
    client.ip("mptcp limits set subflows 2 add_addr_accepted 2")
    client.keeper("apply", config="endpoints:\n"
                  "  - {address: 192.0.2.2, interface: eth1, id: 42, flags: [subflow]}\n"
                  "  - {address: 198.51.100.2, interface: eth2, id: 43, flags: [subflow]}\n")
    listen(server, MPTCP)
    connect(client)
    wait_for(lambda: joins(client) == 1, 10, "the second subflow")
    for _ in range(2):
        client.ip("mptcp endpoint delete id 42")
        wait_for(lambda: sum(sum(one.values()) for one in client.mptcp_connections().values()) == 1, 10, "one subflow less")
        assert client.keeper("apply").returncode == 0 and client.endpoints()["192.0.2.2"]["id"] == 42
        wait_for(lambda: sum(sum(one.values()) for one in client.mptcp_connections().values()) == 2, 10,
                 "the subflow of the pinned endpoint again")


def test_a_recreated_interface_with_the_same_name(client):
    def plug():
        client.ip("link add usb0 type veth peer name modem")
        client.ip("address add 203.0.113.5/24 dev usb0")
        client.ip("link set usb0 up")
        client.ip("link set modem up")
    plug()
    client.keeper("apply", config="endpoints: [{address: 203.0.113.5, interface: usb0, flags: [subflow]}]\n")
    client.ip("link del usb0")
    plug()
    finding = doctor(client)[0]["ENDPOINT_NO_DEVICE"]
    assert finding["subject"] == "203.0.113.5" and "no longer exists" in finding["evidence"]
    assert client.keeper("apply").returncode == 0
    assert client.endpoints()["203.0.113.5"]["dev"] == "usb0" and "ENDPOINT_NO_DEVICE" not in doctor(client)[0]
