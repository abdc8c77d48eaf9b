# SPDX-License-Identifier: LGPL-2.1-or-later
"""Globs and names that match units of the early boot, and units with several names."""

import programs
from node import wait_for
from programs import declare, wait_for_sockets

EARLY = """[Unit]
DefaultDependencies=no
Before=local-fs.target systemd-sysctl.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=local-fs.target
"""


def failed_and_cycles(machine):
    journal = machine.run(["journalctl", "-b", "--no-pager", "-o", "cat"]).stdout
    return (machine.systemctl("--failed", "--plain", "--no-legend"),
            [line for line in journal.splitlines() if "ordering cycle" in line or "to break" in line])


def active(machine):
    """The services that a boot starts and that keep running, without the transient one of this command and without
    those that the bus starts temporarily."""
    shown = machine.systemctl("list-units", "--type=service", "--state=active", "--plain", "--no-legend")
    units = {line.split()[0] for line in shown.splitlines()}
    return {unit for unit in units if not unit.startswith("run-")
            and not machine.property(unit, "BusName") and unit != "NetworkManager-dispatcher.service"} - {""}


def test_a_glob_over_everything_makes_no_ordering_cycle(machine):
    programs.add_units(machine, {"early.service": EARLY, "web.service": programs.web("8081")})
    programs.want(machine, "early.service", "local-fs.target")
    programs.want(machine, "web.service")
    programs.want(machine, "mptcp-keeper-boot.service")
    machine.boot()
    # only the first boot of a disk starts ldconfig.service and the like
    machine.shut_down()
    machine.boot()
    before = active(machine)
    assert failed_and_cycles(machine) == ("", [])
    for declared in (["'*.service'"], ["'*.service'", "early.service", "systemd-sysctl.service"]):
        declare(machine, *declared)
        machine.shut_down()
        machine.boot()
        wait_for(lambda: before <= active(machine), 20, "the same services as without a declaration")
        assert failed_and_cycles(machine) == ("", []), declared
        wait_for_sockets(machine, "web.service", "MPTCP")
        assert "mptcp-keeper-boot.service" in machine.property("web.service", "After").split()
        for unit in ("early.service", "systemd-sysctl.service"):
            assert programs.drop_in(machine, unit) is not None
            assert "mptcp-keeper-boot.service" not in machine.property(unit, "After").split()
        assert programs.drop_in(machine, "mptcp-keeper-boot.service") is None


def test_a_unit_is_meant_by_each_of_its_names(machine):
    programs.add_units(machine, {"web.service": programs.web("8081") + "[Install]\nAlias=www.service\n",
                                 "site@.service": programs.web("%i")})
    for alias, unit in (("www.service", "web.service"), ("page@.service", "site@.service")):
        machine.path(f"/etc/systemd/system/{alias}").symlink_to(f"/etc/systemd/system/{unit}")
    declare(machine, "www.service", "page@8082.service")
    machine.boot()
    machine.systemctl("start", "web.service", "site@8082.service")
    for unit in ("web.service", "site@8082.service"):
        wait_for_sockets(machine, unit, "MPTCP")
    assert programs.states(machine) == {"web.service": "in-effect", "site@8082.service": "in-effect"}
    machine.systemctl("daemon-reload")
    assert sorted(path.name for path in machine.path(programs.ENVIRONMENTS).iterdir()) == ["site@8082.service", "web.service"]

    declare(machine)
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", "web.service")
    declare(machine, "'ww*.service'")
    wait_for_sockets(machine, "web.service", "TCP")
    done = machine.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    wait_for_sockets(machine, "web.service", "MPTCP")
    assert programs.states(machine) == {"web.service": "in-effect"}
