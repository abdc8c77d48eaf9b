# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shared by all integration tests: required privileges and programs, and a lab that is always cleaned up."""

import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))
from daemon_host import CONFIG, Daemon, all_is_right  # noqa: E402
from host import keeper_program  # noqa: E402
from lab import Lab  # noqa: E402
from node import wait_for  # noqa: E402
from prerequisites import skip_all, what_is_missing  # noqa: E402

PROGRAMS = ["NetworkManager", "busctl", "dbus-daemon", "dbus-monitor", "dbus-send", "dnsmasq", "ip", "iperf3",
            "mptcpize", "nmcli", "nsenter", "setpriv", "ss", "strace", "unshare"]


def pytest_configure(config):
    """Handles SIGTERM like Ctrl-C, so that the lab is cleaned up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def pytest_collection_modifyitems(items):
    """Skips all tests, with the reason, if the lab cannot run."""
    skip_all(items, what_is_missing("it makes network namespaces and runs NetworkManager in them", PROGRAMS))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Shows the log of NetworkManager with a failure."""
    report = (yield).get_result()
    if report.failed and "lab" in getattr(item, "funcargs", {}):
        for host in item.funcargs["lab"].hosts:
            report.sections.append((f"NetworkManager on {host.name}", host.network_manager_log[-8000:]))


@pytest.fixture
def lab():
    """A lab without hosts."""
    keeper_program()
    with Lab() as made:
        yield made


@pytest.fixture
def host(lab):
    """A host with three interfaces, enp1s0 to enp3s0, each on its own segment, and NetworkManager."""
    made = lab.host("host")
    for number in (1, 2, 3):
        made.plug(f"enp{number}s0", lab.segment(f"lan{number}"))
    made.start_network_manager()
    return made


@pytest.fixture
def wan(host):
    """The host with static profiles wan1 and wan2 with the flag `subflow` on its first two interfaces."""
    for number, prefix in ((1, "192.0.2"), (2, "198.51.100")):
        host.add_profile(f"wan{number}", f"enp{number}s0", f"{prefix}.1/24", flags="subflow,also-without-default-route")
    return host


@pytest.fixture
def daemon(wan):
    """The daemon on that host, idle after it applied daemon_host.CONFIG."""
    made = Daemon(wan, CONFIG)
    wait_for(lambda: all_is_right(wan), 10, "the first round")
    made.wait_until_idle()
    return made


@pytest.fixture
def pair(lab):
    """A client and a server on two networks, without NetworkManager; the client has an endpoint on each."""
    one, two = lab.segment("one", ["192.0.2.254/24"]), lab.segment("two", ["198.51.100.254/24"])
    lab.network.sysctl("net.ipv4.ip_forward", 1)
    for name in ("all", "one", "two"):
        lab.network.sysctl(f"net.ipv4.conf.{name}.rp_filter", 0)
    hosts = []
    for number, name in ((2, "client"), (1, "server")):
        host = lab.host(name)
        for interface, segment, prefix in (("eth1", one, "192.0.2"), ("eth2", two, "198.51.100")):
            host.plug(interface, segment)
            host.ip(f"address add {prefix}.{number}/24 dev {interface}")
            host.ip(f"link set {interface} up")
            host.sysctl(f"net.ipv4.conf.{interface}.rp_filter", 0)
            host.ip(f"route add default via {prefix}.254 dev {interface} metric {number}0{interface[-1]}")
        host.sysctl("net.ipv4.conf.all.rp_filter", 0)
        host.ip("mptcp limits set subflows 2 add_addr_accepted 2")
        host.configure("version: 1\n")
        hosts.append(host)
    client, server = hosts
    client.ip("mptcp endpoint add 192.0.2.2 dev eth1 subflow")
    client.ip("mptcp endpoint add 198.51.100.2 dev eth2 subflow")
    return client, server


@pytest.fixture
def client(pair):
    """The client of the pair, without any problem."""
    return pair[0]
