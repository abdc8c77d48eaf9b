# SPDX-License-Identifier: LGPL-2.1-or-later
"""applications.slices: the programs below these slices use MPTCP."""

from pathlib import Path

import pytest
from hook_host import (SocketLoop, apply, assert_attached, attached_programs, declare, declared, hook_changes,
                       hook_status, protocols_of, requires_hook)
from this_host import (DYNAMIC, MPTCP, PROGRAMS, PYTHON, STATIC, TCP, keeper, new_protocol, run, socket_protocols,
                       systemctl, unit_property, wait_for, wait_for_protocols)

pytestmark = requires_hook
USER, UID = "inhabitant", "1791"


def configuration(*slices):
    """The hook for these slices."""
    return f"sysctl: {{enabled: true}}\napplications: {{slices: [{', '.join(slices)}]}}\n"


BOTH = configuration("apart.slice", "user.slice")


@pytest.fixture(scope="module", autouse=True)
def applied():
    """The hook is attached for two slices."""
    with declared(BOTH):
        yield


@pytest.fixture(scope="module")
def user_protocol():
    """user_protocol(slice): what a service of a user's service manager prints in that slice of it."""
    run(["useradd", "--uid", UID, "--create-home", USER])
    run(["loginctl", "enable-linger", USER])
    wait_for(lambda: Path(f"/run/user/{UID}/systemd/private").exists(), 60, "the service manager of the user")
    units, output = Path("/run/systemd/user"), Path(f"/run/user/{UID}/protocol")
    units.mkdir(exist_ok=True)

    def start(slice_name):
        unit = units / f"in-{slice_name.removesuffix('.slice')}.service"
        unit.write_text(f"[Service]\nType=oneshot\nExecStart={DYNAMIC[0]}\nStandardOutput=truncate:{output}\n"
                        f"Slice={slice_name}\n")
        as_user = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--init-groups", "env",
                   f"XDG_RUNTIME_DIR=/run/user/{UID}"]
        run([*as_user, "systemctl", "--user", "start", unit.name])
        unit.unlink()
        return int(output.read_text())

    yield start
    run(["loginctl", "disable-linger", USER])
    systemctl("stop", f"user@{UID}.service", check=False)
    run(["userdel", "--force", "--remove", USER], check=False)


@pytest.mark.parametrize("slice_name, expected", [
    (None, TCP), ("other.slice", TCP), ("apartment.slice", TCP), ("apart.slice", MPTCP), ("apart-deep.slice", MPTCP),
    ("apart-deep-er.slice", MPTCP)])
def test_programs_below_a_slice_use_mptcp(slice_name, expected):
    assert protocols_of(DYNAMIC, STATIC, PYTHON, [*DYNAMIC, "6"], slice_name=slice_name) == [expected] * 4


def test_units_of_a_user_use_mptcp(user_protocol):
    assert [user_protocol("app.slice"), user_protocol("own.slice")] == [MPTCP, MPTCP]
    declare(configuration(f"user-{UID}.slice"))
    assert user_protocol("app.slice") == MPTCP
    assert new_protocol(DYNAMIC, slice_name="user.slice") == TCP


def test_slices_of_a_user_manager_are_not_those_of_the_host(user_protocol):
    declare(configuration("app.slice", "own.slice"))
    assert [user_protocol("app.slice"), user_protocol("own.slice")] == [TCP, TCP]
    declare(BOTH)


def test_a_slice_is_added_and_removed_below_running_programs(units):
    loop = SocketLoop(units, "loop", "added.slice", threads=4)
    units.start("holder.service", [PROGRAMS / "protocol", "wait"], slice_name="added.slice")
    always = SocketLoop(units, "always", "apart.slice", threads=4)
    assert (loop.protocols(), always.protocols(), wait_for_protocols("holder.service")) == ({TCP}, {MPTCP}, ["TCP"])
    always.reset()
    done = declare(configuration("added.slice", "apart.slice", "user.slice"))
    assert hook_changes(done.json) == [("added.slice", None, "attached")]
    assert loop.protocols() == {MPTCP}
    assert hook_status()["scope"] == ["added.slice", "apart.slice", "user.slice"]
    assert socket_protocols("holder.service") == ["TCP"], "an open socket stays what it is"
    done = declare(BOTH)
    assert hook_changes(done.json) == [("added.slice", "attached", None)]
    assert loop.protocols() == {TCP}
    always.assert_no_gap()
    loop.assert_no_failure()
    assert len(attached_programs()) == 1


def test_a_slice_that_is_started_again_is_recognised(units):
    def start():
        units.start("renewed.service", [PROGRAMS / "protocol", "wait"], slice_name="apart-renewed.slice")
        protocols = wait_for_protocols("renewed.service")
        return protocols, Path("/sys/fs/cgroup", unit_property("apart-renewed.slice", "ControlGroup")[1:]).stat().st_ino
    before = attached_programs()
    protocols, cgroup = start()
    systemctl("stop", "apart-renewed.slice")
    wait_for(lambda: not list(Path("/sys/fs/cgroup").rglob("apart-renewed.slice")), 30, "the end of the slice")
    again, new_cgroup = start()
    assert (protocols, again, attached_programs()) == (["MPTCP"], ["MPTCP"], before)
    assert cgroup != new_cgroup


def test_apply_changes_nothing_then():
    assert apply().json["changed"] is False
    assert keeper("diff").returncode == 0
    assert_attached()
