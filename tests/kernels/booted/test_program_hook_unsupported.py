# SPDX-License-Identifier: LGPL-2.1-or-later
"""A kernel without the hook: the declaration is unsupported, which is neither an error nor a failed unit."""

import json
from pathlib import Path

import pytest
from hook_host import FOLDER, HAS_HOOK, LOADER, PINS, SERVICE, attached_programs, declared, hook_status
from this_host import DYNAMIC, TCP, in_unit, journal, keeper, new_protocol, run, socket_protocols, unit_property

pytestmark = [
    pytest.mark.skipif(not LOADER.exists(), reason="mptcp-keeper-bpf was not built"),
    pytest.mark.skipif(HAS_HOOK, reason="this kernel has the hook")]
REASON = "lacks the function update_socket_protocol()"


@pytest.fixture(scope="module", autouse=True)
def configuration():
    """Declares all programs."""
    with declared("sysctl: {enabled: true}\napplications: {all: true}\n"):
        yield


def assert_nothing_is_attached():
    """Neither a program nor a trace of an attempt."""
    assert not PINS.exists() and list(Path("/sys/fs/bpf").iterdir()) == []
    assert attached_programs() == []
    assert new_protocol(DYNAMIC, slice_name="early.slice") == TCP


def test_the_boot_starts_nothing():
    assert unit_property("mptcp-keeper-boot.service", "ActiveState") == "active"
    assert unit_property(SERVICE, "ActiveState") == "inactive"
    assert journal(SERVICE).count("Starting") == 0
    assert not (FOLDER / "request").exists()
    assert socket_protocols("early.service") == ["TCP"]
    assert_nothing_is_attached()


def test_apply_warns():
    done = keeper("apply")
    assert done.returncode == 0 and not done.json["changed"]
    assert [(one["key"], one["result"]) for one in done.json["changes"]] == [("all", "unsupported")]
    assert REASON in done.json["changes"][0]["error"]
    text = run(["mptcp-keeper", "apply"])
    assert "unsupported" in text.stdout and REASON in text.stdout
    assert_nothing_is_attached()


def test_strict_fails():
    done = keeper("apply", "--strict")
    assert done.returncode == 1 and done.json["failed"], done.stdout
    assert_nothing_is_attached()


def test_status_shows_the_reason():
    status = hook_status()
    assert status["state"] == "unavailable" and REASON in status["reason"], status
    shown = in_unit(["mptcp-keeper", "--json", "status"], user="nobody").stdout
    assert json.loads(shown)["program_hook"] == status


def test_the_boot_prepares_nothing():
    assert keeper("apply", "--boot").returncode == 0
    assert not (FOLDER / "request").exists()
    assert unit_property(SERVICE, "ActiveState") == "inactive"


def test_reset_succeeds():
    assert keeper("reset").returncode == 0
    assert_nothing_is_attached()
