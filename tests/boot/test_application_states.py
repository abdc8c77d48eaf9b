"""What mptcp-keeper says of units and of the programs in them, beside what they really run with."""

import programs
from programs import FOLDER, declare, wait_for_sockets

LISTENERS = {"plain.service": programs.service(f"{FOLDER}/dynamic 4001"),
             "static.service": programs.service(f"{FOLDER}/static 4002"),
             "setuid.service": programs.service(f"{FOLDER}/setuid 4003", "User=nobody"),
             "wrapped.service": programs.service(f"/bin/sh -c '{FOLDER}/static 4004; true'")}
REASONS = {"static.service": "static", "wrapped.service": "static", "setuid.service": "setuid"}


def findings(machine, unit):
    """What doctor finds about a unit: {code: evidence}."""
    report = machine.keeper("doctor", "--unit", unit).json
    return {one["code"]: one["evidence"] for one in report["findings"] if unit in one["subject"]}


def test_units_of_all_kinds(machine):
    programs.compile_into(machine)
    programs.add_units(machine, {**LISTENERS, "idle.service": programs.service(f"{FOLDER}/dynamic 4005")})
    machine.boot()
    machine.systemctl("start", *LISTENERS)
    declare(machine, "idle.service", "missing.service", *LISTENERS)
    machine.systemctl("daemon-reload")
    for unit in LISTENERS:
        wait_for_sockets(machine, unit, "TCP")
    # what a restart would not change is said before it
    ineffective = {unit: "ineffective" for unit in REASONS}
    others = {"idle.service": "not-running", "missing.service": "not-found"}
    assert programs.states(machine) == {"plain.service": "needs-restart", **ineffective, **others}
    assert "plain TCP" in findings(machine, "plain.service")["APP_USES_TCP"]

    machine.systemctl("restart", *LISTENERS)
    for unit in LISTENERS:
        wait_for_sockets(machine, unit, "TCP" if unit in REASONS else "MPTCP")
    status = machine.keeper("status").json["units"]
    assert {one["unit"]: one["state"] for one in status} == {"plain.service": "in-effect", **ineffective, **others}
    for unit, word in REASONS.items():
        (reason,) = (one["reason"] for one in status if one["unit"] == unit)
        assert word in reason and FOLDER.rpartition("/")[2] not in reason
        assert any(f"{unit}: " in warning and word in warning for warning in machine.keeper("diff").json["warnings"])
    assert findings(machine, "plain.service") == {}
    assert "statically linked" in findings(machine, "static.service")["PRELOAD_INEFFECTIVE"]
    assert "statically linked" in findings(machine, "wrapped.service")["PRELOAD_INEFFECTIVE"]
    assert "setuid" in findings(machine, "setuid.service")["PRELOAD_INEFFECTIVE"]
    skipped = machine.keeper("doctor", "--unit", "idle.service").json["skipped"]
    assert any("idle.service" in one["check"] for one in skipped)
