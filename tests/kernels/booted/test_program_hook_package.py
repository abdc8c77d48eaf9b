# SPDX-License-Identifier: LGPL-2.1-or-later
"""The package of the hook is upgraded, removed and installed again while the hook is attached."""

from pathlib import Path

import pytest
from hook_host import (FOLDER, LOADER, PINS, SERVICE, SocketLoop, apply, assert_attached, attached_programs, declared,
                       hook_status, requires_hook)
from this_host import MPTCP, TCP, keeper, run, systemctl, unit_property, wait_for

pytestmark = requires_hook
PACKAGE = next(Path("/machine/packages").glob("mptcp-keeper-bpf_*.deb"), None)


@pytest.fixture(scope="module", autouse=True)
def hook():
    """The hook is attached for a slice."""
    with declared("sysctl: {enabled: true}\napplications: {slices: [apart.slice]}\n"):
        yield


@pytest.fixture(scope="module")
def loop(shared_units):
    """Programs of that slice."""
    return SocketLoop(shared_units, "loop", "apart.slice", threads=4)


def dpkg(*arguments, **kwargs):
    """Runs dpkg."""
    return run(["dpkg", *arguments], **kwargs)


def assert_nothing_is_left(loop):
    """No trace of the package in the kernel and in systemd."""
    assert loop.protocols() == {TCP}
    assert not PINS.exists() and not LOADER.exists() and not (FOLDER / "attached").exists()
    wait_for(lambda: not attached_programs(), 30, "the end of the program")
    assert unit_property(SERVICE, "LoadState") == "not-found"
    assert unit_property(SERVICE, "ActiveState") == "inactive"
    assert not Path(f"/run/systemd/system/{SERVICE}").is_symlink()


def test_an_upgrade_leaves_no_gap(loop):
    assert loop.protocols() == {MPTCP}
    before = attached_programs()
    dpkg("--install", PACKAGE)
    loop.assert_no_gap()
    assert_attached()
    assert attached_programs() != before, "the new version is attached"
    assert apply().json["changed"] is False


def test_mptcp_keeper_is_not_removed_alone(loop):
    done = dpkg("--remove", "mptcp-keeper", check=False)
    assert done.returncode != 0 and "mptcp-keeper-bpf depends on mptcp-keeper" in done.stderr
    assert_attached()
    assert loop.protocols() == {MPTCP}


def test_removing_the_package_detaches(loop):
    """Also with a daemon, whose next check is between the detachment and the removal of the files."""
    systemctl("start", "mptcp-keeper.service")
    dpkg("--remove", "mptcp-keeper-bpf")
    assert_nothing_is_left(loop)
    systemctl("stop", "mptcp-keeper.service")
    status = hook_status()
    assert status["state"] == "unavailable" and "mptcp-keeper-bpf" in status["reason"], status
    done = apply()
    assert [(one["key"], one["result"]) for one in done.json["changes"]] == [("apart.slice", "unsupported")]
    assert "mptcp-keeper-bpf" in done.json["changes"][0]["error"]
    assert keeper("apply", "--strict").returncode != 0


def test_installing_it_again_attaches(loop):
    dpkg("--install", PACKAGE)
    assert_attached()
    assert loop.protocols() == {MPTCP}
    assert apply().json["changed"] is False
