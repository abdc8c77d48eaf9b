# SPDX-License-Identifier: LGPL-2.1-or-later
"""The state after a boot, and how it follows the interfaces."""

import time

import scenario
from node import wait_for
from scenario import FLAGS, KERNEL_PART, LIMITS, UNITS, endpoints_of, journal, kernel_part


def report(what, seconds):
    """Prints a measured time."""
    print(f"{what}: {seconds * 1000:.0f} ms")


def assert_nothing_failed(machine):
    assert machine.systemctl("--failed", "--plain", "--no-legend") == ""


def test_one_command_and_two_reboots(machine):
    report("boot to multi-user.target", machine.boot())
    assert [machine.systemctl("is-enabled", unit, check=False) for unit in UNITS] == ["disabled"] * 3
    assert machine.systemctl("is-active", *UNITS, check=False).split() == ["inactive"] * 3
    assert kernel_part(machine)["public"] is None

    scenario.start_daemon(machine)
    assert [machine.systemctl("is-enabled", unit, check=False) for unit in UNITS] == ["enabled", "enabled", "disabled"]
    assert machine.stored_flags("wan-enp1s0") == FLAGS
    for _ in range(2):
        machine.shut_down()
        report("boot to multi-user.target", machine.boot())
        assert kernel_part(machine) == KERNEL_PART
        scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
        assert machine.endpoint_flags() == endpoints_of("enp1s0", "enp2s0")
        assert machine.live_flags("enp1s0") == machine.stored_flags("wan-enp1s0") == FLAGS
        assert_nothing_failed(machine)
        daemons_work = journal(machine, "_SYSTEMD_UNIT=mptcp-keeper.service")
        assert [line for line in daemons_work if line.get("RESOURCE") in ("endpoint", "profile")] == []
        scenario.wait_until_in_sync(machine)


def test_network_manager_finds_mptcp_enabled_at_its_first_activation(machines):
    # the numbers are those of FLAGS; only the boot unit runs, so NetworkManager created the endpoints
    machine = scenario.furnish(machines, flags=str(0x10 + 0x20 + 0x08))
    scenario.enable(machine, "mptcp-keeper-boot.service")
    machine.kernel_defaults = {"net.mptcp.enabled": "0"}  # as on RHEL
    machine.boot()
    assert kernel_part(machine) == KERNEL_PART
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
    assert machine.endpoint_flags() == endpoints_of("enp1s0", "enp2s0")
    assert_nothing_failed(machine)


def test_an_interface_that_appears_10_s_after_the_boot(machines, machine):
    scenario.enable(machine, *UNITS[:2])
    scenario.add_profile(machine, "enp3s0", flags="")
    machine.boot()
    booted = time.monotonic()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    wait_for(lambda: time.monotonic() - booted > 10, 11, "10 s to pass")
    machine.plug("enp3s0", machines.segment("lan3"))
    machine.wait_for_address("enp3s0", scenario.ADDRESSES["enp3s0"])
    report("interface's address to endpoint",
           scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0", "enp3s0"))
    scenario.wait_until_in_sync(machine)


def test_a_link_goes_down_and_comes_up(machine):
    scenario.enable(machine, *UNITS[:2])
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    machine.nmcli("device disconnect enp1s0")
    scenario.wait_for_endpoints(machine, "enp2s0")
    machine.nmcli("device connect enp1s0")
    report("device up to endpoint", scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0"))
    scenario.wait_until_in_sync(machine)

    machine.set_carrier("enp2s0", False)
    wait_for(lambda: "enp2s0:connected" not in machine.nmcli("-g DEVICE,STATE device").stdout, 30, "a lost carrier")
    scenario.wait_for_endpoints(machine, "enp1s0")
    machine.set_carrier("enp2s0", True)
    machine.wait_for_address("enp2s0", scenario.ADDRESSES["enp2s0"])
    report("carrier and address to endpoint", scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0"))
    scenario.wait_until_in_sync(machine)


def test_a_bad_file_at_boot_delays_nothing_and_is_seen(machine):
    scenario.enable(machine, *UNITS[:2])
    machine.write("/etc/mptcp-keeper/config.yaml", scenario.CONFIG.replace("subflows: 4", "subflows: lots"))
    report("boot with a bad file", machine.boot())
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
    failed = machine.systemctl("--failed", "--plain", "--no-legend")
    assert [line.split()[0] for line in failed.splitlines()] == ["mptcp-keeper-boot.service", "mptcp-keeper.service"]
    assert machine.property("mptcp-keeper.service", "ExecMainStatus") == "65"
    assert machine.property("mptcp-keeper.service", "NRestarts") == "0"
    for unit in UNITS[:2]:
        said = "\n".join(line["MESSAGE"] for line in journal(machine, f"_SYSTEMD_UNIT={unit}"))
        assert "/etc/mptcp-keeper/config.yaml:4:" in said
    assert machine.limits() != LIMITS

    machine.write("/etc/mptcp-keeper/config.yaml", scenario.CONFIG)
    machine.systemctl("restart", *UNITS[:2])
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    assert_nothing_failed(machine)


def test_without_the_daemon_the_dispatcher_converges(machines, machine):
    scenario.enable(machine, *UNITS[1:])
    scenario.add_profile(machine, "enp3s0")
    machine.boot()
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    assert machine.systemctl("is-active", UNITS[0], check=False) == "inactive"

    machine.plug("enp3s0", machines.segment("lan3"))
    machine.wait_for_address("enp3s0", scenario.ADDRESSES["enp3s0"])
    report("up to endpoint, by the dispatcher", scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0", "enp3s0"))
    machine.nmcli("connection modify wan-enp1s0 connection.mptcp-flags default")
    machine.ip("mptcp limits set subflows 1 add_addr_accepted 1")
    machine.nmcli("connection up wan-enp1s0")
    wait_for(lambda: machine.stored_flags("wan-enp1s0") == FLAGS, 20, "the declared flags")
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0", "enp3s0")
    scenario.wait_until_in_sync(machine)
    assert_nothing_failed(machine)


def test_with_nothing_enabled_nothing_is_touched(machine):
    machine.boot()
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
    machine.nmcli("connection up wan-enp1s0")
    machine.run(["nm-online", "-q", "-s"], check=False)
    assert machine.stored_flags("wan-enp1s0") == set()
    assert kernel_part(machine)["limits"] != LIMITS
    assert machine.systemctl("is-active", *UNITS, check=False).split() == ["inactive"] * 3
    assert not machine.path("/run/mptcp-keeper/daemon.json").exists()
