# SPDX-License-Identifier: LGPL-2.1-or-later
"""The NetworkManager adapter against a real NetworkManager. nmcli, ip and the files are the oracles."""

import os
import re
import signal

import pytest
from adapter_probe import Probe
from lab import Lab, wait_for

DEFAULT, SIGNAL, SUBFLOW, LAMINAR = 0, 0x12, 0x22, 0x100

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the lab requires root")

WIFI = """[connection]
id=home
uuid=3f1c9a3e-7d0b-4d1e-9a51-0d6f4b2f8a01
type=wifi
interface-name=wlan0
autoconnect=no
[wifi]
ssid=home
[wifi-security]
key-mgmt=wpa-psk
psk=correct horse battery
[ipv4]
method=auto
"""
ENTERPRISE = """[connection]
id=office
uuid=3f1c9a3e-7d0b-4d1e-9a51-0d6f4b2f8a02
type=ethernet
autoconnect=no
[ethernet]
[802-1x]
eap=ttls;
identity=me
password=battery staple
phase2-auth=pap
[user]
org.example.note=kept
[ipv4]
method=auto
route1=10.99.0.0/16,192.0.2.9,7
"""
PLAIN = """[connection]
id={name}
uuid={uuid}
type=ethernet
autoconnect=no
[ipv4]
method=disabled
[ipv6]
method=disabled
"""


@pytest.fixture(scope="module", name="net")
def one_host():
    with Lab() as lab:
        lab.lan = lab.segment("lan", ["192.0.2.254/24"])
        lab.one = lab.host("one")
        for interface in ("e0", "e1", "e2"):
            lab.one.plug(interface, lab.lan)
        lab.one.start_network_manager()
        yield lab


@pytest.fixture(name="host")
def host_of_the_module(net):
    yield net.one
    shown = net.one.nmcli("-g UUID,TYPE connection show").stdout.split()
    uuids = [line.split(":")[0] for line in shown if not line.endswith("loopback")]
    if uuids:
        net.one.nmcli(["connection", "delete", *uuids])


def field(host, profile, name):
    """One property of a stored profile as nmcli shows it."""
    return host.nmcli(["-g", name, "connection", "show", profile]).stdout.strip()


def settings(host, uuid):
    """All properties of a profile as nmcli shows them, without those that change by themselves."""
    text = host.nmcli(["--show-secrets", "connection", "show", "uuid", uuid]).stdout
    return {line for line in text.splitlines() if not re.match(r"connection\.(timestamp|mptcp-flags):", line)}


def test_snapshot_shows_profiles_as_they_are(host):
    active = host.add_profile("active", "e0", "192.0.2.1/24", extra=["ipv6.method", "disabled"], flags="signal")
    host.add_profile("idle", "e1", "192.0.2.2/24", flags="subflow", up=False)
    with Probe(host) as probe:
        answer = probe.ask("snapshot")
        profiles = {profile["name"]: profile for profile in answer["profiles"]}
    version = host.run(["NetworkManager", "--version"]).stdout.strip()
    assert answer["version"] == version
    built_in = SUBFLOW | LAMINAR if tuple(map(int, version.split(".")[:2])) >= (1, 56) else SUBFLOW
    index = int(host.run(["cat", "/sys/class/net/e0/ifindex"]).stdout)
    assert profiles["active"] == {
        "uuid": active, "name": "active", "type": "802-3-ethernet", "interface_name": "e0", "storage": "etc",
        "filename": "/etc/NetworkManager/system-connections/active.nmconnection", "stored": 0x10,
        "activations": [{"interface": "e0", "ifindex": index, "live": 0x10, "reapply_disturbs": False,
                         "default_flags": built_in}],
        "skip_reason": None}
    assert (profiles["idle"]["stored"], profiles["idle"]["activations"]) == (0x20, [])
    assert profiles["lo"]["skip_reason"] and profiles["lo"]["activations"] == []


def test_store_changes_nothing_but_the_flags(host):
    host.write_profile("office", ENTERPRISE)
    uuid = field(host, "office", "connection.uuid")
    before = settings(host, uuid)
    bus = host.start(["dbus-monitor", "--system"])
    bus.wait_for("NameAcquired")
    with Probe(host) as probe:
        assert probe.store(uuid, SIGNAL) == [None]
        assert probe.profiles()["office"]["stored"] == SIGNAL
        assert field(host, "office", "connection.mptcp-flags") == "0x12"
        assert probe.store(uuid, DEFAULT) == [None]
        assert probe.profiles()["office"]["stored"] == DEFAULT
    host.run(["busctl", "call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetNameOwner", "s", "last.one"],
             check=False)
    traffic = bus.wait_for("last.one")
    # nmcli below requests the secrets, to show them; the probe must not
    assert traffic.count("member=Update2") == 2 and "GetSecrets" not in traffic
    bus.stop()
    assert settings(host, uuid) == before
    assert "battery staple" in "".join(before)


def test_secret_in_a_keyfile_survives(host):
    file = host.write_profile("home", WIFI)
    uuid = field(host, "home", "connection.uuid")
    with Probe(host) as probe:
        assert probe.store(uuid, SUBFLOW) == [None]
    text = host.path(file).read_text()
    assert "psk=correct horse battery" in text and "mptcp-flags=34" in text


def test_profile_in_run_stays_there(host):
    uuid = "3f1c9a3e-7d0b-4d1e-9a51-0d6f4b2f8a03"
    folder = "/run/NetworkManager/system-connections"
    host.write_profile("fleeting", PLAIN.format(name="fleeting", uuid=uuid), folder)
    with Probe(host) as probe:
        assert probe.profiles()["fleeting"]["storage"] == "run"
        assert probe.store(uuid, SIGNAL) == [None]
        assert (probe.profiles()["fleeting"]["storage"], probe.profiles()["fleeting"]["stored"]) == ("run", SIGNAL)
    assert "mptcp-flags=18" in host.path(f"{folder}/fleeting.nmconnection").read_text()
    assert not host.path("/etc/NetworkManager/system-connections/fleeting.nmconnection").exists()


def test_profile_in_usr_lib_is_shadowed_in_etc(host):
    uuid = "3f1c9a3e-7d0b-4d1e-9a51-0d6f4b2f8a04"
    text = PLAIN.format(name="shipped", uuid=uuid)
    shipped = host.write_profile("shipped", text, "/usr/lib/NetworkManager/system-connections")
    with Probe(host) as probe:
        assert probe.profiles()["shipped"]["storage"] == "usr_lib"
        assert probe.store(uuid, SIGNAL) == [None]
        assert (probe.profiles()["shipped"]["storage"], probe.profiles()["shipped"]["stored"]) == ("etc", SIGNAL)
    assert host.path(shipped).read_text() == text


def test_edit_by_another_just_before_is_not_lost(host):
    uuid = host.add_profile("shared", "e0", "192.0.2.1/24", up=False)
    with Probe(host) as probe:
        probe.profiles()
        for priority in range(1, 6):
            host.nmcli(f"connection modify shared connection.autoconnect-priority {priority}")
            assert probe.store(uuid, SIGNAL if priority % 2 else SUBFLOW) == [None]
            assert field(host, "shared", "connection.autoconnect-priority") == str(priority)


def test_missing_profiles_and_devices_are_reported(host):
    uuid = host.add_profile("going", "e0", "192.0.2.1/24")
    with Probe(host) as probe:
        probe.profiles()
        host.nmcli("connection delete going")
        stored, applied, nowhere = probe.store(uuid, SIGNAL) + probe.reapply("e0", uuid, SIGNAL, "e9", uuid, SIGNAL)
    assert stored["kind"] == "failed" and "no longer exists" in stored["message"]
    assert applied["kind"] == "failed" and "e0" in applied["message"]
    assert nowhere["message"] == "cannot reapply on e9: NetworkManager has no such device"


def test_reapply_needs_the_profile_to_be_active_still(host):
    uuid = host.add_profile("other", "e0", "192.0.2.1/24", up=False)
    host.add_profile("present", "e0", "192.0.2.1/24")
    with Probe(host) as probe:
        (refused,) = probe.reapply("e0", uuid, SIGNAL)
        assert refused["message"] == "cannot reapply on e0: it now runs another profile"
        assert probe.profiles()["present"]["activations"][0]["live"] == DEFAULT


def test_reapply_on_a_static_profile_keeps_addresses_routes_and_links(host):
    uuid = host.add_profile("static", "e0", "192.0.2.1/24", gateway="192.0.2.254", flags="subflow",
                            extra=["ipv6.method", "disabled"])
    host.ip("address add 203.0.113.7/24 dev e0")
    wait_for(lambda: host.endpoint_flags().get("192.0.2.1") == {"subflow"}, 5, "the endpoint")
    # an edit that is not activated yet
    host.nmcli("connection modify static ipv4.addresses 192.0.2.99/24")
    monitor = host.start(["ip", "monitor", "link", "address", "route"])
    host.ip("link add marker0 type bridge")
    monitor.wait_for("marker0")
    with Probe(host) as probe:
        assert probe.profiles()["static"]["activations"][0]["reapply_disturbs"] is False
        assert probe.reapply("e0", uuid, 0x1A) == [None]
        assert probe.profiles()["static"]["activations"][0]["live"] == 0x1A
    wait_for(lambda: host.endpoint_flags().get("192.0.2.1") == {"signal"}, 5, "the endpoint's new flags")
    host.ip("link add marker1 type bridge")
    monitor.wait_for("marker1")
    assert [line for line in monitor.stop().splitlines() if re.search(r"(?<!:)\be0\b", line)] == []
    assert host.addresses("e0") == {"192.0.2.1", "203.0.113.7"}
    for marker in ("marker0", "marker1"):
        host.ip(f"link delete {marker}")


def test_a_forced_difference_makes_network_manager_read_the_sysctl_again(host):
    host.sysctl("net.mptcp.enabled", 0)
    uuid = host.add_profile("late", "e0", "192.0.2.1/24", gateway="192.0.2.254", flags="enabled,signal",
                            extra=["ipv6.method", "disabled"])
    host.sysctl("net.mptcp.enabled", 1)
    assert host.endpoints() == {}
    with Probe(host) as probe:
        assert probe.reapply("e0", uuid, f"{SIGNAL}!") == [None]
        assert probe.profiles()["late"]["activations"][0]["live"] == SIGNAL
    wait_for(lambda: host.endpoint_flags().get("192.0.2.1") == {"signal"}, 5, "the endpoint")


@pytest.mark.parametrize("extra, disturbs", [
    (["ipv4.method", "auto", "ipv6.method", "disabled"], True),
    (["ipv4.method", "manual", "ipv4.addresses", "192.0.2.1/24", "ipv6.method", "disabled"], False),
    (["ipv4.method", "manual", "ipv4.addresses", "192.0.2.1/24", "ipv6.method", "auto"], True),
    (["ipv4.method", "disabled", "ipv6.method", "link-local"], True),
])
def test_snapshot_shows_where_a_reapply_disturbs(net, host, extra, disturbs):
    server = net.lan.serve("--dhcp-range=192.0.2.10,192.0.2.99,2m")
    host.add_profile("judged", "e0", extra=extra)
    server.stop()
    with Probe(host) as probe:
        assert probe.profiles()["judged"]["activations"][0]["reapply_disturbs"] is disturbs


def test_device_that_others_configured_is_skipped(host):
    with host.unseen_by_network_manager():
        host.ip("link add foreign0 type bridge")
        host.ip("address add 203.0.113.1/24 dev foreign0")
        host.ip("link set foreign0 up")
    wait_for(lambda: "externally" in host.nmcli("-g GENERAL.STATE device show foreign0").stdout, 10, "foreign0")
    with Probe(host) as probe:
        foreign = probe.profiles()["foreign0"]
    host.ip("link delete foreign0")
    assert foreign["activations"] == [] and "configured by another program" in foreign["skip_reason"]


def test_a_user_without_privileges_is_refused(host):
    uuid = host.add_profile("guarded", "e0", "192.0.2.1/24")
    with Probe(host, user=65534) as probe:
        assert probe.profiles()["guarded"]["stored"] == DEFAULT
        (stored,) = probe.store(uuid, SIGNAL)
        (applied,) = probe.reapply("e0", uuid, SIGNAL)
    assert (stored["kind"], applied["kind"]) == ("not_permitted", "not_permitted")
    assert "guarded" in stored["message"] and "e0" in applied["message"]


def test_many_profiles_go_through_one_call(host):
    uuids = [host.add_profile(f"many{number}", "e2", "192.0.2.1/24", up=False) for number in range(40)]
    with Probe(host) as probe:
        assert probe.store(*[word for uuid in uuids for word in (uuid, SIGNAL)]) == [None] * 40
        stored = {name: profile["stored"] for name, profile in probe.profiles().items() if name.startswith("many")}
    assert stored == {f"many{number}": SIGNAL for number in range(40)}


def test_frozen_network_manager_times_out_and_is_found_again(host):
    uuid = host.add_profile("patient", "e0", "192.0.2.1/24", extra=["ipv6.method", "disabled"])
    with Probe(host, limit_ms=400) as warm, Probe(host, limit_ms=400) as cold:
        assert warm.profiles()["patient"]["stored"] == DEFAULT
        host.signal_network_manager(signal.SIGSTOP)
        try:
            answers = [(a["error"], a["elapsed_ms"]) for a in (warm.ask("snapshot"), cold.ask("snapshot"))]
            for words in (("store", uuid, SIGNAL), ("reapply", "e0", uuid, SIGNAL)):
                answer = warm.ask(*words)
                answers.append((answer["results"][0], answer["elapsed_ms"]))
        finally:
            host.signal_network_manager(signal.SIGCONT)
        for error, elapsed in answers:
            assert error["kind"] == "timed_out", error
            assert 390 <= elapsed < 1400
        for probe in (warm, cold):
            wait_for(lambda probe=probe: "error" not in probe.ask("snapshot"), 10, "an answer")


def test_answers_after_the_deadline_are_harmless(host):
    uuid = host.add_profile("hasty", "e0", "192.0.2.1/24", extra=["ipv6.method", "disabled"])
    kinds = set()
    for limit_ms in (0, 1, 2, 3, 4, 5):
        with Probe(host, limit_ms=limit_ms) as probe:
            for round_ in range(20):
                answer = probe.ask("snapshot")
                kinds.add(answer.get("error", {}).get("kind"))
                flags = SIGNAL if round_ % 2 else SUBFLOW
                for result in probe.store(uuid, flags) + probe.reapply("e0", uuid, flags):
                    kinds.add(result and result["kind"])
    assert "timed_out" in kinds and kinds <= {None, "timed_out"}


def test_restart_is_survived_by_the_same_object(host):
    host.add_profile("lasting", "e0", "192.0.2.1/24")
    with Probe(host) as probe:
        uuid = probe.profiles()["lasting"]["uuid"]
        host.restart_network_manager()
        assert probe.profiles()["lasting"]["stored"] == DEFAULT
        host.restart_network_manager()
        assert probe.store(uuid, SIGNAL) == [None]
        assert probe.profiles()["lasting"]["stored"] == SIGNAL


def test_network_manager_that_dies_while_it_is_asked_is_unavailable(host):
    host.add_profile("orphan", "e0", "192.0.2.1/24")
    with Probe(host) as probe:
        uuid = probe.profiles()["orphan"]["uuid"]
        host.signal_network_manager(signal.SIGSTOP)
        probe.begin("store", uuid, SIGNAL)
        host.stop_network_manager(signal.SIGKILL)
        (result,) = probe.answer()["results"]
        host.start_network_manager()
        assert result["kind"] == "unavailable", result
        assert probe.store(uuid, SIGNAL) == [None]


def test_an_absent_network_manager_is_reported_at_once():
    with Lab() as lab:
        host = lab.host("bare")
        with Probe(host) as probe:
            answers = [probe.ask("snapshot")]
            host.start_bus()
            answers.append(probe.ask("snapshot"))
            host.start_network_manager()
            assert "error" not in probe.ask("snapshot")
            host.stop_network_manager()
            answers.append(probe.ask("snapshot"))
            answers.append({"error": probe.store("uuid", SIGNAL)[0], "elapsed_ms": 0})
        for answer in answers:
            assert answer["error"]["kind"] == "unavailable", answer
            assert "NetworkManager is not running" in answer["error"]["message"]
            assert answer["elapsed_ms"] < 1000


def test_default_flags_come_from_the_configuration():
    with Lab() as lab:
        host = lab.host("configured")
        host.start_network_manager("[connection-mptcp]\nconnection.mptcp-flags=18\n")
        with Probe(host) as probe:
            assert probe.ask("snapshot")["default_flags"] == SIGNAL
