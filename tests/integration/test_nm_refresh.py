# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the NetworkManager adapter reads again after changes, against what it reads as a whole."""

import pytest
from adapter_probe import Probe
from lab import Lab, wait_for


@pytest.fixture(scope="module", name="host")
def one_host():
    with Lab() as lab:
        host = lab.host("one")
        lan = lab.segment("lan", ["192.0.2.254/24"])
        for interface in ("e0", "e1", "e2"):
            host.plug(interface, lan)
        host.start_network_manager()
        yield host


@pytest.fixture(autouse=True)
def without_profiles_of_other_tests(host):
    yield
    shown = host.nmcli("-g UUID,TYPE connection show").stdout.split()
    uuids = [line.split(":")[0] for line in shown if not line.endswith("loopback")]
    if uuids:
        host.nmcli(["connection", "delete", *uuids])


def changes_of_a_host(host):
    """Changes that NetworkManager announces, each by a command of its own."""
    yield host.nmcli("connection modify one connection.mptcp-flags signal")
    yield host.nmcli("connection modify one connection.id renamed")
    yield host.nmcli("connection down renamed")
    yield host.nmcli("connection up renamed")
    yield host.add_profile("new", "e1", "192.0.2.7/24", flags="subflow")
    yield host.nmcli("device reapply e1")
    yield host.nmcli("connection modify idle connection.interface-name e2 connection.mptcp-flags signal")
    yield host.nmcli("connection up idle")
    yield host.nmcli("connection delete new")
    yield host.ip("link add made0 type bridge")
    yield host.ip("address add 198.51.100.9/24 dev made0")
    yield host.ip("link set made0 up")
    yield host.ip("link delete made0")
    yield host.nmcli("device set e2 managed no")
    yield host.nmcli("device set e2 managed yes")
    yield host.nmcli("connection delete idle")


def test_what_is_read_again_is_all_that_has_changed(host):
    host.add_profile("one", "e0", "192.0.2.1/24", flags="subflow", extra=["ipv6.method", "disabled"])
    host.add_profile("idle", "e1", "192.0.2.2/24", flags="subflow", up=False)
    with Probe(host) as keeps, Probe(host) as reads_everything:
        keeps.state("snapshot")
        for number, _ in enumerate(changes_of_a_host(host)):
            wait_for(lambda: keeps.state("refresh") == reads_everything.state("snapshot"), 10,
                     f"the same state after change {number}")


def test_flags_that_another_program_reapplies_are_read_for_the_named_device(host):
    uuid = host.add_profile("static", "e0", "192.0.2.1/24", flags="subflow", extra=["ipv6.method", "disabled"])
    ifindex = host.run(["cat", "/sys/class/net/e0/ifindex"]).stdout.strip()
    with Probe(host) as keeps, Probe(host) as rival:
        keeps.state("snapshot")
        assert rival.reapply("e0", uuid, 0x1A) == [None]
        [profile] = [one for one in keeps.state("refresh", ifindex)["profiles"] if one["uuid"] == uuid]
        assert profile["activations"][0]["live"] == 0x1A


def test_a_restart_between_two_reads_is_noticed(host):
    host.add_profile("static", "e0", "192.0.2.1/24", flags="subflow")
    with Probe(host) as keeps:
        keeps.state("snapshot")
        host.restart_network_manager()
        host.nmcli("connection modify static connection.id other")
        wait_for(lambda: "other" in {one["name"] for one in keeps.state("refresh")["profiles"]}, 10, "the new name")


def test_a_renamed_interface_keeps_its_profile(host):
    """NetworkManager does not announce a new name."""
    host.add_profile("any", "e0", "192.0.2.1/24", flags="subflow", extra=["ipv6.method", "disabled"])
    host.nmcli("connection modify any connection.interface-name ''")
    with Probe(host) as keeps, Probe(host) as reads_everything:
        keeps.state("snapshot")
        host.ip("link set e0 down")
        host.ip("link set e0 name e9")
        host.ip("link set e9 up")
        try:
            wait_for(lambda: keeps.state("refresh") == reads_everything.state("snapshot"), 10, "the same state")
        finally:
            host.ip("link set e9 down")
            host.ip("link set e9 name e0")
            host.ip("link set e0 up")


SIGNALS = {
    "owner": ["/org/freedesktop/DBus", "org.freedesktop.DBus.NameOwnerChanged", "org.freedesktop.NetworkManager", ":1.1", ""],
    "profile": ["/org/freedesktop/NetworkManager/Settings/1", "org.freedesktop.NetworkManager.Settings.Connection.Updated"],
    "other": ["/org/example/1", "org.freedesktop.NetworkManager.Settings.Connection.Updated"],
}


@pytest.mark.parametrize("signal", SIGNALS)
def test_signals_of_other_users_are_ignored(host, signal):
    """Every user may send signals to a connection of root."""
    host.add_profile("static", "e0", "192.0.2.1/24", flags="subflow")
    with Probe(host) as keeps:
        before = keeps.state("snapshot")
        name = keeps.bus_name(host)
        path, member, *arguments = SIGNALS[signal]
        host.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "dbus-send", "--system",
                  "--type=signal", f"--dest={name}", path, member, *[f"string:{word}" for word in arguments]])
        monitor = host.start(["dbus-monitor", "--system", f"sender='{name}'"])
        monitor.wait_for("NameAcquired")
        assert keeps.state("refresh") == before
        host.nmcli("connection modify static connection.id other")
        wait_for(lambda: keeps.state("refresh") != before, 10, "the change")
        assert "GetManagedObjects" not in monitor.stop()
