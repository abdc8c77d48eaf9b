#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What many profiles and many connections cost. Requires root.

Profiles: two lab hosts with a real NetworkManager, a few and many profiles, four of each active. nmcli changes one
declared profile on one host after the other; measured is the time between the two `Updated` signals on the bus, of the
change and of the daemon's repair, as dbus-monitor receives them. Then, without the daemon, `apply` with nothing to do
alternates with `nmcli connection show`.

Connections: `status` and `diff` alternate with `ss`, which lists the same sockets. Both ends of each connection are in
one network namespace, so N connections are N sockets. Prints Markdown; it does not enforce the targets.
"""

import os

from bench_host import (FLAGS, SS, Stopwatch, Updates, bench_host, hold_connections, median_ms, options, parse,
                        print_table, progress, ratio, repair_of_profile, resident_mib, run_benchmark, start_daemon,
                        wait_until_quiet)
from lab import Lab, LabError

ACTIVE = 4
PROFILES = f"profiles:\n  - match: {{name: 'eth*'}}\n    mptcp-flags: {FLAGS}\n"
DRIFT_TARGETS = {10: "15 ms", 1000: "50 ms"}
MEMORY_TARGETS = {10: "16 MB", 1000: "20 MB"}
APPLY_TARGETS = {1000: "120 ms"}
CONNECTIONS_TARGET = {10000: "200 ms"}
KERNEL = """
sysctl: {add_addr_timeout: 60}
limits: {subflows: 4, add_addr_accepted: 4}
endpoints: [{address: 203.0.113.1, flags: [signal]}]
"""


class ProfileHost:
    """A host with profiles and the daemon, and what is measured on it."""

    def __init__(self, lab, profiles):
        self.profiles, self.repairs, self.changes = profiles, [], []
        self.host = bench_host(lab, profiles, min(ACTIVE, profiles), name=f"host{profiles}")
        self.daemon = start_daemon(self.host, PROFILES)
        self._wait_until_idle()
        self.memory = [resident_mib(self.daemon.pid)]
        self.updates = Updates(self.host, "eth0")

    def _wait_until_idle(self):
        self.daemon.wait_until_idle()
        wait_until_quiet(self.daemon.pid, self.host.network_manager_pid)

    def repair(self, stopwatch):
        """Lets nmcli change the profile, and measures until the daemon has changed it back."""
        change, repair = repair_of_profile(self.host, self.daemon, self.updates, stopwatch)
        self.changes.append(change)
        self.repairs.append(repair)

    def finish(self):
        """Measures the memory after the repairs, and ends the daemon."""
        self._wait_until_idle()
        self.memory.append(resident_mib(self.daemon.pid))
        self.updates.stop()
        self.daemon.stop()

    def rows(self, runs):
        """The rows of the table."""
        yield (f"drift of one of {self.profiles} profiles, repaired after",
               f"{median_ms(self.repairs):.1f} ms "
               f"({ratio(self.repairs, self.changes):.2f} of the `nmcli` that causes it)",
               DRIFT_TARGETS.get(self.profiles, ""))
        yield (f"memory of the idle daemon, {self.profiles} profiles",
               f"{self.memory[0]:.1f} MiB, after the repairs {self.memory[1]:.1f} MiB",
               MEMORY_TARGETS.get(self.profiles, ""))
        yield (f"`apply` with nothing to do, {self.profiles} profiles",
               f"{median_ms(runs['apply']):.1f} ms "
               f"({ratio(runs['apply'], runs['nmcli']):.2f} of `nmcli connection show`)",
               APPLY_TARGETS.get(self.profiles, ""))


def profile_rows(program, numbers, rounds):
    """Measures hosts with these numbers of profiles, alternately; the rows of the table."""
    with Lab() as lab:
        hosts = []
        for number in numbers:
            progress(f"{number} profiles: start")
            hosts.append(ProfileHost(lab, number))
        stopwatches = {one: Stopwatch(one.host) for one in hosts}
        for number in range(1, rounds + 1):
            for one in hosts:
                one.repair(stopwatches[one])
            progress(f"drift: round {number} of {rounds}")
        rows = []
        for one in hosts:
            one.finish()
            commands = {"apply": [program, "apply"], "nmcli": ["nmcli", "connection", "show"]}
            rows += one.rows(stopwatches[one].alternate(commands, rounds, f"apply with {one.profiles} profiles"))
        for stopwatch in stopwatches.values():
            stopwatch.close()
        return rows


def connection_rows(program, count, rounds):
    """Measures `status` and `diff` with that many connections; the rows of the table."""
    with Lab() as lab:
        host = lab.host("connections")
        host.configure(KERNEL)
        host.keeper("apply")
        # `diff` has a change to make, whose effect on the connections it reports
        host.write("/run/changed.yaml", KERNEL.replace("[signal]", "[subflow]"))
        hold_connections(host, count)
        if abs(len(host.run(["ss", "-HMn"]).stdout.splitlines()) - count) > count // 100:
            raise LabError(f"there are not {count} connections")
        changed = [program, "--config", "/run/changed.yaml"]
        commands = {"`status`": [program, "status"], "`diff`, in sync": [program, "diff"],
                    "`diff`, one endpoint changed": [*changed, "diff"],
                    "`status`, one endpoint changed": [*changed, "status"], "ss": SS}
        with Stopwatch(host) as stopwatch:
            runs = stopwatch.alternate(commands, rounds, f"{count} connections", expected=(0, 2))
    ss = runs.pop("ss")
    for name, some in runs.items():
        yield (f"{name}, {count} connections",
               f"{median_ms(some):.1f} ms ({ratio(some, ss):.2f} of `ss`, {median_ms(ss):.0f} ms)",
               CONNECTIONS_TARGET.get(count, ""))


def main():
    parser = options(__doc__)
    parser.add_argument("--profiles", default="10,1000", help="numbers of profiles (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=1000 if os.environ.get("CI") else 10000)
    parser.add_argument("--rounds", type=int, default=11, help="number of measurements of each kind")
    parser.add_argument("--only", choices=("profiles", "connections"), help="measure only these")
    arguments = parse(parser)
    rows = []
    if arguments.only != "connections":
        rows += profile_rows(arguments.program, map(int, arguments.profiles.split(",")), arguments.rounds)
    if arguments.only != "profiles":
        rows += connection_rows(arguments.program, arguments.connections, arguments.rounds)
    print_table(rows)


if __name__ == "__main__":
    run_benchmark(main)
