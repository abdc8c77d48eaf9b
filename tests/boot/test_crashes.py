# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon is killed at random moments while it applies: nothing is damaged, and the next start converges.

It is killed a hundred times, but for at most 90 s; KEEPER_KILLS=N kills it N times without a time limit.
"""

import os
import random
import time

import scenario
from node import wait_for

KILLS = int(os.environ.get("KEEPER_KILLS", "100"))
SEED = 20260731
DAEMON = "mptcp-keeper.service"

# Changes all declared items, starts the daemon and kills it after a while.
DISTURB_AND_KILL = """
nmcli connection modify wan-enp1s0 connection.mptcp-flags default
nmcli connection modify wan-enp2s0 connection.mptcp-flags backup
ip mptcp endpoint flush
ip mptcp limits set subflows 0 add_addr_accepted 0
echo 0 >/proc/sys/net/mptcp/enabled
echo 10 >/proc/sys/net/mptcp/add_addr_timeout
systemctl start --no-block mptcp-keeper.service
sleep "$1"
systemctl kill --kill-who=main --signal=KILL mptcp-keeper.service 2>/dev/null
"""


def undamaged(machine):
    """The stored profiles without their flags and timestamps."""
    return {interface: [line for line in machine.path(
        f"/etc/NetworkManager/system-connections/wan-{interface}.nmconnection").read_text().splitlines()
        if line and not line.startswith(("mptcp-flags", "timestamp"))] for interface in ("enp1s0", "enp2s0")}


def applying_takes(machine):
    """The seconds from the start of the daemon until it is ready."""
    machine.systemctl("stop", DAEMON)
    machine.ip("mptcp endpoint flush")
    machine.nmcli("connection modify wan-enp1s0 connection.mptcp-flags default")
    started = time.monotonic()
    machine.systemctl("start", DAEMON)
    return time.monotonic() - started


def test_killed_at_random_moments(machine):
    # systemd does not restart it by itself, so that the test controls what follows a kill
    machine.write(f"/etc/systemd/system/{DAEMON}.d/no-restart.conf", "[Service]\nRestart=no\n")
    machine.boot()
    scenario.start_daemon(machine)
    before = undamaged(machine)
    longest = 1.2 * applying_takes(machine)
    moments = random.Random(SEED)
    halfway = 0
    began = time.monotonic()
    for kills in range(1, KILLS + 1):
        machine.systemctl("stop", DAEMON, check=False)
        machine.run(["sh", "-c", DISTURB_AND_KILL, "sh", f"{moments.uniform(0, longest):.4f}"], check=False)
        wait_for(lambda: machine.property(DAEMON, "ActiveState") in ("failed", "inactive"), 10, "the daemon's death")
        assert machine.property(DAEMON, "Result") == "signal"
        halfway += machine.run(["mptcp-keeper", "diff"], check=False).returncode == 2
        assert undamaged(machine) == before
        machine.systemctl("start", DAEMON)
        scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
        scenario.wait_until_in_sync(machine)
        assert machine.stored_flags("wan-enp1s0") == machine.stored_flags("wan-enp2s0") == scenario.FLAGS
        assert undamaged(machine) == before
        if "KEEPER_KILLS" not in os.environ and time.monotonic() - began > 90:
            break
    print(f"seed {SEED}: killed {kills} times within {longest * 1000:.0f} ms of its start "
          f"({halfway} times before all was applied), in {time.monotonic() - began:.0f} s")
    assert halfway > kills // 5
    machine.shut_down()
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    assert undamaged(machine) == before
