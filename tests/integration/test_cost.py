# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an event costs the daemon: it reads what the event concerns, and nothing if it concerns no item. strace is the
oracle: what the daemon asks the kernel and NetworkManager."""

import re
import subprocess
from contextlib import contextmanager

import pytest
from daemon_host import Daemon, all_is_right
from node import wait_for

DUMPS_LINKS = "RTM_GETLINK"
READS_EVERYTHING = "GetManagedObjects"


class Trace:
    """What the daemon sends, as strace shows it."""

    def __init__(self, daemon, file):
        self._file = file
        self._begin = 0
        self._strace = subprocess.Popen(
            ["strace", "-f", "-s", "400", "-e", "trace=sendto,sendmsg", "-e", "signal=none", "-o", file, "-p",
             str(daemon.pid)], stderr=subprocess.PIPE, text=True)
        assert "attached" in self._strace.stderr.readline()

    def stop(self):
        self._strace.terminate()
        self._strace.communicate(timeout=10)

    def text(self):
        """What was sent since forget()."""
        return self._file.read_text()[self._begin:]

    def forget(self):
        self._begin = len(self._file.read_text())

    def profiles_read(self):
        """The profiles whose settings the daemon read."""
        return set(re.findall(r"(/org/freedesktop/NetworkManager/Settings/\d+)[^\n]*GetSettings", self.text()))


@pytest.fixture(name="traced")
def trace_of_a_daemon(tmp_path):
    """A context manager: traces a daemon while it lasts."""
    @contextmanager
    def traced(daemon):
        trace = Trace(daemon, tmp_path / "trace")
        try:
            yield trace
        finally:
            trace.stop()

    return traced


def make_interfaces(host, count):
    """Veth pairs as a container runtime makes them, and their removal. NetworkManager sees all of them."""
    for number in range(count):
        host.ip(f"link add name veth{number} type veth peer name ctr{number}")
        host.ip(f"address add 172.17.{number}.1/24 dev veth{number}")
        host.ip(f"link set veth{number} up")
        host.ip(f"link set ctr{number} up")
    wait_for(lambda: f"veth{count - 1}" in host.nmcli("-t -f DEVICE device").stdout, 20,
             "NetworkManager to know the last of them")
    for number in range(count):
        host.ip(f"link delete veth{number}")
    wait_for(lambda: "veth" not in host.nmcli("-t -f DEVICE device").stdout, 20, "NetworkManager to forget them")


def repair_a_sysctl(host):
    """Something that the daemon does after all events before it."""
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 10, "the repair of the sysctl")


def test_interfaces_of_containers_lead_to_no_round(wan, daemon, traced):
    with traced(daemon) as trace:
        make_interfaces(wan, 10)
        repair_a_sysctl(wan)
    assert DUMPS_LINKS not in trace.text(), "no links, addresses and routes were read"
    assert READS_EVERYTHING not in trace.text()
    assert not re.search("Update2|Reapply", trace.text())
    assert all_is_right(wan)


def test_interfaces_of_containers_leave_no_memory_behind(wan, daemon):
    def resident_kib():
        return int(re.search(r"VmRSS:\s+(\d+)", daemon.proc("status").read_text())[1])

    make_interfaces(wan, 40)  # what the first use of code costs stays
    daemon.wait_until_idle()
    before = resident_kib()
    for _ in range(3):
        make_interfaces(wan, 40)
    repair_a_sysctl(wan)
    assert resident_kib() - before < 2048


def test_a_changed_profile_is_the_only_one_that_is_read(wan, daemon, traced):
    with traced(daemon) as trace:
        for number in range(10):
            wan.nmcli(f"connection add type ethernet con-name other{number} ifname none{number} autoconnect no")
        wait_for(lambda: len(trace.profiles_read()) == 10, 10, "the glances at the new profiles")
        trace.forget()
        wan.nmcli("connection modify wan1 connection.mptcp-flags subflow")
        wait_for(lambda: all_is_right(wan), 10, "the repair")
        daemon.wait_until_idle()
    assert len(trace.profiles_read()) == 1
    assert READS_EVERYTHING not in trace.text()


def test_a_relevant_interface_is_noticed_among_others(wan, daemon):
    """An address that a declared endpoint waits for comes while containers come and go."""
    daemon.reload(wan.path("/etc/mptcp-keeper/config.yaml").read_text().replace(
        "endpoints: [", "endpoints: [{address: 192.0.2.77, interface: late0, flags: [subflow]}, "))
    daemon.wait_until_idle()
    make_interfaces(wan, 5)
    wan.ip("link add late0 type bridge")
    wan.ip("link set late0 up")
    wan.ip("address add 192.0.2.77/32 dev late0")
    wait_for(lambda: wan.endpoint_flags().get("192.0.2.77") == {"subflow"}, 10, "the endpoint")


def test_a_profile_that_appears_among_others_is_noticed(wan, daemon):
    make_interfaces(wan, 5)
    wan.add_profile("wan3", "enp3s0", "203.0.113.1/24", flags="subflow")
    wait_for(lambda: "signal" in wan.stored_flags("wan3"), 10, "the declared flags")


def test_what_changed_during_a_restart_is_found(wan, daemon):
    wan.restart_network_manager()
    wan.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: all_is_right(wan), 30, "the repair")


def test_a_restart_of_the_bus_is_survived(wan, daemon):
    wan.stop_network_manager()
    wan.restart_bus()
    wan.start_network_manager()
    wan.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: all_is_right(wan), 30, "the repair")


def test_a_daemon_for_endpoints_alone_reads_no_profile_twice(wan, traced):
    wan.configure("endpoints: [{address: 203.0.113.9, flags: [signal]}]\n")
    daemon = Daemon(wan)
    daemon.wait_until_idle()
    wait_for(lambda: "203.0.113.9" in wan.endpoints(), 10, "the endpoint")
    with traced(daemon) as trace:
        wan.ip(f"mptcp endpoint delete id {wan.endpoints()['203.0.113.9']['id']}")
        wait_for(lambda: "203.0.113.9" in wan.endpoints(), 10, "the repair")
        daemon.wait_until_idle()
    assert trace.profiles_read() == set()
    assert READS_EVERYTHING not in trace.text()
    assert daemon.stop() == 0
