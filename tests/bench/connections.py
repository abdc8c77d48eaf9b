#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long it takes to list 10,000 MPTCP connections, compared with ss on the same sockets.

    tests/bench/connections.py [--connections N] [--rounds N]

Both ends of each connection are in one network namespace, so N connections are N sockets of one process: N/2 pairs.
The commands alternate; the medians and their ratio are printed. Requires root.
"""

import os
import tempfile

from bench_host import SS, Stopwatch, hold_connections, median_ms, options, parse, ratio, run_benchmark
from node import Node


def measure(program, connections, rounds):
    """{name: runs} of each command."""
    ways = {"mptcp-keeper connections --json": [program, "connections", "--json"],
            "mptcp-keeper connections": [program, "connections"], "ss -tiMHnp; ss -tinHp": SS}
    with tempfile.TemporaryDirectory() as scratch, Node("bench", scratch) as node, Stopwatch(node) as stopwatch:
        hold_connections(node, connections)
        return stopwatch.alternate(ways, rounds, f"{connections} connections")


def main():
    """Prints the table."""
    parser = options(__doc__)
    parser.add_argument("--connections", type=int, default=1000 if os.environ.get("CI") else 10000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parse(parser)
    runs = measure(arguments.program, arguments.connections, arguments.rounds)
    base = runs["ss -tiMHnp; ss -tinHp"]
    print(f"{arguments.connections} connections, medians of {arguments.rounds}")
    for name, some in runs.items():
        print(f"| {name:<33} | {median_ms(some):7.1f} ms | {ratio(some, base):4.2f} |")


if __name__ == "__main__":
    run_benchmark(main)
