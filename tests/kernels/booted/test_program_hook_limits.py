# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which programs the hook leaves alone: excluded units, other namespaces, and what users without privileges cannot
change.
"""

from pathlib import Path

import pytest
from hook_host import (FOLDER, PINS, SERVICE, SocketLoop, assert_attached, attached_programs, declare, declared,
                       hook_changes, protocols_of, requires_hook)
from this_host import (CONTAINER, DYNAMIC, MPTCP, PROGRAMS, STATIC, TCP, in_unit, new_protocol, run, sysctl, systemctl,
                       wait_for_protocols)

pytestmark = requires_hook
ALL = "sysctl: {enabled: true}\napplications:\n  all: true\n  never: [%s]\n"
NEVER = 'plain.service, "held-*.service", templ@.service'
# A container that uses the network of the host.
HOST_NETWORK = [word for word in CONTAINER if word != "--net"]
CGROUPS = Path("/sys/fs/cgroup")


@pytest.fixture(scope="module", autouse=True)
def hook():
    """The hook is attached for all programs but some."""
    with declared(ALL % NEVER):
        yield


@pytest.mark.parametrize("unit", [
    "plain.service", "held-back.service", "templ@one.service", "sshd-x.service", "systemd-x.service"])
def test_an_excluded_unit_uses_tcp(unit):
    assert protocols_of(DYNAMIC, [*STATIC, "6"], unit=unit) == [TCP, TCP]


@pytest.mark.parametrize("unit", ["plainer.service", "template.service", "docker-x.service"])
def test_a_similar_name_is_not_excluded(unit):
    assert new_protocol(DYNAMIC, unit=unit) == MPTCP


@pytest.mark.parametrize("scope", ["docker-0123.scope", "machine-x.scope"])
def test_containers_use_tcp(scope):
    shown = run(["systemd-run", "--quiet", "--scope", "--collect", f"--unit={scope}", *DYNAMIC])
    assert int(shown.stdout) == TCP


def test_excluded_slices_use_tcp():
    for slice_name in ("machine-x.slice", "kubepods-burstable.slice"):
        assert new_protocol(DYNAMIC, slice_name=slice_name) == TCP, slice_name


def test_a_socket_unit_uses_tcp(units):
    """A process in its cgroup creates its socket, for which there is a setting of its own."""
    units.names += ["listener.service", "listener.socket"]
    run(["systemd-run", "--quiet", "--unit=listener", "--socket-property=ListenStream=127.0.0.1:5002",
         PROGRAMS / "protocol", "wait"])
    assert "127.0.0.1:5002" in run(["ss", "-tlnH"]).stdout
    assert run(["ss", "-MlnH", "sport", "=", ":5002"]).stdout == ""
    systemctl("start", "listener.service")
    assert wait_for_protocols("listener.service") == ["MPTCP", "TCP"], "its own socket and that of the socket unit"


def test_never_applies_to_running_programs(units):
    loop = SocketLoop(units, "later", threads=4)
    assert loop.protocols() == {MPTCP}
    done = declare(ALL % f"{NEVER}, later.service")
    assert hook_changes(done.json) == [("all", "attached", "attached")]
    assert loop.protocols() == {TCP}
    declare(ALL % NEVER)
    assert loop.protocols() == {MPTCP}
    loop.assert_no_failure()


def test_other_network_namespaces_use_tcp(network_namespace):
    read = ["cat", "/proc/sys/net/mptcp/enabled"]
    shown = protocols_of(read, DYNAMIC, STATIC, properties=[f"NetworkNamespacePath=/run/netns/{network_namespace}"])
    assert shown == [1, TCP, TCP]
    assert protocols_of(read, DYNAMIC, STATIC, properties=["PrivateNetwork=yes"]) == [1, TCP, TCP]


def test_containers_with_the_network_of_the_host_use_tcp():
    assert protocols_of([*HOST_NETWORK, *DYNAMIC], [*CONTAINER, *DYNAMIC], ["unshare", "--cgroup", *STATIC],
                        ["unshare", "--mount", "--pid", "--fork", *DYNAMIC], DYNAMIC) == [TCP, TCP, TCP, MPTCP, MPTCP]


def test_the_hook_is_not_changed_from_a_container():
    before = attached_programs()
    done = in_unit([*HOST_NETWORK, "/usr/lib/mptcp-keeper/program-hook", "attach"], check=False)
    assert done.returncode == 3 and "container" in done.stderr
    (FOLDER / "refused").unlink(missing_ok=True)
    assert attached_programs() == before
    assert_attached()


# --- users without privileges ---------------------------------------------------------------------------------

def as_nobody(*script):
    """Whether each of these shell commands succeeds as a user without privileges."""
    lines = [f"if ({command}) >/dev/null 2>&1; then echo yes; else echo no; fi" for command in script]
    return in_unit(["sh", "-c", "\n".join(lines)], user="nobody").stdout.split()


def test_a_user_cannot_change_the_hook():
    before = attached_programs()
    assert as_nobody(
        f"test -r {FOLDER}/attached", f"echo all >{FOLDER}/request", f"rm {FOLDER}/request", f"echo >{FOLDER}/new",
        f"mv {FOLDER} {FOLDER}.old", f"ls {PINS}", f"rm {PINS}/link", f"bpftool prog show pinned {PINS}/program",
        f"systemctl stop {SERVICE}", f"systemctl reload {SERVICE}",
        "/usr/lib/mptcp-keeper/program-hook attach", "/usr/lib/mptcp-keeper/program-hook detach",
        "mptcp-keeper apply", "mptcp-keeper reset") == ["yes", *["no"] * 13]
    assert attached_programs() == before
    assert_attached()


def test_a_user_cannot_hold_up_the_loader():
    """Any user can open and lock a folder that is readable."""
    held = "import fcntl, os, time; fcntl.flock(os.open('/sys/fs/bpf', os.O_RDONLY), fcntl.LOCK_EX); time.sleep(600)"
    run(["systemd-run", "--quiet", "--collect", "--service-type=exec", "--unit=lock.service", "--uid=nobody",
         "/usr/bin/python3", "-c", held])
    try:
        systemctl("reload", SERVICE, timeout=60)
    finally:
        systemctl("stop", "lock.service", check=False)
    assert_attached()


def test_names_of_cgroups_of_a_user_concern_only_the_user(units):
    """A delegated cgroup: its owner names what is below it."""
    units.start("owner.service", [PROGRAMS / "protocol", "wait"], properties=["User=nobody", "Delegate=yes"])
    top = CGROUPS / "system.slice/owner.service"
    script = "\n".join(f"mkdir -p {top}/{name} && echo $$ >{top}/{name}/cgroup.procs && {DYNAMIC[0]}"
                       for name in ("sshd.service", "mptcp-keeper-run-1.scope", "inner"))
    move_in = f"echo $$ >{top}/cgroup.procs; exec setpriv --reuid=nobody --regid=nogroup --clear-groups sh -ec '{script}'"
    assert run(["sh", "-ec", move_in]).stdout.split() == [str(MPTCP)] * 3, "they are not units"
    assert as_nobody(f"echo 1 >{top}/cgroup.procs", f"mkdir {CGROUPS}/mptcp-keeper-run-1.scope",
                     f"mkdir {CGROUPS}/system.slice/mptcp-keeper-run-1.scope") == ["no"] * 3
    assert sysctl("net.mptcp.enabled") == "1"
