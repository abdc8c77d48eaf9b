# SPDX-License-Identifier: LGPL-2.1-or-later
"""NetworkManager restarts, is stopped, or does not answer: the daemon keeps running and catches up."""

import time

import scenario
from node import wait_for
from scenario import FLAGS, LIMITS, UNITS

DAEMON = "mptcp-keeper.service"
# much shorter than the outage, so that a missed watchdog message is noticed
SHORT_WATCHDOG = "[Service]\nWatchdogSec=6s\n"
GENEROUS = 20


def keep(machine):
    """Boots a machine whose daemon is killed after 6 s without a watchdog message; waits until it is in sync."""
    machine.write(f"/etc/systemd/system/{DAEMON}.d/watchdog.conf", SHORT_WATCHDOG)
    scenario.enable(machine, *UNITS[:2])
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    assert machine.property(DAEMON, "WatchdogUSec") == "6s"
    return machine


def life_of(machine):
    """Values that change when the daemon dies or restarts."""
    return [machine.property(DAEMON, name) for name in ("MainPID", "NRestarts", "ActiveState")]


def assert_limits_are_kept(machine):
    """Checks that the kernel part is repaired."""
    machine.ip("mptcp limits set subflows 1 add_addr_accepted 1")
    wait_for(lambda: machine.limits() == LIMITS, 10, "the limits to be repaired")


def wait_until_repaired(machine, what, since):
    """Waits until the host is in sync again; prints the time since `since`."""
    def is_repaired():
        return (machine.stored_flags("wan-enp1s0") == FLAGS
                and machine.endpoint_flags() == scenario.endpoints_of("enp1s0", "enp2s0"))
    wait_for(is_repaired, GENEROUS, f"the repair after NetworkManager was {what}")
    print(f"converged after NetworkManager was {what}: {(time.monotonic() - since) * 1000:.0f} ms (target 2000)")
    scenario.wait_until_in_sync(machine)
    repaired = scenario.journal(machine, f"MESSAGE_ID={scenario.REPAIRED}", "RESOURCE=profile")
    assert repaired, "nothing had drifted"


def test_restarted(machine):
    kept = keep(machine)
    life = life_of(kept)
    for _ in range(3):
        kept.systemctl("restart", "NetworkManager")
        since = time.monotonic()
        kept.nmcli("connection modify wan-enp1s0 connection.mptcp-flags default")
        wait_until_repaired(kept, "restarted", since)
    assert life_of(kept) == life


def stop_for_30_s(kept):
    """Stops NetworkManager, and changes what it will find when it starts again."""
    life = life_of(kept)
    kept.systemctl("stop", "NetworkManager")
    end = time.monotonic() + 30
    scenario.add_profile(kept, "enp1s0")  # without flags
    kept.ip(f"mptcp endpoint delete id {kept.endpoints()[scenario.ADDRESSES['enp2s0']]['id']}")
    assert_limits_are_kept(kept)
    wait_for(lambda: time.monotonic() > end, 31, "30 s to pass")
    assert_limits_are_kept(kept)
    assert life_of(kept) == life
    kept.systemctl("start", "NetworkManager")
    wait_until_repaired(kept, "stopped for 30 s", time.monotonic())
    assert life_of(kept) == life


def test_frozen_for_60_s_and_stopped_for_30_s(machines):
    kept = keep(scenario.furnish(machines))
    other = keep(scenario.furnish(machines))
    life = life_of(kept)
    kept.systemctl("kill", "--signal=STOP", "NetworkManager")
    end = time.monotonic() + 60
    assert_limits_are_kept(kept)
    stop_for_30_s(other)
    wait_for(lambda: time.monotonic() > end, 61, "a minute to pass")
    assert_limits_are_kept(kept)
    assert life_of(kept) == life
    # called now, answered after the thaw
    change = kept.start(["nmcli", "connection", "modify", "wan-enp1s0", "connection.mptcp-flags", "default"])
    kept.systemctl("kill", "--signal=CONT", "NetworkManager")
    since = time.monotonic()
    assert change.process.wait(GENEROUS) == 0
    wait_until_repaired(kept, "frozen for 60 s", since)
    assert life_of(kept) == life


def test_network_manager_that_was_disabled_stays_off(machine):
    """A host that uses networkd or netplan: mptcp-keeper never starts an installed NetworkManager, even if the bus
    could start it."""
    machine.write("/usr/share/dbus-1/system-services/org.freedesktop.NetworkManager.service",
                  "[D-BUS Service]\nName=org.freedesktop.NetworkManager\nExec=/bin/false\nUser=root\n"
                  "SystemdService=NetworkManager.service\n")
    machine.write(scenario.FILE, scenario.CONFIG.replace("profiles:\n", "#").replace("  - match", "#")
                  .replace("    mptcp-flags", "#"))
    machine.boot()
    machine.systemctl("disable", "--now", "NetworkManager", "NetworkManager-wait-online")
    machine.systemctl("enable", "--now", "mptcp-keeper", "mptcp-keeper-apply")

    def is_off():
        return machine.property("NetworkManager.service", "ActiveState") == "inactive"
    wait_for(lambda: scenario.kernel_part(machine) == scenario.KERNEL_PART, 20, "the kernel's part")
    for command in ("apply", "diff", "status", "doctor", "export", "connections"):
        done = machine.keeper(command)
        assert command == "export" or "NetworkManager is not running" not in done.stderr, "it is not needed here"
    assert is_off()
    machine.systemctl("restart", "mptcp-keeper", "mptcp-keeper-boot")
    assert is_off()
    machine.shut_down()
    machine.boot()
    wait_for(lambda: scenario.kernel_part(machine) == scenario.KERNEL_PART, 20, "the kernel's part")
    wait_for(lambda: machine.property(DAEMON, "ActiveState") == "active", 20, "the daemon")
    assert is_off()
    # The control: the bus does start it for other programs.
    machine.run(["busctl", "call", "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
                 "org.freedesktop.DBus.Peer", "Ping"])
    assert not is_off()
