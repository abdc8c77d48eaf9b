#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it costs to start the program, compared with `ip mptcp limits show`. Requires root.

All commands run alternately on one lab host without NetworkManager: `--version`, `check` of a small file, and
`apply --boot` with nothing to do, for a sysctl, the limits and an endpoint. `nmcli --version`, which loads libnm and
does nothing, is for information. Prints Markdown; it does not enforce the targets.
"""

from bench_host import Stopwatch, median_ms, options, parse, print_table, ratio, run_benchmark
from lab import Lab, LabError

CONFIG = """
sysctl: {add_addr_timeout: 60}
limits: {subflows: 4, add_addr_accepted: 3}
endpoints: [{address: 203.0.113.1, flags: [signal]}]
"""
TARGETS = {"`--version`": "1.2", "`check` of a small file": "1.2", "`apply --boot` with nothing to do": "2"}


def set_up(host):
    """Makes the host match the configuration by other programs."""
    host.configure(CONFIG)
    host.sysctl("net.mptcp.add_addr_timeout", 60)
    host.ip("mptcp limits set subflows 4 add_addr_accepted 3")
    host.ip("mptcp endpoint add 203.0.113.1 signal")
    done = host.keeper("apply", "--boot", "--detailed-exitcodes")
    if done.returncode != 0:
        raise LabError(f"apply --boot did not find everything in place: exit {done.returncode}\n"
                       f"{done.stdout}{done.stderr}")


def measure(program, rounds):
    """{name: runs} of each command."""
    commands = {"ip": ["ip", "mptcp", "limits", "show"], "`--version`": [program, "--version"],
                "`check` of a small file": [program, "check"],
                "`apply --boot` with nothing to do": [program, "apply", "--boot"],
                "`nmcli --version`": ["nmcli", "--version"]}
    with Lab() as lab:
        host = lab.host("bench")
        set_up(host)
        with Stopwatch(host) as stopwatch:
            return stopwatch.alternate(commands, rounds, "start")


def main():
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="runs of each command (default: %(default)s)")
    arguments = parse(parser)
    runs = measure(arguments.program, arguments.rounds)
    ip = runs.pop("ip")
    print_table((f"{name}, relative to `ip mptcp limits show`",
                 f"{ratio(some, ip):.2f} ({median_ms(some):.1f} ms, {median_ms(ip):.1f} ms)", TARGETS.get(name, ""))
                for name, some in runs.items())


if __name__ == "__main__":
    run_benchmark(main)
