# SPDX-License-Identifier: LGPL-2.1-or-later
"""The package on a running machine: installed, installed again, removed, purged."""

import scenario
from scenario import UNITS

DAEMON = "mptcp-keeper.service"
DISPATCHER = "/usr/lib/NetworkManager/dispatcher.d"


def ours(machine, folder):
    """The files of mptcp-keeper below a folder."""
    return machine.run(["find", folder, "-name", "*mptcp-keeper*"], check=False).stdout.splitlines()


def processes(machine):
    """The processes of mptcp-keeper."""
    return machine.run(["pgrep", "-a", "mptcp-keeper"], check=False).stdout


def install(machine, package):
    machine.path("/root/keeper.deb").write_bytes(package.read_bytes())
    machine.run_as_service(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "install", "--reinstall",
                            "/root/keeper.deb"], timeout=120)


def test_installed_again_then_removed_then_purged(debian, machine):
    machine.boot()
    scenario.start_daemon(machine)
    pid = machine.property(DAEMON, "MainPID")
    install(machine, debian.package)
    assert machine.property(DAEMON, "ActiveState") == "active"
    assert machine.property(DAEMON, "MainPID") != pid
    scenario.wait_until_in_sync(machine)

    before = (scenario.kernel_part(machine), machine.endpoint_flags(), machine.stored_flags("wan-enp1s0"))
    machine.run_as_service(["apt-get", "-q", "-y", "remove", "mptcp-keeper"], timeout=120)
    assert processes(machine) == ""
    assert machine.systemctl("is-active", *UNITS, check=False).split() == ["inactive"] * 3
    assert ours(machine, DISPATCHER) + ours(machine, "/etc/NetworkManager") == []
    assert ours(machine, "/usr/lib/systemd") == []
    # a dispatcher event finds no script, and the settings stay
    machine.nmcli("connection up wan-enp1s0")
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    assert (scenario.kernel_part(machine), machine.endpoint_flags(), machine.stored_flags("wan-enp1s0")) == before
    assert machine.systemctl("--failed", "--plain", "--no-legend") == ""
    machine.shut_down()
    machine.boot()
    assert machine.systemctl("--failed", "--plain", "--no-legend") == ""
    assert scenario.kernel_part(machine)["public"] is None

    machine.run_as_service(["apt-get", "-q", "-y", "purge", "mptcp-keeper", "mptcp-keeper-bpf"],
                           timeout=120)
    assert ours(machine, "/etc") == ["/etc/mptcp-keeper"]
    assert machine.path("/etc/mptcp-keeper/config.yaml").read_text() == scenario.CONFIG
    assert ours(machine, "/var") + ours(machine, "/run") + ours(machine, "/usr") == []


def test_installed_on_a_running_machine(debian, machines):
    machine = machines.machine(layers=[debian.base])
    machine.write("/etc/machine-id", "5b1d0c5a6f0e4d0a9a4a3c1f5d2e7b60\n")
    machine.write("/etc/mptcp-keeper/config.yaml", scenario.CONFIG)
    machine.boot()
    install(machine, debian.package)
    assert [machine.systemctl("is-enabled", unit, check=False) for unit in UNITS] == ["disabled"] * 3
    assert machine.systemctl("is-active", *UNITS, check=False).split() == ["inactive"] * 3
    assert machine.limits() != scenario.LIMITS


def test_the_first_boot_of_an_image_enables_nothing(machine):
    # an image without a machine ID gets one at its first boot, and systemd then applies
    # the presets; Debian enables units by default
    machine.write("/etc/machine-id", "uninitialized\n")
    machine.boot()
    assert [machine.systemctl("is-enabled", unit, check=False) for unit in UNITS] == ["disabled"] * 3
