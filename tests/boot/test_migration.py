# SPDX-License-Identifier: LGPL-2.1-or-later
"""The vendor's recipe on a booted system becomes one file: nothing changes in between or at the next boot."""

import programs
import scenario
from node import wait_for
from programs import wait_for_sockets

LIMIT_UNIT = """[Unit]
Description=Set MPTCP subflow limit to 3
After=network.target
[Service]
ExecStart=/usr/sbin/ip mptcp limits set subflows 3
Type=oneshot
[Install]
WantedBy=multi-user.target
"""


def state(machine):
    """The state that the recipe sets up."""
    wait_for_sockets(machine, "iperf3.service", "MPTCP")
    return machine.sysctl("net.mptcp.enabled"), machine.limits()["subflows"], machine.endpoint_flags()


def set_up_by_recipe(machine):
    """A kernel that starts with MPTCP disabled, as on RHEL, and every step of the procedure on a running system."""
    machine.path(scenario.FILE).unlink()
    machine.kernel_defaults = {"net.mptcp.enabled": "0"}
    machine.write("/etc/sysctl.d/90-enable-MPTCP.conf", "net.mptcp.enabled=1\n")
    programs.add_units(machine, {"set_mptcp_limit.service": LIMIT_UNIT})
    programs.want(machine, "iperf3.service")
    machine.boot()
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
    machine.systemctl("enable", "--now", "set_mptcp_limit.service")
    for interface in ("enp1s0", "enp2s0"):
        machine.nmcli(["connection", "modify", f"wan-{interface}", "connection.mptcp-flags",
                       "signal,subflow,also-without-default-route"])
        machine.nmcli(["connection", "up", f"wan-{interface}"])
    machine.run(["mptcpize", "enable", "iperf3.service"])
    machine.systemctl("restart", "iperf3.service")


def test_the_recipe_is_replaced_by_what_was_exported(machine):
    set_up_by_recipe(machine)
    before = state(machine)
    machine.write(scenario.FILE, machine.run(["mptcp-keeper", "export"]).stdout)
    applied = machine.keeper("apply", "--strict")
    assert applied.returncode == 0, applied.stderr
    assert {change["key"] for change in applied.json["changes"]} == {"iperf3.service"}, "its drop-in"
    assert state(machine) == before

    machine.run(["sh", "-e", "-c", machine.run(["mptcp-keeper", "export", "--leftovers"]).stdout])
    codes = {finding["code"] for finding in machine.keeper("doctor").json["findings"]}
    assert "RECIPE_LEFTOVER" not in codes
    assert "libmptcpwrap" not in machine.run(["systemctl", "cat", "iperf3.service"]).stdout
    machine.systemctl("restart", "iperf3.service")
    assert state(machine) == before

    machine.systemctl("enable", *scenario.UNITS)
    machine.shut_down()
    machine.boot()
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
    wait_for(lambda: machine.run(["mptcp-keeper", "diff"], check=False).returncode == 0, 20, "no difference")
    assert state(machine) == before
