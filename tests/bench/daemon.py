#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast the daemon repairs drift, and what it costs when idle. Requires root.

Runs lab hosts with a real NetworkManager; `ip`, `nmcli` and /proc cause each drift, and the kernel or the profile's
file shows the repair. Prints medians as Markdown; it does not enforce the targets. The manual recipe repairs nothing,
so that column is the same in every row.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in ("lab", "integration"):
    sys.path.insert(0, str(HERE.parent / folder))
from daemon_host import Daemon  # noqa: E402
from lab import Lab, wait_for  # noqa: E402

PROFILE = """[connection]
id={name}
uuid=00000000-0000-4000-8000-{number:012}
type=ethernet
interface-name={name}
autoconnect={autoconnect}
mptcp-flags=0x38
[ipv4]
method=manual
address1=10.{number}.1.1/24
[ipv6]
method=disabled
"""
CONFIG = """
sysctl: {{add_addr_timeout: 60}}
limits: {{subflows: 4, add_addr_accepted: 3}}
endpoints:
{endpoints}profiles:
  - match: {{name: "eth*"}}
    mptcp-flags: [also-without-default-route, signal, subflow]
"""


def progress(text):
    print(text, file=sys.stderr, flush=True)


def until(condition, deadline=5.0):
    """Seconds until the condition holds; checks continuously."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > deadline:
            raise SystemExit("a drift was not repaired")
    return time.perf_counter() - start


def bench_host(lab, profiles, active, endpoints):
    """Creates a host with that many profiles, of which `active` are active, and that many declared endpoints."""
    host = lab.host("bench")
    lan = lab.segment("lan")
    for number in range(profiles):
        name = f"eth{number}"
        if number < active:
            host.plug(name, lan)
        host.write(f"/etc/NetworkManager/system-connections/{name}.nmconnection",
                   PROFILE.format(name=name, number=number, autoconnect="true" if number < active else "false"),
                   mode=0o600)
    host.start_network_manager()
    wait_for(lambda: host.nmcli("-t -f STATE device").stdout.splitlines().count("connected") == active, 60,
             f"{active} active profiles")
    declared = "".join(f"  - {{address: 203.0.113.{n + 1}, flags: [signal]}}\n" for n in range(endpoints))
    daemon = Daemon(host, CONFIG.format(endpoints=declared) if endpoints else
                    CONFIG.format(endpoints="").replace("endpoints:\n", ""))
    wait_for(lambda: len(host.endpoints()) == min(8, active + endpoints), 20, "the endpoints")
    daemon.wait_until_idle()
    return host, daemon


def fresh(daemon):
    """Reloads the daemon, which clears its repair history, so that it does not back off."""
    daemon.reload()
    daemon.wait_until_idle()
    time.sleep(0.05)


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
    """From the time when the profile's file has other flags until it has the declared ones again."""
    file = host.path("/etc/NetworkManager/system-connections/eth0.nmconnection")

    def is_right():
        return re.search("mptcp-flags=(0x38|56)\n", file.read_text())

    times = []
    for _ in range(rounds):
        fresh(daemon)
        change = host.start(["nmcli", "connection", "modify", "eth0", "connection.mptcp-flags", "subflow"])
        until(lambda: not is_right())
        times.append(until(is_right))
        change.process.wait(10)
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


def idle_cost(daemon, seconds):
    """Percent of one CPU and resident KiB, over that many seconds without events."""
    def run_ns():
        return int(daemon.proc("schedstat").read_text().split()[0])

    time.sleep(3)  # wait for the check that confirms the last repair
    before = run_ns()
    time.sleep(seconds)
    used = (run_ns() - before) / 1e9
    status = daemon.proc("status").read_text()
    return used / seconds * 100, int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def row(what, times, target):
    text = "" if times is None else f"{statistics.median(times) * 1000:.1f} ms | {max(times) * 1000:.1f} ms"
    print(f"| {what} | {text} | {target} | never |", flush=True)


def small_host(rounds, seconds):
    with Lab() as lab:
        host, daemon = bench_host(lab, 10, 4, 2)
        host.bench_lan = lab.segment("late")
        daemon.host.configure(host.path("/etc/mptcp-keeper/config.yaml").read_text().replace(
            "endpoints:\n", "endpoints:\n  - {address: 198.51.100.7, flags: [subflow]}\n"))
        fresh(daemon)
        progress("10 profiles: idle")
        cost = idle_cost(daemon, seconds)
        progress("sysctl")
        row("sysctl written", measure_sysctl(host, daemon, rounds), "10 ms")
        progress("profile")
        row("profile's flags changed by nmcli", measure_profile(host, daemon, rounds), "100 ms")
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
        host, daemon = bench_host(lab, 200, 6, 2)
        fresh(daemon)
        progress("200 profiles: idle")
        cost = idle_cost(daemon, seconds)
        progress("200 profiles: drift")
        row("200 profiles and 8 endpoints: flags changed by nmcli", measure_profile(host, daemon, rounds), "150 ms")
        row("200 profiles and 8 endpoints: sysctl written", measure_sysctl(host, daemon, rounds), "10 ms")
        daemon.stop(signal.SIGTERM)
        return cost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.environ.get("MPTCP_KEEPER", str(HERE.parents[1] / "build/mptcp-keeper")))
    parser.add_argument("--rounds", type=int, default=20, help="number of measurements of each kind")
    parser.add_argument("--seconds", type=int, default=20, help="duration of the idle measurement")
    arguments = parser.parse_args()
    os.environ["MPTCP_KEEPER"] = arguments.program
    print("| drift | repaired after (median) | slowest | target | today's recipe |\n|---|---|---|---|---|")
    small = small_host(arguments.rounds, arguments.seconds)
    large = large_host(arguments.rounds, arguments.seconds)
    print("\n| idle, interval 1 s | 10 profiles | target | 200 profiles | target |\n|---|---|---|---|---|")
    print(f"| share of one CPU | {small[0]:.3f} % | 0.1 % | {large[0]:.3f} % | |")
    print(f"| resident memory | {small[1] / 1024:.1f} MiB | 16 MiB | {large[1] / 1024:.1f} MiB | 24 MiB |")


if __name__ == "__main__":
    main()
