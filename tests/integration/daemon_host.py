"""The daemon on a laboratory host, and what it is asked and told."""

import json
import signal
from pathlib import Path

from host import keeper_program
from node import only_child, wait_for

RECORD = "/run/mptcp-keeper/daemon.json"
CONFIG = """
sysctl: {add_addr_timeout: 60}
limits: {subflows: 4, add_addr_accepted: 3}
endpoints: [{address: 203.0.113.9, flags: [signal]}]
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""
FLAGS = {"signal", "subflow", "also-without-default-route"}
KERNEL = CONFIG.partition("profiles:")[0]


class Daemon:
    """`mptcp-keeper daemon` on a host; the configuration is written first, where one is given."""

    def __init__(self, host, config=None):
        self.host = host
        if config is not None:
            host.configure(config)
        self.watcher = host.start([keeper_program(), "daemon"])
        wait_for(lambda: self.record() or self.watcher.process.poll() is not None, 15, "the daemon's record")

    @property
    def pid(self):
        """Its process, as this machine counts."""
        return only_child(self.watcher.process.pid)

    def record(self):
        """What it publishes; None where it has not yet."""
        try:
            return json.loads(self.host.path(RECORD).read_text())
        except FileNotFoundError:
            return None

    def log(self):
        """What it has said so far, as a list of lines."""
        return self.watcher.text().splitlines()

    def send(self, number):
        self.watcher.send(number)

    def reload(self, config=None):
        """Writes the file, sends SIGHUP and waits until it was read."""
        if config is not None:
            self.host.configure(config)
        loads = self.record()["loads"]
        self.send(signal.SIGHUP)
        wait_for(lambda: self.record()["loads"] > loads, 10, "the reload")

    def wait_until_idle(self, deadline=15):
        wait_for(lambda: self.record()["phase"] == "idle", deadline, "an idle daemon")

    def wait_for_line(self, *needles, deadline=5):
        """Waits for one line of its log that has all of them."""
        return wait_for(lambda: next((line for line in self.log() if all(n in line for n in needles)), None),
                        deadline, f"{needles} in the daemon's log")

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it; returns its exit code."""
        self.send(with_signal)
        return self.watcher.process.wait(15)

    def proc(self, name):
        return Path(f"/proc/{self.pid}/{name}")


def kernel_is_right(host):
    """The sysctl, the limits and the endpoint of CONFIG."""
    return (host.sysctl("net.mptcp.add_addr_timeout") == "60"
            and host.limits() == {"subflows": 4, "add_addr_accepted": 3}
            and host.endpoint_flags().get("203.0.113.9") == {"signal"})


def all_is_right(host):
    """That, and the profiles wan1 and wan2 with the endpoint of the first."""
    return (kernel_is_right(host) and host.stored_flags("wan1") == host.stored_flags("wan2") == FLAGS
            and host.endpoint_flags().get("192.0.2.1") == {"signal", "subflow"})


def drift_kernel(host):
    """Changes all of what kernel_is_right() looks at."""
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    host.ip("mptcp limits set subflows 1 add_addr_accepted 1")
    host.ip(f"mptcp endpoint delete id {host.endpoints()['203.0.113.9']['id']}")
