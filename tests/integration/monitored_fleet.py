# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fleet of lab hosts whose daemons write metrics, scraped by Prometheus: client1 is as it should be, client2 has drifted,
and on server1 another program keeps changing a limit."""

import signal
from pathlib import Path

from daemon_host import Daemon
from host import keeper_program
from monitoring import TEXTFILE, start_exporter
from node import wait_for

PEER = ["/usr/bin/python3", "-B", Path(__file__).resolve().parent.parent / "lab" / "mptcp_peer.py"]
SERVER_ADDRESS, MPTCP_PORT, TCP_PORT = "192.0.2.254", 4000, 4001
METRICS = f"metrics: {{textfile: {TEXTFILE}, counters: true}}\n"
CONFIG = """limits: {subflows: 4, add_addr_accepted: 3}
endpoints: [{address: 203.0.113.9, flags: [signal]}]
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [subflow, also-without-default-route]
"""
REPORT = "reconcile: {mode: report}\n" + CONFIG
# The server's second endpoint cannot be added: another program's endpoint has its id.
SERVER = CONFIG.replace("flags: [signal]}", "flags: [signal]}, {address: 203.0.113.7, flags: [signal], id: 7}")
HOSTS = {"client1": ("client", CONFIG), "client2": ("client", REPORT), "server1": ("server", SERVER)}


class Fleet:
    """The hosts, {name: (role, configuration)}, and a server for their connections in the lab's network node."""

    def __init__(self, lab, hosts=None):
        self.network = lab.network
        segments = [lab.segment(name, [address]) for name, address in
                    (("red", "192.0.2.254/24"), ("blue", "198.51.100.254/24"), ("management", "10.0.0.254/24"))]
        accept_every_source(lab.network, ["red", "blue"])
        lab.network.ip("mptcp limits set subflows 8 add_addr_accepted 8")
        lab.network.start([*PEER, "serve", MPTCP_PORT]).wait_for("ready")
        lab.network.start([*PEER, "serve_tcp", TCP_PORT]).wait_for("ready")
        self.hosts, self.daemons, self.targets = {}, {}, {}
        for name, (role, config) in (hosts or HOSTS).items():
            host = self.hosts[name] = lab.host(name)
            connect_host(host, segments)
            start_exporter(host)
            if name == "server1":
                host.ip("mptcp endpoint add 198.51.100.77 id 7 signal")
            host.write("/etc/mptcp-keeper/conf.d/50-metrics.yaml", METRICS)
            if config == REPORT:  # its daemon changes nothing
                assert host.keeper("apply", config=config).json["verified"]
            self.daemons[name] = Daemon(host, config)
            self.targets[f"10.0.0.{host.number}"] = {"instance": name, "role": role}
        for name, daemon in self.daemons.items():
            daemon.wait_until_idle()
            wait_for(self.hosts[name].path(TEXTFILE).exists, 10, f"the metrics of {name}")

    def open_connections(self, name, port, count):
        """Opens connections from that host to the server, and holds them."""
        self.hosts[name].start([*PEER, "connect", SERVER_ADDRESS, port, count]).wait_for("ready")

    def disturb(self):
        """Lets client2 drift without a repair and without its new files, and server1 into a conflict, with a file that
        cannot be loaded."""
        self.hosts["client2"].ip("mptcp limits set subflows 0 add_addr_accepted 0")
        self.hosts["client2"].configure(REPORT.replace("subflows: 4", "subflows: 5"))
        server = self.hosts["server1"]
        server.write("/run/rival", "while :; do ip mptcp limits set subflows 1; sleep 0.3; done\n")
        server.start(["sh", "/run/rival"])
        wait_for(lambda: server.keeper("status").json["daemon"]["conflicts"], 15, "a conflict")
        server.configure("limits: {subflows: many}\n")
        self.daemons["server1"].send(signal.SIGHUP)
        self.daemons["server1"].wait_for_line("config.yaml:1")

    def metrics(self, name):
        """What `mptcp-keeper metrics` prints on a host."""
        return self.hosts[name].run([keeper_program(), "metrics"]).stdout


def accept_every_source(node, interfaces):
    """Turns the reverse path filter off: a subflow's packets may arrive on another interface than the replies leave."""
    for interface in ("all", *interfaces):
        node.sysctl(f"net.ipv4.conf.{interface}.rp_filter", 0)


def connect_host(host, segments):
    """Connects the host to the segments: two with NetworkManager's profiles wan1 and wan2, and one for the management."""
    interfaces = ["enp1s0", "enp2s0", "enp3s0"]
    for interface, segment in zip(interfaces, segments):
        host.plug(interface, segment)
    accept_every_source(host, interfaces)
    host.start_network_manager()
    for number, prefix in ((1, "192.0.2"), (2, "198.51.100")):
        host.add_profile(f"wan{number}", f"enp{number}s0", f"{prefix}.{host.number}/24")
    host.add_profile("management", "enp3s0", f"10.0.0.{host.number}/24")
