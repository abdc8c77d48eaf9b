# SPDX-License-Identifier: LGPL-2.1-or-later
"""The host of most tests in this folder, and how to check that it is in sync."""

import json
import time

from node import wait_for

ADDRESSES = {"enp1s0": "192.0.2.1", "enp2s0": "198.51.100.1", "enp3s0": "203.0.113.1"}
FLAGS = {"signal", "subflow", "also-without-default-route"}
PUBLIC = "192.0.2.200"
FILE = "/etc/mptcp-keeper/config.yaml"
CONFIG = f"""sysctl:
  enabled: true
  add_addr_timeout: 60
limits: {{subflows: 4, add_addr_accepted: 3}}
profiles:
  - match: {{name: "wan*"}}
    mptcp-flags: [signal, subflow, also-without-default-route]
endpoints:
  - {{address: {PUBLIC}, flags: [signal]}}
reconcile: {{interval: 200ms}}
"""
LIMITS = {"subflows": 4, "add_addr_accepted": 3}
NETWORK_MANAGER = """[main]
plugins=keyfile
no-auto-default=*
dns=none
[keyfile]
unmanaged-devices=none
[device]
managed=1
"""
MESSAGE_ID = "8ab6b1cf8c4b4c1b9bb4f1d1f0a9c0"
REPAIRED, FAILED, BACKED_OFF, APPLIED = (MESSAGE_ID + number for number in ("01", "03", "04", "05"))
UNITS = ("mptcp-keeper.service", "mptcp-keeper-boot.service", "mptcp-keeper-apply.service")


def keyfile(interface, flags=""):
    """A static profile without IPv6, whose device can be reapplied without losing its address."""
    return f"""[connection]
id=wan-{interface}
uuid=6a8a47a6-0000-4000-8000-0000000000{interface[3]}0
type=ethernet
interface-name={interface}
{flags and f"mptcp-flags={flags}"}
[ethernet]
[ipv4]
method=manual
address1={ADDRESSES[interface]}/24
[ipv6]
method=disabled
[user]
org.example.note=kept
"""


def add_profile(machine, interface, **kwargs):
    """Writes the interface's profile on the machine's disk."""
    machine.write(f"/etc/NetworkManager/system-connections/wan-{interface}.nmconnection",
                  keyfile(interface, **kwargs), mode=0o600)


def furnish(machines, config=CONFIG, **kwargs):
    """A machine with enp1s0 and enp2s0, a static profile on each, and a configuration; it is off."""
    machine = machines.machine()
    machine.write("/etc/NetworkManager/conf.d/test.conf", NETWORK_MANAGER)
    for interface in ("enp1s0", "enp2s0"):
        machine.plug(interface, machines.segment(f"m{machine.number}lan{interface[3]}"))
        add_profile(machine, interface, **kwargs)
    machine.write(FILE, config)
    return machine


def kernel_part(machine):
    """Checks what a boot sets before the network: sysctls, limits and the endpoint without an interface."""
    return {"enabled": machine.sysctl("net.mptcp.enabled"),
            "add_addr_timeout": machine.sysctl("net.mptcp.add_addr_timeout"),
            "limits": machine.limits(), "public": machine.endpoint_flags().get(PUBLIC)}


KERNEL_PART = {"enabled": "1", "add_addr_timeout": "60", "limits": LIMITS, "public": {"signal"}}


def endpoints_of(*interfaces):
    """The expected endpoints with these interfaces connected."""
    return {PUBLIC: {"signal"}, **{ADDRESSES[interface]: {"signal", "subflow"} for interface in interfaces}}


def wait_until_connected(machine, *interfaces, deadline=20):
    """Waits until the interfaces are connected according to NetworkManager."""
    def states():
        shown = machine.nmcli("-g DEVICE,STATE device", check=False).stdout.splitlines()
        return all(f"{interface}:connected" in shown for interface in interfaces)
    wait_for(states, deadline, f"{', '.join(interfaces)} to be connected")


def wait_for_endpoints(machine, *interfaces, deadline=20):
    """Waits until exactly the endpoints of these interfaces exist; returns the elapsed seconds."""
    started = time.monotonic()
    expected = endpoints_of(*interfaces)
    wait_for(lambda: machine.endpoint_flags() == expected, deadline, f"the endpoints {expected} on {machine.name}")
    return time.monotonic() - started


def wait_until_in_sync(machine, deadline=20):
    """Waits until the host is in sync according to mptcp-keeper and other tools; returns the elapsed seconds."""
    started = time.monotonic()
    wait_for(lambda: machine.run(["mptcp-keeper", "diff"], check=False).returncode == 0, deadline, "no difference")
    assert kernel_part(machine) == KERNEL_PART
    return time.monotonic() - started


def journal(machine, *matches):
    """The matching journal entries of this boot, as objects."""
    shown = machine.run(["journalctl", "--boot", "--output=json", "--no-pager", *matches], check=False).stdout
    return [json.loads(line) for line in shown.splitlines()]


def start_daemon(machine):
    """Runs the command of the README; returns when the host is in sync."""
    machine.systemctl("enable", "--now", "mptcp-keeper")
    wait_until_connected(machine, "enp1s0", "enp2s0")
    wait_for_endpoints(machine, "enp1s0", "enp2s0")
    wait_until_in_sync(machine)


def enable(machine, *units):
    """Enables units on a machine that is off."""
    for unit in units:
        folder = machine.path("/etc/systemd/system/multi-user.target.wants")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / unit).symlink_to(f"/lib/systemd/system/{unit}")
