#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A rollout to many hosts at once, on one machine. Requires root.

    tests/bench/fleet/hosts.py [--hosts N] [--jobs N]

Each host of the lab has a NetworkManager and a system bus of its own, two active profiles, and three configuration
files: of the fleet, of its group and its own. `apply` runs on all hosts, --jobs of them at a time, then again with
nothing to do. Then all hosts run the daemon; its memory is read when it is idle. The file of each group changes and all
daemons reload at once; at last the limits of all hosts drift at once. `ip mptcp` confirms what each host has. Prints
Markdown; it does not enforce a target.
"""

import os
import re
import signal
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench_host import (PROFILE, Daemon, Stopwatch, cpu_seconds, options, parse, progress,  # noqa: E402
                        run_benchmark, wait_for)
from lab import Lab, LabError  # noqa: E402

GROUPS = ("web", "edge", "storage", "desk")
BASE = """
sysctl: {enabled: true, add_addr_timeout: 60}
limits: {subflows: 2, add_addr_accepted: 2}
profiles:
  - match: {type: ethernet}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""
FLAGS = {"signal", "subflow"}


class FleetHost:
    """A host of the fleet, and what it must look like."""

    def __init__(self, lab, number):
        self.number, self.group, self.daemon, self.subflows = number, number % len(GROUPS), None, 3
        self.public = f"203.0.113.{number % 250 + 1}"
        self.host = lab.host(f"host{number}")
        for index, interface in enumerate(("eth0", "eth1")):
            self.host.plug(interface, lab.fleet_segments[index])
            self.host.write(f"/etc/NetworkManager/system-connections/{interface}.nmconnection",
                            PROFILE.format(name=interface, number=index, high=200 + index, low=number, bits="0x0",
                                           autoconnect="true"), mode=0o600)
        self.host.start_network_manager()
        self.host.write("/usr/lib/mptcp-keeper/conf.d/10-base.yaml", BASE)
        self.write_group_file()
        self.host.write("/etc/mptcp-keeper/conf.d/90-host.yaml",
                        f"endpoints: [{{address: {self.public}, flags: [signal]}}]\n")
        self.stopwatch = Stopwatch(self.host)

    def write_group_file(self):
        self.host.write("/etc/mptcp-keeper/conf.d/50-group.yaml",
                        f"limits: {{subflows: {self.subflows + self.group}}}\nreconcile: {{interval: 1s}}\n")

    def wait_until_connected(self):
        wait_for(lambda: self.host.nmcli("-t -f STATE device").stdout.splitlines().count("connected") == 2, 120,
                 f"two active profiles on {self.host.name}", poll=0.2)

    def has_the_limits(self):
        return self.host.limits() == {"subflows": self.subflows + self.group, "add_addr_accepted": 2}

    def is_as_declared(self):
        expected = {self.public: {"signal"}, f"10.200.{self.number}.1": FLAGS, f"10.201.{self.number}.1": FLAGS}
        return (self.has_the_limits() and self.host.endpoint_flags() == expected
                and self.host.sysctl("net.mptcp.add_addr_timeout") == "60")

    def apply(self, program):
        return self.stopwatch.measure(program, "apply", "--detailed-exitcodes", expected=(0, 2))

    def start_daemon(self):
        self.daemon = Daemon(self.host)
        self.daemon.wait_until_idle(60)

    def memory(self):
        """(resident, proportional) memory of the daemon, in MiB."""
        text = Path(f"/proc/{self.daemon.pid}/smaps_rollup").read_text()
        return [int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)[1]) / 1024 for name in ("Rss", "Pss")]


def on_all(hosts, jobs, call):
    """The results of a call for every host, and the wall-clock seconds of all of them."""
    start = time.monotonic()
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(call, hosts))
    return results, time.monotonic() - start


def wait_for_all(hosts, jobs, is_right, what):
    """Waits until a condition holds on every host."""
    on_all(hosts, jobs, lambda one: wait_for(lambda: is_right(one), 120, f"{what} on {one.host.name}", poll=0.1))


def apply_rows(hosts, jobs, program, peaks):
    """Two runs of `apply` on all hosts; the rows of the table. Adds the largest memory of each run to `peaks`."""
    for what, expected in (("changed", 2), ("nothing to do", 0)):
        runs, wall = on_all(hosts, jobs, lambda one: one.apply(program))
        if {run["exit"] for run in runs} != {expected}:
            raise LabError(f"apply, {what}: exit codes {[run['exit'] for run in runs]}")
        wrong = [one.host.name for one in hosts if not one.is_as_declared()]
        if wrong:
            raise LabError(f"not as declared after apply: {wrong}")
        peaks.append(max(run["peak_kib"] for run in runs) / 1024)
        yield (f"`apply` on all hosts, {what}", f"{wall:.2f} s",
               f"{statistics.median(run['seconds'] for run in runs) * 1000:.0f} ms",
               f"{sum(run['cpu'] for run in runs) * 1000 / len(runs):.1f} ms")


def daemon_row(what, hosts, jobs, act, is_right):
    """Acts on all hosts at once and waits until every daemon has followed; a row of the table."""
    used = [cpu_seconds(one.daemon.pid) for one in hosts]
    start = time.monotonic()
    on_all(hosts, len(hosts), act)
    wait_for_all(hosts, jobs, is_right, what)
    wall = time.monotonic() - start
    spent = [cpu_seconds(one.daemon.pid) - before for one, before in zip(hosts, used)]
    return what, f"{wall:.2f} s", "", f"{sum(spent) * 1000 / len(hosts):.1f} ms"


def reload_daemon(one):
    one.subflows = 4
    one.write_group_file()
    one.daemon.send(signal.SIGHUP)


def measure(arguments):
    """Makes the hosts and measures; prints the table."""
    with Lab() as lab:
        lab.fleet_segments = [lab.segment("fleet0"), lab.segment("fleet1")]
        start = time.monotonic()
        hosts = []
        for number in range(arguments.hosts):
            hosts.append(FleetHost(lab, number))
            progress(f"host {number + 1} of {arguments.hosts}")
        on_all(hosts, arguments.jobs, FleetHost.wait_until_connected)
        progress(f"{len(hosts)} hosts with NetworkManager after {time.monotonic() - start:.0f} s")
        peaks = []
        rows = list(apply_rows(hosts, arguments.jobs, arguments.program, peaks))
        progress("the daemons start")
        _, wall = on_all(hosts, arguments.jobs, FleetHost.start_daemon)
        memory = [one.memory() for one in hosts]
        cpu = sum(cpu_seconds(one.daemon.pid) for one in hosts)
        rows.append(("the daemon starts, nothing to do", f"{wall:.2f} s", "", f"{cpu * 1000 / len(hosts):.1f} ms"))
        rows.append(daemon_row("the files of the groups change, all daemons reload at once", hosts, arguments.jobs,
                               reload_daemon, FleetHost.has_the_limits))
        rows.append(daemon_row("the limits of all hosts drift at once, until all are repaired", hosts, arguments.jobs,
                               lambda one: one.host.ip("mptcp limits set subflows 1"), FleetHost.has_the_limits))
        wrong = [one.host.name for one in hosts if not one.is_as_declared()]
        if wrong:
            raise LabError(f"not as declared at the end: {wrong}")
        polling = sum("cannot set up inotify" in one.daemon.watcher.text() for one in hosts)
    print(f"{len(hosts)} hosts, {arguments.jobs} at a time.\n")
    print("| case | all hosts | a host (median) | CPU of mptcp-keeper, a host |\n|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    resident, proportional = zip(*memory)
    print(f"\nMemory of the idle daemon: {statistics.median(resident):.1f} MiB resident, "
          f"{statistics.median(proportional):.1f} MiB proportional (at most {max(resident):.1f} and "
          f"{max(proportional):.1f}); of `apply` at most {max(peaks):.1f} MiB.")
    if polling:
        print(f"{polling} daemons poll the sysctls: together the hosts exceed fs.inotify.max_user_instances.")


def main():
    parser = options(__doc__)
    parser.add_argument("--hosts", type=int, default=5 if os.environ.get("CI") else 50)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="hosts at a time (default: %(default)s)")
    measure(parse(parser))


if __name__ == "__main__":
    run_benchmark(main)
