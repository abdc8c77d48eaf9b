# SPDX-License-Identifier: LGPL-2.1-or-later
"""Instances of a template as declared units, globs that match them, and the effect of disabling MPTCP."""

import pytest

import programs
import scenario
from programs import declare, sockets_of

WEB = ("web@8080.service", "web@8081.service")


@pytest.fixture
def webs(machine):
    """A booted machine on which two instances of a template run."""
    programs.add_units(machine, {"web@.service": programs.web("%i", "DynamicUser=yes")})
    machine.boot()
    machine.systemctl("start", *WEB, "iperf3.service")
    return machine


def protocols(machine, *units):
    """Restarts units and returns the protocols of their sockets."""
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", *units)
    for unit in units:
        programs.wait_until_listening(machine, unit)
    return [sockets_of(machine, unit) for unit in units]


def test_instances_globs_and_a_unit_that_is_not_there(webs):
    units = (*WEB, "iperf3.service")
    declare(webs, WEB[0], "web@9000.service", "missing.service", "none*.service")
    assert protocols(webs, *units) == ["MPTCP", "TCP", "TCP"]
    assert programs.states(webs) == {WEB[0]: "in-effect", "web@9000.service": "not-running",
                                     "missing.service": "not-found", "none*.service": "not-found"}
    for command in ("apply", "diff"):
        done = webs.keeper(command)
        assert done.returncode == 0, done.stderr
        for name in ("missing.service", "none*.service"):
            assert any(name in warning for warning in done.json["warnings"]), (command, done.json)
        assert "web@9000" not in str(done.json)

    declare(webs, "'web@*.service'", "'iperf3*.service'")
    assert protocols(webs, *units) == ["MPTCP", "MPTCP", "MPTCP"]
    assert programs.states(webs) == {unit: "in-effect" for unit in units}
    assert webs.keeper("diff").json["warnings"] == []
    # another instance, which is not known yet
    assert protocols(webs, "web@8082.service") == ["MPTCP"]


def unit_changes(done):
    """{unit: (before, after)} of the units in a document's changes."""
    return {one["key"]: (one["before"], one["after"]) for one in done.json["changes"] if one["resource"] == "unit"}


def test_apply_restarts_units_that_need_it_if_allowed(webs):
    def pids():
        return [webs.property(unit, "MainPID") for unit in (*WEB, "iperf3.service")]

    declare(webs, WEB[0], "iperf3.service")
    first = pids()
    assert unit_changes(webs.keeper("diff")) == {unit: ("tcp", "mptcp") for unit in (WEB[0], "iperf3.service")}
    done = webs.keeper("apply")
    assert done.returncode == 0, done.stderr
    for unit in (WEB[0], "iperf3.service"):
        assert any(unit in warning and "restart" in warning for warning in done.json["warnings"])
        assert programs.drop_in(webs, unit) is not None
    assert pids() == first and sockets_of(webs, WEB[0]) == "TCP"

    webs.systemctl("restart", "iperf3.service")
    programs.wait_until_listening(webs, "iperf3.service")
    before = pids()
    done = webs.keeper("apply", "--restart-units")
    assert done.returncode == 0, done.stderr
    assert unit_changes(done) == {WEB[0]: ("tcp", "mptcp")}
    programs.wait_for_sockets(webs, WEB[0], "MPTCP")
    assert pids()[0] != before[0] and pids()[1:] == before[1:]
    done = webs.keeper("diff")
    assert done.returncode == 0 and done.json["changes"] == [] and done.json["warnings"] == []


def test_disabling_names_the_affected_programs(webs):
    scenario.enable(webs, "mptcp-keeper-boot.service")
    declare(webs, WEB[0], "iperf3.service")
    assert protocols(webs, WEB[0], "iperf3.service") == ["MPTCP", "MPTCP"]
    off = scenario.CONFIG.replace("enabled: true", "enabled: false")
    webs.write(scenario.FILE, off + "applications: {units: [iperf3.service]}\n")
    refused = webs.keeper("check")
    assert refused.returncode == 65 and f"{scenario.FILE}:" in refused.stderr
    assert webs.run(["mptcp-keeper", "apply"], check=False).returncode == 65

    webs.write(scenario.FILE, off)
    hit = {f"(pid {webs.property(unit, 'MainPID')}, {unit})" for unit in (WEB[0], "iperf3.service")}
    spared = f"(pid {webs.property(WEB[1], 'MainPID')}, {WEB[1]})"

    def names_them(lines):
        reported = "\n".join(lines)
        return all(who in reported for who in hit) and spared not in reported

    assert names_them(webs.keeper("diff").json["warnings"])
    webs.systemctl("restart", "mptcp-keeper-boot.service")
    lines = scenario.journal(webs, "_SYSTEMD_UNIT=mptcp-keeper-boot.service")
    assert names_them(line["MESSAGE"] for line in lines), [line["MESSAGE"] for line in lines]
    assert webs.sysctl("net.mptcp.enabled") == "0"
    done = webs.keeper("apply")
    assert done.returncode == 0 and names_them(done.json["warnings"])
    # no longer declared, they start with TCP
    assert protocols(webs, WEB[0], "iperf3.service") == ["TCP", "TCP"]
    assert webs.keeper("diff").json["warnings"] == []
