# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens if another program clears net.mptcp.enabled, or detaches or replaces the hook: with the daemon, and
without it.
"""

import shutil
import time

import pytest
from hook_host import (FOLDER, PINS, SERVICE, SocketLoop, apply, assert_attached, assert_detached, declare, declared,
                       hook_changes, hook_status, requires_hook, wait_for_pins)
from this_host import CONFIG, MPTCP, TCP, journal, keeper, sysctl, systemctl, wait_for

pytestmark = requires_hook
ENABLED = "net.mptcp.enabled"
DAEMON = "mptcp-keeper.service"
CONFIGURATION = "sysctl: {enabled: true}\napplications: {slices: [apart.slice]}\n"
OTHER_SCOPE = "mptcp-keeper-program-hook 1\nslice elsewhere.slice\n"


@pytest.fixture(scope="module", autouse=True)
def hook():
    """The hook is attached for a slice."""
    with declared(CONFIGURATION):
        yield


@pytest.fixture(scope="module")
def loop(shared_units):
    """20 threads in that slice that open sockets all the time."""
    made = SocketLoop(shared_units, "loop", "apart.slice")
    made.wait_for_protocol(MPTCP)
    return made


@pytest.fixture
def daemon():
    """daemon(mode) starts the daemon with that mode; it ends with the test."""
    def start(mode="enforce"):
        CONFIG.write_text(CONFIGURATION + f"reconcile: {{mode: {mode}}}\n")
        systemctl("start", DAEMON)
    yield start
    systemctl("stop", DAEMON)
    declare(CONFIGURATION)


def remove_pins():
    """As another program could; the kernel detaches the hook."""
    shutil.rmtree(PINS)


def attach_another_scope():
    """As an administrator could by hand."""
    (FOLDER / "request").write_text(OTHER_SCOPE)
    systemctl("reload-or-restart", SERVICE)


def attach_another_scope_behind(daemon_unit):
    """A running daemon restores the request before another one can be attached."""
    systemctl("kill", "--signal=STOP", daemon_unit)
    attach_another_scope()
    systemctl("kill", "--signal=CONT", daemon_unit)


# --- net.mptcp.enabled ----------------------------------------------------------------------------------------

def test_no_socket_fails_without_a_daemon(loop):
    caught = 0
    for _ in range(4):
        loop.reset()
        sysctl(ENABLED, 0)
        caught += loop.pass_the_moment()
        assert loop.protocols() == {TCP}
        sysctl(ENABLED, 1)
        loop.wait_for_more()
        loop.assert_no_failure()
    print(f"{caught} sockets failed that were being created when {ENABLED} was cleared, in 4 times (emulated)")
    sysctl(ENABLED, 0)
    loop.pass_the_moment()
    assert loop.protocols() == {TCP}
    status = hook_status()
    assert (status["state"], "net.mptcp.enabled is 0" in status["reason"]) == ("attached", True), status
    apply()
    assert loop.protocols() == {MPTCP}
    loop.assert_no_failure()


def test_the_daemon_repairs_it(loop, daemon):
    daemon()
    took = []
    for _ in range(2):
        loop.reset()
        started = time.monotonic()
        sysctl(ENABLED, 0)
        wait_for(lambda: sysctl(ENABLED) == "1", 60, ENABLED, poll=0.001)
        took.append((time.monotonic() - started) * 1000)
        loop.pass_the_moment()
        assert loop.protocols() == {MPTCP}
        loop.assert_no_failure()
    print(f"{ENABLED} was repaired after {', '.join(f'{one:.0f}' for one in took)} ms (emulated)")
    assert f"repaired {ENABLED}" in journal(DAEMON)


def test_a_daemon_that_only_reports_leaves_it(loop, daemon):
    daemon("report")
    loop.reset()
    sysctl(ENABLED, 0)
    loop.pass_the_moment()
    wait_for(lambda: f"{ENABLED} has drifted" in journal(DAEMON), 60, "the drift")
    assert loop.protocols() == {TCP}
    assert sysctl(ENABLED) == "0"


def test_no_socket_fails_when_mptcp_is_switched_off(loop):
    loop.reset()
    done = declare("sysctl: {enabled: false}\n")
    assert [(one["key"], one["after"]) for one in done.json["changes"]] == [("apart.slice", None), (ENABLED, "0")]
    assert_detached()
    assert loop.read()["failed"] == 0
    assert loop.protocols() == {TCP}
    declare(CONFIGURATION)
    assert loop.protocols() == {MPTCP}
    loop.assert_no_failure()


# --- the hook itself ------------------------------------------------------------------------------------------

def test_drift_is_shown_and_apply_repairs_it(loop):
    remove_pins()
    assert loop.protocols() == {TCP}
    assert keeper("diff").returncode == 2
    status = keeper("status").json
    assert (status["in_sync"], status["program_hook"]["state"]) == (False, "detached")
    apply()
    assert_attached()

    attach_another_scope()
    assert loop.protocols() == {TCP}
    assert hook_changes(keeper("diff").json) == [
        ("apart.slice", None, "attached"), ("elsewhere.slice", "attached", None)]
    status = hook_status()
    assert (status["state"], status["scope"]) == ("attached", ["elsewhere.slice"])
    assert status["reason"] == "it is attached for other units than declared"

    systemctl("start", "mptcp-keeper-apply.service")
    assert loop.protocols() == {TCP}, "interface events do not concern programs"
    apply()
    assert_attached()
    assert loop.protocols() == {MPTCP}
    loop.assert_no_failure()


def test_the_daemon_attaches_it_again_and_backs_off(loop, daemon):
    """The sandboxed daemon starts and reloads the service."""
    daemon()
    took = []
    rivals = (remove_pins, lambda: systemctl("stop", SERVICE), lambda: attach_another_scope_behind(DAEMON))
    for count, detach in enumerate(rivals, 1):
        loop.reset()
        detach()
        started = time.monotonic()
        wait_for(lambda: (FOLDER / "request").read_text() != OTHER_SCOPE and (PINS / "link").exists(), 60, "a repair")
        took.append((time.monotonic() - started) * 1000)
        loop.wait_for_protocol(MPTCP)
        wait_for_pins()
        assert_attached()
        wait_for(lambda: journal(DAEMON).count("repaired program-hook apart.slice") >= count, 30, "the message")
    print(f"the hook was attached again after {', '.join(f'{one:.0f}' for one in took)} ms (emulated)")
    loop.assert_no_failure()
    wait_for(lambda: "apart.slice keeps being changed" in journal(DAEMON), 30, "the back-off")
    daemon_status = keeper("status").json["daemon"]
    assert [one["key"] for one in daemon_status["conflicts"]] == ["apart.slice"]
    assert {(one["resource"], one["key"]) for one in daemon_status["history"]} == {
        ("program-hook", "apart.slice"), ("program-hook", "elsewhere.slice")}

    remove_pins()
    loop.wait_for_protocol(TCP)
    assert hook_status()["state"] == "detached", "it waits 10 s before it repairs the fourth time"
    apply()
    assert loop.protocols() == {MPTCP}
    loop.assert_no_failure()
