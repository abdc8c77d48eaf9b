# SPDX-License-Identifier: LGPL-2.1-or-later
"""mptcp-keeper-bpf.service and its neighbours: restarts and reloads leave no gap, and an apply that fails changes
nothing.
"""

import contextlib
import socket
from pathlib import Path

import pytest
from hook_host import (PINS, SERVICE, SocketLoop, assert_attached, assert_detached, attached_programs, declare,
                       declared, hook_status, requires_hook)
from this_host import CONFIG, MPTCP, TCP, keeper, systemctl, unit_property

pytestmark = requires_hook
CONFIGURATION = "sysctl: {enabled: true}\napplications: {slices: [apart.slice]}\n"
DAEMON = "mptcp-keeper.service"
# The kernel refuses this endpoint while another program listens on its port.
REFUSED = "endpoints: [{address: 127.0.0.1, flags: [signal], port: 5003}]\n"
GENERATOR = Path("/etc/systemd/system-generators/mptcp-keeper-generator")


@pytest.fixture(scope="module", autouse=True)
def hook():
    """The hook is attached for a slice."""
    with declared(CONFIGURATION):
        yield


@pytest.fixture(scope="module")
def loop(shared_units):
    """Programs in that slice."""
    made = SocketLoop(shared_units, "loop", "apart.slice", threads=4)
    made.wait_for_protocol(MPTCP)
    return made


@contextlib.contextmanager
def without_a_gap(loop):
    """The sockets are MPTCP while this runs."""
    loop.reset()
    yield
    loop.assert_no_gap()
    assert_attached()


def test_the_service_is_sandboxed_and_not_enabled():
    assert unit_property(SERVICE, "UnitFileState") == "static"
    assert unit_property(SERVICE, "MainPID") == "0"
    assert unit_property(SERVICE, "CapabilityBoundingSet") == "cap_syslog cap_perfmon cap_bpf"


def test_reloads_leave_no_gap(loop):
    before = attached_programs()
    with without_a_gap(loop):
        systemctl("daemon-reload")
        systemctl("daemon-reexec")
        assert keeper("apply", "--boot").returncode == 0
    assert attached_programs() == before
    with without_a_gap(loop):
        for _ in range(3):
            systemctl("reload", SERVICE)
            systemctl("start", SERVICE)
    assert attached_programs() != before


def test_the_daemon_comes_and_goes_without_a_gap(loop):
    with without_a_gap(loop):
        for words in (["start"], ["reload"], ["restart"], ["kill", "--signal=SIGKILL"], ["stop"]):
            systemctl(*words, DAEMON)


def test_a_restart_of_the_service_attaches_again(loop):
    """It detaches in between, unlike a reload."""
    loop.reset()
    systemctl("restart", SERVICE)
    loop.wait_for_more()
    loop.assert_no_failure()
    print(f"a restart: {loop.milliseconds_of_tcp():.0f} ms of TCP (emulated)")
    assert loop.protocols() == {MPTCP}
    assert_attached()


def test_it_can_be_stopped_and_started_often():
    """systemd's limit is 5 starts within 10 s, which a script with apply and reset exceeds."""
    assert unit_property(SERVICE, "StartLimitIntervalUSec") == "0"


def test_an_atomic_apply_restores_the_former_scope(loop):
    with socket.create_server(("127.0.0.1", 5003)):
        CONFIG.write_text("sysctl: {enabled: true}\n" + REFUSED)
        done = keeper("apply", "--atomic")
        assert done.returncode != 0 and done.json["failed"], done.stdout
        assert loop.protocols() == {MPTCP}
        assert_attached()
        assert hook_status()["scope"] == ["apart.slice"]
    loop.assert_no_failure()
    declare(CONFIGURATION)


def test_an_atomic_apply_that_fails_attaches_nothing(loop):
    """The generator of drop-ins is masked, so the declared unit is not changed as declared."""
    assert keeper("reset").returncode == 0
    assert_detached()
    GENERATOR.parent.mkdir(exist_ok=True)
    GENERATOR.symlink_to("/dev/null")
    try:
        CONFIG.write_text(CONFIGURATION.replace("slices", "units: [other.service], slices"))
        done = keeper("apply", "--atomic")
        assert done.returncode != 0, done.stdout
        assert "apart.slice" in {one["key"] for one in done.json["changes"]}
        assert not PINS.exists()
        assert loop.protocols() == {TCP}
    finally:
        GENERATOR.unlink()
        systemctl("daemon-reload")
    declare(CONFIGURATION)
    assert loop.protocols() == {MPTCP}
