# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon on a lab host."""

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
    """Runs `mptcp-keeper daemon` on a host, after writing the configuration if one is given."""

    def __init__(self, host, config=None):
        self.host = host
        if config is not None:
            host.configure(config)
        self.watcher = host.start([keeper_program(), "daemon"])
        wait_for(lambda: self.record() or self.watcher.process.poll() is not None, 15, "the daemon's record")

    @property
    def pid(self):
        """Its process ID on this machine."""
        return only_child(self.watcher.process.pid)

    def record(self):
        """Its published record, or None if there is none yet."""
        try:
            return json.loads(self.host.path(RECORD).read_text())
        except FileNotFoundError:
            return None

    def log(self):
        """The lines of its log so far."""
        return self.watcher.text().splitlines()

    def send(self, number):
        self.watcher.send(number)

    def reload(self, config=None):
        """Writes the file, sends SIGHUP and waits until the daemon has read it."""
        if config is not None:
            self.host.configure(config)
        loads = self.record()["loads"]
        self.send(signal.SIGHUP)
        wait_for(lambda: self.record()["loads"] > loads, 10, "the reload")

    def wait_until_idle(self, deadline=15):
        wait_for(lambda: self.record()["phase"] == "idle", deadline, "an idle daemon")

    def wait_for_line(self, *needles, deadline=5):
        """Waits for a log line that contains all needles."""
        return wait_for(lambda: next((line for line in self.log() if all(n in line for n in needles)), None),
                        deadline, f"{needles} in the daemon's log")

    def stop(self, with_signal=signal.SIGTERM):
        """Stops it; returns its exit code."""
        self.send(with_signal)
        return self.watcher.process.wait(15)

    def proc(self, name):
        return Path(f"/proc/{self.pid}/{name}")


def kernel_is_right(host):
    """Whether the sysctl, the limits and the endpoint match CONFIG."""
    return (host.sysctl("net.mptcp.add_addr_timeout") == "60"
            and host.limits() == {"subflows": 4, "add_addr_accepted": 3}
            and host.endpoint_flags().get("203.0.113.9") == {"signal"})


def all_is_right(host):
    """Whether these, the profiles wan1 and wan2 and the endpoint of the first match CONFIG."""
    return (kernel_is_right(host) and host.stored_flags("wan1") == host.stored_flags("wan2") == FLAGS
            and host.endpoint_flags().get("192.0.2.1") == {"signal", "subflow"})


def drift_kernel(host):
    """Changes everything that kernel_is_right() checks."""
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    host.ip("mptcp limits set subflows 1 add_addr_accepted 1")
    host.ip(f"mptcp endpoint delete id {host.endpoints()['203.0.113.9']['id']}")
