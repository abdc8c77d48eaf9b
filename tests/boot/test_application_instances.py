"""Instances of a template as declared units, globs for them, and what switching MPTCP off does to them."""

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
    """Restarts units and returns what their sockets are then."""
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", *units)
    for unit in units:
        programs.wait_until_listening(machine, unit)
    return [sockets_of(machine, unit) for unit in units]


def test_disabling_names_who_is_hit(webs):
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
        told = "\n".join(lines)
        return all(who in told for who in hit) and spared not in told

    assert names_them(webs.keeper("diff").json["warnings"])
    webs.systemctl("restart", "mptcp-keeper-boot.service")
    lines = scenario.journal(webs, "_SYSTEMD_UNIT=mptcp-keeper-boot.service")
    assert names_them(line["MESSAGE"] for line in lines), [line["MESSAGE"] for line in lines]
    assert webs.sysctl("net.mptcp.enabled") == "0"
    done = webs.keeper("apply")
    assert done.returncode == 0 and names_them(done.json["warnings"])
    # declared no more, they start with TCP
    assert protocols(webs, WEB[0], "iperf3.service") == ["TCP", "TCP"]
    assert webs.keeper("diff").json["warnings"] == []
