#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast the daemon repairs drift, and what it costs when idle. Requires root.

Runs lab hosts with a real NetworkManager; `ip`, `nmcli` and /proc cause each drift, and the kernel or NetworkManager's
signal shows the repair. Prints medians as Markdown; it does not enforce the targets. The manual recipe repairs nothing,
so that column is the same in every row.
"""

import re
import signal
import statistics
import subprocess
import time

from bench_host import (FLAGS, Stopwatch, Updates, bench_host, cpu_seconds, fresh, options, parse, progress,
                        repair_of_profile, resident_mib, run_benchmark, start_daemon, wait_until_quiet)
from lab import Lab, wait_for

CONFIG = """
sysctl: {{add_addr_timeout: 60}}
limits: {{subflows: 4, add_addr_accepted: 3}}
endpoints:
{endpoints}profiles:
  - match: {{name: "eth*"}}
    mptcp-flags: {flags}
"""


def until(condition, deadline=5.0):
    """Seconds until the condition holds; checks continuously."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > deadline:
            raise SystemExit("a drift was not repaired")
    return time.perf_counter() - start


def daemon_host(lab, profiles, active, endpoints):
    """Creates a host with that many profiles, of which `active` are active, that many declared endpoints, and the
    daemon."""
    host = bench_host(lab, profiles, active)
    declared = "".join(f"  - {{address: 203.0.113.{n + 1}, flags: [signal]}}\n" for n in range(endpoints))
    daemon = start_daemon(host, CONFIG.format(endpoints=declared, flags=FLAGS))
    wait_for(lambda: len(host.endpoints()) == min(8, active + endpoints), 20, "the endpoints")
    return host, daemon


class Sysctl:
    """Writes and reads a sysctl of the host by a helper in its namespaces."""

    PROGRAM = """
import sys, time
file = "/proc/sys/net/mptcp/add_addr_timeout"
for line in sys.stdin:
    with open(file, "w") as out: out.write("99")
    start = time.perf_counter()
    while open(file).read().strip() != "60":
        if time.perf_counter() - start > 5: sys.exit("not repaired")
    print(time.perf_counter() - start, flush=True)
"""

    def __init__(self, host):
        self._process = subprocess.Popen(host.enter(["/usr/bin/python3", "-S", "-c", self.PROGRAM]),
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.wait(5)


def measure_sysctl(host, daemon, rounds):
    helper = Sysctl(host)
    times = []
    for _ in range(rounds):
        fresh(daemon)
        times.append(helper.measure())
    helper.close()
    return times


def measure_profile(host, daemon, rounds):
    """From the signal of the change of the profile to the one of its repair."""
    updates = Updates(host, "eth0")
    with Stopwatch(host) as stopwatch:
        times = [repair_of_profile(host, daemon, updates, stopwatch)[1]["seconds"] for _ in range(rounds)]
    updates.stop()
    return times


def measure_limits(host, daemon, rounds):
    times = []
    for _ in range(rounds):
        fresh(daemon)
        host.ip("mptcp limits set subflows 1")
        times.append(until(lambda: host.limits()["subflows"] == 4))
    return times


def measure_endpoints(host, daemon, rounds, address):
    times = []
    for _ in range(rounds):
        fresh(daemon)
        host.ip(f"mptcp endpoint delete id {host.endpoints()[address]['id']}")
        times.append(until(lambda: address in host.endpoints()))
    return times


def measure_address(host, daemon, rounds):
    """From the addition of an address (IPv4: usable at once) until its declared endpoint exists."""
    host.plug("late0", host.bench_lan)
    host.ip("link set late0 up")
    times = []
    for _ in range(rounds):
        fresh(daemon)
        host.ip("address add 198.51.100.7/24 dev late0")
        times.append(until(lambda: "198.51.100.7" in host.endpoints()))
        host.ip("address delete 198.51.100.7/24 dev late0")
        host.ip(f"mptcp endpoint delete id {host.endpoints()['198.51.100.7']['id']}")
    return times


def sleeps(daemon):
    """{thread: how often it has gone to sleep} of the daemon."""
    count = re.compile(r"^voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE)
    return {task.name: int(count.search((task / "status").read_text())[1]) for task in daemon.proc("task").iterdir()}


def idle_cost(daemon, seconds):
    """Percent of one CPU, wake-ups per second and resident MiB, over that many seconds without events."""
    wait_until_quiet(daemon.pid)  # includes the check that confirms the last repair
    cpu, before = cpu_seconds(daemon.pid), sleeps(daemon)
    time.sleep(seconds)
    cpu = cpu_seconds(daemon.pid) - cpu
    # threads of GLib's pool end after a while
    wake_ups = sum(count - before.get(thread, 0) for thread, count in sleeps(daemon).items())
    return cpu / seconds * 100, wake_ups / seconds, resident_mib(daemon.pid)


def row(what, times, target):
    text = "" if times is None else f"{statistics.median(times) * 1000:.1f} ms | {max(times) * 1000:.1f} ms"
    print(f"| {what} | {text} | {target} | never |", flush=True)


def small_host(rounds, seconds):
    with Lab() as lab:
        host, daemon = daemon_host(lab, 10, 4, 2)
        host.bench_lan = lab.segment("late")
        daemon.host.configure(host.path("/etc/mptcp-keeper/config.yaml").read_text().replace(
            "endpoints:\n", "endpoints:\n  - {address: 198.51.100.7, flags: [subflow]}\n"))
        fresh(daemon)
        progress("10 profiles: idle")
        cost = idle_cost(daemon, seconds)
        progress("sysctl")
        row("sysctl written", measure_sysctl(host, daemon, rounds), "10 ms")
        progress("profile")
        row("profile's flags changed by nmcli", measure_profile(host, daemon, rounds), "15 ms")
        progress("limits")
        row("limits changed", measure_limits(host, daemon, rounds), "interval (1 s) + 50 ms")
        progress("endpoint")
        row("endpoint deleted", measure_endpoints(host, daemon, rounds, "203.0.113.1"), "interval (1 s) + 50 ms")
        progress("address")
        row("address present, its endpoint missing", measure_address(host, daemon, rounds), "100 ms")
        daemon.stop(signal.SIGTERM)
        return cost


def large_host(rounds, seconds):
    with Lab() as lab:
        host, daemon = daemon_host(lab, 200, 6, 2)
        fresh(daemon)
        progress("200 profiles: idle")
        cost = idle_cost(daemon, seconds)
        progress("200 profiles: drift")
        row("200 profiles and 8 endpoints: flags changed by nmcli", measure_profile(host, daemon, rounds), "150 ms")
        row("200 profiles and 8 endpoints: sysctl written", measure_sysctl(host, daemon, rounds), "10 ms")
        daemon.stop(signal.SIGTERM)
        return cost


def main():
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="number of measurements of each kind")
    parser.add_argument("--seconds", type=int, default=20, help="duration of the idle measurement")
    arguments = parse(parser)
    print("| drift | repaired after (median) | slowest | target | today's recipe |\n|---|---|---|---|---|")
    small = small_host(arguments.rounds, arguments.seconds)
    large = large_host(arguments.rounds, arguments.seconds)
    print("\n| idle, interval 1 s | 10 profiles | target | 200 profiles | target |\n|---|---|---|---|---|")
    print(f"| share of one CPU | {small[0]:.3f} % | 0.02 % | {large[0]:.3f} % | 0.02 % |")
    print(f"| wake-ups per second | {small[1]:.2f} | 1 | {large[1]:.2f} | 1 |")
    print(f"| resident memory | {small[2]:.1f} MiB | 16 MiB | {large[2]:.1f} MiB | 24 MiB |")


if __name__ == "__main__":
    run_benchmark(main)
