#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Renders the pictures of the dashboards in docs/fleet.md from a run in the lab. Needs root, and takes three minutes.

    docs/dashboards.py PROGRAM [FOLDER]

A real Prometheus scrapes six hosts with mptcp-keeper, on two of which something goes wrong. The panels show the
queries of examples/grafana, and what Prometheus answers to them; it is not Grafana that draws them.
"""

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "integration")]
from dashboard_svg import draw  # noqa: E402
from lab import Lab  # noqa: E402
from monitored_fleet import CONFIG, HOSTS, MPTCP_PORT, TCP_PORT, Fleet  # noqa: E402
from monitoring import RULES, Prometheus, dashboard, substitute  # noqa: E402
from node import wait_for  # noqa: E402

FLEET = {**HOSTS, "client3": ("client", CONFIG), "server1": ("server", CONFIG), "server2": ("server", CONFIG),
         "server3": ("server", CONFIG)}
PERIOD, STEP = 160, 2  # s


def live(fleet, start):
    """What happens on the hosts, and when."""
    def at(second):
        time.sleep(max(0, start + second - time.time()))

    def drift(name):
        fleet.hosts[name].ip("mptcp limits set subflows 2 add_addr_accepted 2")
    at(20)
    fleet.open_connections("client1", MPTCP_PORT, 3)
    fleet.open_connections("server1", MPTCP_PORT, 2)
    at(40)
    drift("client1")
    fleet.open_connections("client1", TCP_PORT, 1)
    fleet.open_connections("client3", MPTCP_PORT, 4)
    at(65)
    fleet.open_connections("server1", TCP_PORT, 2)
    drift("server1")
    at(80)
    fleet.disturb()
    at(110)
    fleet.open_connections("client2", MPTCP_PORT, 2)
    fleet.open_connections("client1", MPTCP_PORT, 2)
    at(PERIOD)


def pictures(prometheus, end):
    """{name of the picture: SVG}."""
    period = (end - PERIOD, end)

    def answers(variables):
        return (lambda expression: prometheus.query(substitute(expression, variables)),
                lambda expression: prometheus.query_range(substitute(expression, variables), *period, STEP))
    return {name: draw(dashboard(f"mptcp-keeper-{name}"), title, *answers(variables), period)
            for name, title, variables in (
                ("fleet", "mptcp-keeper: fleet", {"job": "node", "role": ".*"}),
                ("host", "mptcp-keeper: host server1", {"job": "node", "instance": "server1"}))}


def main():
    os.environ["MPTCP_KEEPER"] = str(Path(sys.argv[1]).resolve())
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs"
    with Lab() as lab:
        fleet = Fleet(lab, FLEET)
        prometheus = Prometheus(lab.network, fleet.targets, [RULES.read_text()])
        wait_for(lambda: prometheus.value("min_over_time(sum(mptcp_keeper_in_sync)[6s:1s])") == len(FLEET), 60,
                 "a fleet that is in sync")
        start = time.time()
        live(fleet, start)
        for name, svg in pictures(prometheus, start + PERIOD).items():
            (folder / f"dashboard-{name}.svg").write_text(svg)


if __name__ == "__main__":
    main()
