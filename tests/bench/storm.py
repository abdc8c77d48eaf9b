#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the interfaces of containers cost the daemon, compared with NetworkManager. Requires root.

A lab host with a real NetworkManager has one declared profile, which is active, and runs the daemon. Then 200 veth
pairs are created, addressed, set up and deleted by one `ip -batch`, as a container runtime does. None of them concerns
the declaration. Measured are the CPU time of the daemon, NetworkManager and dbus-daemon from the first pair until all
three are idle again, and the daemon's resident memory before and then. Each storm has a host of its own, because the
memory that one storm costs hides that of the next. Prints Markdown; it does not enforce the targets.
"""

import contextlib
import statistics
import subprocess
import time

from bench_host import (FLAGS, bench_host, cpu_seconds, options, parse, print_table, progress, resident_mib,
                        run_benchmark, start_daemon, wait_until_quiet)
from lab import Lab, LabError

CONFIG = f"profiles:\n  - match: {{name: eth0}}\n    mptcp-flags: {FLAGS}\n"
# As 85-nm-unmanaged.rules of NetworkManager does on a host with udev; the lab has none.
UNMANAGED = "[device-veth]\nmatch-device=interface-name:veth*,interface-name:ctr*\nmanaged=0\n"
KINDS = {  # {name: (whether all pairs exist at the same time, NetworkManager's configuration, target)}
    "one pair after the other": (False, "", "1/20"),
    "all pairs at the same time": (True, "", "1/20"),
    "one after the other, not managed by NetworkManager": (False, UNMANAGED, ""),
}


def commands(pairs, together):
    """The commands for `ip -batch`."""
    created = [[f"link add name veth{n} type veth peer name ctr{n}", f"address add 172.17.{n % 250}.1/24 dev veth{n}",
                f"link set veth{n} up", f"link set ctr{n} up"] for n in range(pairs)]
    deleted = [[f"link delete veth{n}"] for n in range(pairs)]
    parts = [*created, *deleted] if together else [part for pair in zip(created, deleted) for part in pair]
    return [command for part in parts for command in part]


def run_commands(host, lines, gap):
    """Runs the commands in one `ip` with a gap between them, as if each were a program of its own."""
    with subprocess.Popen(host.enter(["ip", "-batch", "-"]), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          text=True) as process, contextlib.suppress(BrokenPipeError):
        for line in lines:
            print(line, file=process.stdin, flush=True)
            time.sleep(gap)
    if process.returncode != 0:
        raise LabError(f"ip -batch: exit {process.returncode}")


def storm(pairs, gap, together, extra):
    """One storm: CPU seconds of each process, resident MiB of the daemon before and after, and the seconds it took."""
    with Lab() as lab:
        host = bench_host(lab, 1, extra=extra)
        daemon = start_daemon(host, CONFIG)
        pids = {"daemon": daemon.pid, "NetworkManager": host.network_manager_pid, "dbus-daemon": host.bus_pid}
        wait_until_quiet(*pids.values())
        before, memory = {name: cpu_seconds(pid) for name, pid in pids.items()}, resident_mib(daemon.pid)
        start = time.monotonic()
        run_commands(host, commands(pairs, together), gap)
        lasted = time.monotonic() - start
        wait_until_quiet(*pids.values(), deadline=300)
        if daemon.record()["phase"] != "idle" or "veth" in host.ip("-o link").stdout:
            raise LabError("the storm is over, but the daemon is not idle or interfaces are left")
        used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
        return {**used, "before": memory, "after": resident_mib(daemon.pid), "seconds": lasted}


def rows(name, runs, target):
    """The rows of the table of one kind of storm."""
    def median(key):
        return statistics.median(run[key] for run in runs)

    ratio = statistics.median(run["NetworkManager"] / run["daemon"] for run in runs)
    growth = statistics.median(run["after"] - run["before"] for run in runs)
    yield (f"{name} ({median('seconds'):.1f} s): CPU of the daemon, relative to NetworkManager",
           f"1/{ratio:.1f} ({median('daemon'):.2f} s, {median('NetworkManager'):.2f} s; "
           f"dbus-daemon {median('dbus-daemon'):.2f} s)", target)
    yield (f"{name}: the daemon's memory afterwards",
           f"{growth:+.1f} MiB ({median('before'):.1f} → {median('after'):.1f} MiB)", "+2 MB")


def main():
    parser = options(__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="number of veth pairs (default: %(default)s)")
    parser.add_argument("--gap", type=float, default=20, metavar="MS",
                        help="milliseconds between two commands (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="number of storms of each kind (default: %(default)s)")
    arguments = parse(parser)
    runs = {name: [] for name in KINDS}
    for number in range(1, arguments.rounds + 1):
        for name, (together, extra, _) in KINDS.items():
            runs[name].append(storm(arguments.pairs, arguments.gap / 1000, together, extra))
            progress(f"round {number} of {arguments.rounds}: {name}: {runs[name][-1]}")
    print_table(row for name, kind in KINDS.items() for row in rows(name, runs[name], kind[2]))


if __name__ == "__main__":
    run_benchmark(main)
