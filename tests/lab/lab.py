#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab: hosts with a real NetworkManager, on a network of their own.

    with Lab() as lab:
        lan = lab.segment("lan", ["192.0.2.254/24"])
        host = lab.host("server")
        host.plug("enp1s0", lan)
        host.start_network_manager()
        host.add_profile("wan", "enp1s0", "192.0.2.1/24")

Requires root. `lab.py shell` starts a host for interactive use; see its --help.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from host import Host  # noqa: E402
from node import LabError, Node, wait_for  # noqa: E402,F401


class Segment:
    """An Ethernet segment: a bridge in the lab's network node, which may have its own addresses."""

    def __init__(self, node, name, addresses):
        self.node = node
        self.name = name
        node.ip(f"link add name {name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        for address in addresses:
            # without duplicate address detection: the network exists before the hosts
            node.run(["ip", "address", "add", address, "dev", name, *(["nodad"] if ":" in address else [])])
        node.ip(f"link set dev {name} up")

    def port(self, host, interface):
        """The bridge's side of a host's cable."""
        return f"{self.name}.{host.number}.{interface}"[-15:].lstrip(".")

    def plug(self, host, interface):
        """Adds an interface of that name to the host, connected to this segment."""
        port = self.port(host, interface)
        self.node.cable(port, host, interface)
        self.node.ip(f"link set {port} master {self.name} up")

    def set_carrier(self, host, interface, on):
        """Disconnects (on=False) or connects the cable."""
        self.node.ip(f"link set {self.port(host, interface)} {'up' if on else 'down'}")

    def serve(self, *options):
        """Starts dnsmasq on the segment (DHCP, router advertisements); call stop() on the result to end it."""
        leases = f"/run/{self.name}.leases"
        server = self.node.start(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--bind-interfaces",
             f"--interface={self.name}", "--except-interface=lo", "--log-facility=-", "--log-dhcp",
             "--user=root", f"--dhcp-leasefile={leases}", f"--pid-file=/run/{self.name}.pid",
             "--dhcp-authoritative", "--no-ping", *options])
        server.wait_for("started")
        return server


class Lab:
    """All nodes of one experiment. Close it, or use it in `with`; it leaves nothing behind."""

    def __init__(self):
        if os.geteuid() != 0:
            raise LabError("the lab requires root")
        self._stack = contextlib.ExitStack()
        self.scratch = Path(tempfile.mkdtemp(prefix="mptcp-keeper-lab-"))
        self._stack.callback(shutil.rmtree, self.scratch, ignore_errors=True)
        self.hosts = []
        try:
            self.network = self._stack.enter_context(Node("network", self.scratch))
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends all nodes and removes the scratch folder."""
        self._stack.close()

    def segment(self, name, addresses=()):
        """Creates an Ethernet segment; the addresses belong to its router."""
        return Segment(self.network, name, addresses)

    def host(self, name="host"):
        """Creates a host; its NetworkManager is not started yet."""
        host = self._stack.enter_context(Host(name, self.scratch, len(self.hosts) + 1))
        self.hosts.append(host)
        return host


def shell(arguments):
    """Starts one host with static or DHCP profiles, and a program in it."""
    with Lab() as lab:
        host = lab.host("host")
        for number, link in enumerate(arguments.link):
            name, _, addresses = link.partition("=")
            segment = lab.segment(f"lan{number}", [f"10.77.{number}.1/24", f"2001:db8:77:{number}::1/64"])
            host.plug(name, segment)
            if not addresses:
                segment.serve(f"--dhcp-range=10.77.{number}.10,10.77.{number}.99,2m")
        host.start_network_manager()
        for number, link in enumerate(arguments.link):
            name, _, addresses = link.partition("=")
            host.add_profile(name, name, *filter(None, addresses.split(",")),
                             gateway=f"10.77.{number}.1" if not addresses else None)
        return subprocess.call(host.enter(arguments.command or ["bash", "--norc"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("shell", help=shell.__doc__)
    one.add_argument("--link", action="append", default=[], metavar="NAME[=ADDRESS/LENGTH,…]",
                     help="an interface with a static profile, or a DHCP profile without an address")
    one.add_argument("command", nargs="*", help="command to run instead of a shell")
    one.set_defaults(function=shell)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(arguments.function(arguments))


if __name__ == "__main__":
    main()
