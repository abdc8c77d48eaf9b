# SPDX-License-Identifier: LGPL-2.1-or-later
"""A VPN plugin of NetworkManager, OpenVPN: its device runs a generated profile, not the one of type vpn."""

import shutil
import subprocess
from pathlib import Path

import pytest
from daemon_host import Daemon
from doctor_host import doctor, paste
from node import wait_for
from oracles import NetworkEvents

PLUGIN = "/usr/lib/NetworkManager/VPN/nm-openvpn-service.name"
MISSING = [name for name in ("openvpn", "openssl") if shutil.which(name) is None]
MISSING += [] if Path(PLUGIN).exists() else ["NetworkManager's plugin for OpenVPN"]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

VERSION = subprocess.run(["NetworkManager", "--version"], capture_output=True, text=True, check=True).stdout.split(".")
IGNORED = tuple(map(int, VERSION[:2])) < (1, 54)  # observed: 1.42 and 1.52 ignore the profile's flags, 1.58 does not
if_ignored = pytest.mark.skipif(not IGNORED, reason="this NetworkManager makes endpoints for a VPN plugin's device")
if_heeded = pytest.mark.skipif(IGNORED, reason="this NetworkManager makes no endpoint for a VPN plugin's device")

WAN = {"192.0.2.2": {"subflow"}}
DISABLED = "profiles: [{match: {type: vpn}, mptcp-flags: disabled}]\n"
EVERYWHERE = "subflow,also-without-default-route"
NO_EFFECT = "this rule has no effect: NetworkManager ignores the flags of a VPN plugin's profile"
CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-subj", "/CN=lab", "-days", "30", "-keyout", "/run/vpn.key", "-out", "/run/vpn.crt"]
SERVER = ["openvpn", "--server", "10.8.0.0", "255.255.255.0", "--server-ipv6", "2001:db8:8::/64",
          "--topology", "subnet", "--dev", "tun", "--dh", "none", "--ca", "/run/vpn.crt", "--cert", "/run/vpn.crt",
          "--key", "/run/vpn.key"]


class Client:
    """A host with the profiles wan1 and, not active yet, `office`, a VPN that takes the default route."""

    def __init__(self, lab, config="", flags=None, mptcp=False):
        segment = lab.segment("lan")
        server, self.host = lab.host("server"), lab.host("client")
        server.plug("enp1s0", segment)
        server.ip("address add 192.0.2.1/24 dev enp1s0")
        server.ip("link set enp1s0 up")
        self.host.plug("enp1s0", segment)
        self.host.run(CERTIFICATE)
        for file in ("/run/vpn.key", "/run/vpn.crt"):
            server.write(file, self.host.path(file).read_text(), mode=0o600)
        command = [*SERVER, "--proto", "tcp-server" if mptcp else "udp"]
        server.start(["mptcpize", "run", *command] if mptcp else command).wait_for("Initialization Sequence Completed")
        if mptcp:
            plugin = self.host.path(PLUGIN).read_text()
            program = plugin.partition("program=")[2].split()[0]
            self.host.write("/run/plugin", f'#!/bin/sh\nexec mptcpize run {program} "$@"\n', mode=0o755)
            self.host.write(PLUGIN, plugin.replace(f"program={program}\n", "program=/run/plugin\n"))
        self.host.start_network_manager(config)
        self.host.add_profile("wan1", "enp1s0", "192.0.2.2/24", gateway="192.0.2.1")
        data = ("connection-type=tls,remote=192.0.2.1,ca=/run/vpn.crt,cert=/run/vpn.crt,key=/run/vpn.key,"
                f"cert-pass-flags=4,proto-tcp={'yes' if mptcp else 'no'}")
        self.host.nmcli(["connection", "add", "type", "vpn", "vpn-type", "openvpn", "ifname", "*", "con-name", "office",
                         "connection.autoconnect", "no", "vpn.data", data,
                         *(["connection.mptcp-flags", flags] if flags else [])])

    def up(self, ipv6="auto"):
        """Connects the VPN; returns the IPv4 address of tun0."""
        self.host.nmcli(["connection", "modify", "office", "ipv6.method", ipv6])
        self.host.nmcli("connection up office")
        wait_for(lambda: self.device()["STATE"] == "connected (externally)", 10, "NetworkManager to see tun0")
        wait_for(lambda: len(self.host.addresses("tun0")) == (2 if ipv6 == "auto" else 1), 10, "the addresses of tun0")
        wait_for(lambda: self.host.ip("route show default").stdout.startswith("default dev tun0"), 5, "its route")
        return next(address for address in self.host.addresses("tun0") if ":" not in address)

    def down(self):
        self.host.nmcli("connection down office")
        wait_for(lambda: "tun0" not in self.host.ip("link show").stdout + str(self.device()), 10, "the end of tun0")

    def device(self):
        """What NetworkManager shows for tun0."""
        fields = ("DEVICE", "STATE", "CONNECTION", "CON-UUID")
        shown = self.host.nmcli(["-t", "-f", ",".join(fields), "device"]).stdout.splitlines()
        values = next((line for line in shown if line.startswith("tun0:")), ":::")
        return dict(zip(fields, values.split(":")))

    def profile(self, uuid, field):
        return self.host.nmcli(["-g", field, "connection", "show", uuid]).stdout.strip()


@if_ignored
@pytest.mark.parametrize("config, flags", [
    ("", None),
    ("[connection]\nconnection.mptcp-flags=0x22\n", None),  # enabled,subflow: the default without this line
    ("[connection]\nconnection.mptcp-flags=0x2a\n", EVERYWHERE),
], ids=["defaults", "default-in-conf", "everywhere"])
def test_its_device_gets_no_endpoint(lab, config, flags):
    client = Client(lab, config, flags)
    host = client.host
    client.up()
    assert "dev tun0" in host.ip("-6 route show default").stdout
    device = client.device()
    assert device["CONNECTION"] == "tun0" and device["CON-UUID"] != client.profile("office", "connection.uuid")
    assert client.profile(device["CON-UUID"], "connection.type") == "tun"
    assert host.endpoint_flags() == WAN and host.live_flags("tun0") == set()
    found = doctor(host, config="version: 1\n")[0]
    assert not {"TUNNEL_AS_PATH", "NM_MAKES_NO_ENDPOINT", "NO_ENDPOINT"} & set(found), found
    status = host.keeper("status").json
    assert {one["name"]: one["reason"] for one in status["skipped"]}["tun0"].startswith("its device was configured by")
    assert status["in_sync"] and "office" not in [one["name"] for one in status["skipped"]]


@pytest.fixture
def client(lab):
    return Client(lab)


@if_ignored
def test_a_rule_for_its_profile_has_no_effect(client):
    host = client.host
    client.up()
    events = NetworkEvents(host)
    uuid = client.profile("office", "connection.uuid")
    for flags in ("disabled", f"[{EVERYWHERE}]"):
        config = DISABLED.replace("disabled", flags)
        done = host.keeper("apply", config=config)
        assert done.returncode == 0 and done.json["verified"], done.stderr
        assert [(one["key"], one["result"]) for one in done.json["changes"]] == [(uuid, "applied")]
        diff = host.keeper("diff")
        assert diff.returncode == 0 and diff.json["in_sync"] and diff.json["changes"] == []
        for warnings in (done.json["warnings"], diff.json["warnings"]):
            assert len(warnings) == 1 and warnings[0].endswith(NO_EFFECT), warnings
        assert host.endpoint_flags() == WAN
    assert events.stop() == []
    assert client.profile("office", "GENERAL.STATE") == "activated" and client.device()["CONNECTION"] == "tun0"
    client.down()
    client.up()
    assert host.endpoint_flags() == WAN and host.keeper("diff").returncode == 0
    assert host.stored_flags("office") == set(EVERYWHERE.split(","))
    assert host.keeper("reset").returncode == 0 and host.stored_flags("office") == set()


@if_ignored
def test_a_rule_for_its_device_is_skipped(client):
    client.up()
    device = client.device()
    for match in ("type: tun", 'interface: "tun*"'):
        done = client.host.keeper("apply", config=f"profiles: [{{match: {{{match}}}, mptcp-flags: [subflow]}}]\n")
        assert done.returncode == 0 and done.json["changes"] == []
        assert len(done.json["warnings"]) == 1 and '"tun0" is skipped' in done.json["warnings"][0]
        assert client.host.keeper("diff").returncode == 0
    assert client.device() == device and client.host.endpoint_flags() == WAN


@if_ignored
def test_the_daemon_sees_no_drift(client):
    daemon = Daemon(client.host, "profiles:\n  - {match: {type: tun}, mptcp-flags: disabled}\n"
                    "  - {match: {type: vpn}, mptcp-flags: disabled}\n")
    daemon.wait_until_idle()
    daemon.wait_for_line(NO_EFFECT)
    for _ in range(2):
        client.up()
        daemon.wait_until_idle()
        client.down()
    daemon.wait_until_idle()
    changes = [line for line in daemon.log() if "profile office" in line]
    assert daemon.record()["repairs"] == 0 and len(changes) == 1 and changes[0].startswith("applied "), daemon.log()
    assert client.host.endpoint_flags() == WAN


@if_ignored
def test_an_endpoint_of_another_program_for_its_address(lab):
    client = Client(lab, mptcp=True)
    host = client.host
    address = client.up(ipv6="disabled")
    assert "TUNNEL_AS_PATH" not in doctor(host, config=DISABLED)[0]
    host.ip(f"mptcp endpoint add {address} dev tun0 subflow backup")
    # the outer connection attempts a subflow through the tunnel that it carries
    wait_for(lambda: f"{address}%tun0" in host.run(["ss", "-tnH", "state", "syn-sent"]).stdout, 5, "that subflow")
    finding = doctor(host)[0]["TUNNEL_AS_PATH"]
    assert (finding["severity"], finding["subject"]) == ("warning", "tun0")
    assert "tun0 is a tunnel (tun)" in finding["evidence"] and "openvpn (pid " in finding["evidence"]
    paste(host, finding)
    assert host.endpoint_flags() == WAN and "TUNNEL_AS_PATH" not in doctor(host)[0]
    diff = host.keeper("diff")
    assert diff.returncode == 0 and diff.json["changes"] == []


@if_ignored
def test_a_device_that_network_manager_took_over(client):
    host = client.host
    address = client.up(ipv6="disabled")
    host.nmcli("connection modify tun0 connection.mptcp-flags subflow")
    wait_for(lambda: address in host.endpoints(), 5, "NetworkManager's endpoint")
    assert client.device()["STATE"] == "connected"
    done = host.keeper("apply", config=DISABLED)
    assert done.returncode == 0 and done.json["warnings"][0].endswith(NO_EFFECT)
    assert host.endpoint_flags() == WAN | {address: {"subflow"}}
    host.configure("version: 1\n")
    finding = doctor(host)[0]["TUNNEL_AS_PATH"]
    assert (finding["severity"], finding["subject"]) == ("info", "tun0")
    assert "type: [wireguard, tun, ip-tunnel]" in finding["fix"]
    paste(host, finding)
    assert host.endpoint_flags() == WAN and host.addresses("tun0") == {address}
    assert "TUNNEL_AS_PATH" not in doctor(host)[0] and host.keeper("diff").returncode == 0


@if_heeded
def test_its_endpoint_is_that_of_the_vpn_profile(client):
    host = client.host
    address = client.up(ipv6="disabled")
    wait_for(lambda: address in host.endpoints(), 5, "NetworkManager's endpoint")
    finding = doctor(host, config="version: 1\n")[0]["TUNNEL_AS_PATH"]
    assert finding["subject"] == "tun0" and "{type: vpn}" in finding["fix"]
    paste(host, finding)
    client.down()
    client.up(ipv6="disabled")
    assert address not in host.endpoints() and "TUNNEL_AS_PATH" not in doctor(host)[0]
    diff = host.keeper("diff")
    assert diff.returncode == 0 and diff.json["changes"] == [] and diff.json["warnings"] == []
