#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long it takes to list 10,000 MPTCP connections, compared with ss on the same sockets.

    tests/bench/connections.py [--connections N] [--rounds N]

Both ends of each connection are in one network namespace, so N connections are N sockets of one process: N/2 pairs.
The commands alternate; the medians and their ratio are printed. Requires root.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "lab"))
from host import keeper_program  # noqa: E402
from node import Node  # noqa: E402

SS = ["sh", "-c", "ss -tiMHnp; ss -tinHp"]


def seconds(node, command):
    """Wall time of a command in the node, without entering it."""
    enter = ["nsenter", "-t", str(node.pid), "-n", "-m", "-p", "-r", "--wd=/"]
    start = time.perf_counter()
    subprocess.run([*enter, *map(str, command)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def measure(connections, rounds):
    """{name: median seconds} of each command."""
    ways = {"mptcp-keeper connections --json": [keeper_program(), "connections", "--json"],
            "mptcp-keeper connections": [keeper_program(), "connections"], "ss -tiMHnp; ss -tinHp": SS}
    times = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as scratch, Node("bench", scratch) as node:
        node.sysctl("net.ipv4.ip_local_port_range", "1024 65000")
        peer = node.start(["/usr/bin/python3", "-B", TESTS / "lab" / "mptcp_peer.py", "pairs", 999, connections // 2])
        peer.wait_for("ready", 120)
        for _ in range(rounds):
            for name, command in ways.items():
                times[name].append(seconds(node, command))
    return {name: statistics.median(some) for name, some in times.items()}


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=1000 if os.environ.get("CI") else 10000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--program", default=os.environ.get("MPTCP_KEEPER", str(TESTS.parent / "build/mptcp-keeper")))
    arguments = parser.parse_args()
    os.environ["MPTCP_KEEPER"] = arguments.program
    medians = measure(arguments.connections, arguments.rounds)
    base = medians["ss -tiMHnp; ss -tinHp"]
    print(f"{arguments.connections} connections, medians of {arguments.rounds}")
    for name, median in medians.items():
        print(f"| {name:<33} | {median * 1000:7.1f} ms | {median / base:4.2f} |")


if __name__ == "__main__":
    main()
