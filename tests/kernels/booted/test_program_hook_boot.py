# SPDX-License-Identifier: LGPL-2.1-or-later
"""The hook of at_boot.yaml: attached before the first service starts."""

import json

from hook_host import SERVICE, requires_hook
from this_host import journal, run, socket_protocols

pytestmark = requires_hook
STARTED = "39f53479d3a045ac8e11786248231fbf"  # SD_MESSAGE_UNIT_STARTED of systemd


def first_start(unit):
    """When the unit was started for the first time, in microseconds since the boot."""
    shown = run(["journalctl", "--boot", "--output=json", f"MESSAGE_ID={STARTED}", f"UNIT={unit}"]).stdout
    return int(json.loads(shown.splitlines()[0])["__MONOTONIC_TIMESTAMP"])


def test_the_first_socket_of_a_service_is_mptcp():
    assert socket_protocols("early.service") == ["MPTCP"]
    assert socket_protocols("other.service") == ["TCP"]


def test_the_hook_is_attached_between_the_boot_unit_and_the_services():
    units = ("mptcp-keeper-boot.service", SERVICE, "basic.target", "early.service")
    times = {unit: first_start(unit) for unit in units}
    print({unit: f"{time / 1e6:.2f} s" for unit, time in times.items()})
    assert times["mptcp-keeper-boot.service"] < times[SERVICE] < times["basic.target"] < times["early.service"]


def test_no_unit_waits_for_itself():
    shown = run(["journalctl", "--boot", "--no-pager", "--output=cat", "_PID=1"]).stdout
    assert "ordering cycle" not in shown.lower() and "Job deleted" not in shown
    assert "Failed" not in journal(SERVICE).split("Finished")[0]
