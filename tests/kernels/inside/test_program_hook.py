# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program hook, attached by its loader. The protocol of real sockets and bpftool are the oracles."""

import contextlib
import ctypes
import json
import os
import re
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

LOADER = "/usr/lib/mptcp-keeper/program-hook"
FOLDER = Path("/run/mptcp-keeper/program-hook")
REQUEST, ATTACHED, REFUSED = FOLDER / "request", FOLDER / "attached", FOLDER / "refused"
PINS = Path("/sys/fs/bpf/mptcp-keeper")
CGROUPS = Path("/sys/fs/cgroup")
HEAD = "mptcp-keeper-program-hook 1\n"
ALL = HEAD + "all\nexclude sshd*.service\nexclude private.slice\n"
TCP, MPTCP = 6, 262
SO_PROTOCOL = 38
CLONE_NEWCGROUP, CLONE_NEWNET = 0x02000000, 0x40000000
REFUSAL = 3  # the exit code of the loader
ANY_PROBE = 0x3D4B6565
HAS_HOOK = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (6, 6)

pytestmark = pytest.mark.skipif(not Path(LOADER).exists(), reason="mptcp-keeper-bpf was not built")
needs_hook = pytest.mark.skipif(not HAS_HOOK, reason="this kernel has no hook")


def run(*command, check=True, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


def attach(text, check=True, wrapper=()):
    FOLDER.mkdir(parents=True, exist_ok=True)
    REQUEST.write_text(text)
    return run(*wrapper, LOADER, "attach", check=check)


@pytest.fixture(autouse=True)
def clean():
    """Leaves neither a hook nor files; MPTCP is on, as after boot."""
    yield
    run(LOADER, "detach")
    for path in (REQUEST, ATTACHED, REFUSED):
        path.unlink(missing_ok=True)
    Path("/proc/sys/net/mptcp/enabled").write_text("1")


def in_child(cgroup, work, namespaces=0):
    """What work() returns in a process in that cgroup and, if given, in new namespaces."""
    folder = CGROUPS / cgroup
    folder.mkdir(parents=True, exist_ok=True)
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        result = "failed"
        with contextlib.suppress(BaseException):
            (folder / "cgroup.procs").write_text("0")
            if namespaces and ctypes.CDLL(None, use_errno=True).unshare(namespaces) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            result = work()
        os.write(into, json.dumps(result).encode())
        os._exit(0)
    os.close(into)
    with open(out, "rb") as pipe:
        result = json.loads(pipe.read())
    os.waitpid(child, 0)
    return result


def protocol(family=socket.AF_INET, kind=socket.SOCK_STREAM, asked=0):
    with socket.socket(family, kind, asked) as one:
        return one.getsockopt(socket.SOL_SOCKET, SO_PROTOCOL)


def protocols(*cgroups):
    return {cgroup: in_child(cgroup, protocol) for cgroup in cgroups}


def exact_probe(text):
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return 0x40000000 | value & 0x3FFFFFFF


def succeeds(probe):
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, probe).close()
        return True
    except OSError as error:
        assert error.errno == 93, error  # EPROTONOSUPPORT
        return False


def programs():
    """The ids of our programs that are in the kernel."""
    shown = json.loads(run("bpftool", "--json", "prog", "show").stdout)
    return [one["id"] for one in shown if one.get("name") == "turn_into_mptcp"]


def wait_for_programs(count):
    """The kernel frees a program after a grace period."""
    deadline = time.monotonic() + 30
    while len(programs()) != count and time.monotonic() < deadline:
        time.sleep(0.1)
    return programs()


@needs_hook
def test_all_programs_but_the_excluded_ones():
    done = attach(ALL)
    assert (done.stdout, done.stderr) == ("", "")
    assert ATTACHED.read_text() == ALL and not REFUSED.exists()
    assert ATTACHED.stat().st_mode & 0o777 == 0o644
    expected = {
        "system.slice/web.service": MPTCP,
        "system.slice/sshd.service": TCP,
        "system.slice/sshd@1-a\\x2db.service": TCP,
        "system.slice/system-sshd.slice/sshd@1.service": TCP,
        "system.slice/web.service/sshd.service": MPTCP,
        "private.slice/web.service": TCP,
        "private.slice/private-deep.slice/web.service": TCP,
        "user.slice/user-1000.slice/session-3.scope": MPTCP,
        "user.slice/user-1000.slice/user@1000.service/app.slice/browser.service": MPTCP,
        "user.slice/user-1000.slice/user@1000.service/init.scope": TCP,
        "init.scope": TCP,
        "private.slice/mptcp-keeper-run-1.scope": TCP,
        "/".join(["a"] * 31): MPTCP,
        "/".join(["a"] * 32): TCP,
        "": TCP,
    }
    assert protocols(*expected) == expected
    assert protocols(*expected) == expected, "from the cache, too"
    shown = json.loads(run("bpftool", "--json", "link", "show", "pinned", str(PINS / "link")).stdout)
    shown = shown[0] if isinstance(shown, list) else shown
    assert (shown["prog_id"], shown["attach_type"]) == (programs()[0], "modify_return")


@needs_hook
def test_programs_of_slices_and_of_run():
    attach(HEAD + "slice background.slice\nslice user.slice\nexclude sshd.service\n")
    expected = {
        "system.slice/web.service": TCP,
        "user.slice/user-1000.slice/session-3.scope": MPTCP,
        "user.slice/user-1000.slice/user@1000.service/app.slice/x.service": MPTCP,
        "user.slice/sshd.service": TCP,
        "user.slice/mptcp-keeper-run-1.scope": MPTCP,
        "system.slice/mptcp-keeper-run-12-ab.scope": MPTCP,
        "system.slice/sshd.service/mptcp-keeper-run-1.scope": TCP,
        "system.slice/x.service/background.slice": TCP,
        "system.slice/x.service/background.slice/y.service": TCP,
        "background.slice": MPTCP,
        "other.slice/user.slice/x.service": MPTCP,
    }
    assert protocols(*expected) == expected


@needs_hook
def test_which_sockets_become_mptcp():
    attach(ALL)

    def kinds():
        stream = socket.SOCK_STREAM
        return {
            "TCP over IPv6": protocol(socket.AF_INET6),
            "with flags": protocol(kind=stream | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK),
            "TCP by name": protocol(asked=socket.IPPROTO_TCP),
            "IPv6 by name": protocol(socket.AF_INET6, stream, socket.IPPROTO_TCP),
            "MPTCP by name": protocol(asked=262),
            "UDP": protocol(kind=socket.SOCK_DGRAM),
            "SCTP": protocol(kind=socket.SOCK_RAW, asked=socket.IPPROTO_TCP),
            "Unix": protocol(socket.AF_UNIX),
            "netlink": protocol(socket.AF_NETLINK, socket.SOCK_RAW, 0),
            "static": int(run("/machine/static-socket").stdout),
        }
    assert in_child("system.slice/web.service", kinds) == {
        "TCP over IPv6": 262, "with flags": 262, "TCP by name": 262, "IPv6 by name": 262, "MPTCP by name": 262,
        "UDP": 17, "SCTP": 6, "Unix": 0, "netlink": 0, "static": 262}


@needs_hook
def test_no_socket_fails_where_mptcp_is_off():
    enabled = Path("/proc/sys/net/mptcp/enabled")
    attach(ALL)
    for value, expected in (("0", TCP), ("1", MPTCP), ("0", TCP), ("1", MPTCP)):
        enabled.write_text(value)
        assert protocols("system.slice/web.service") == {"system.slice/web.service": expected}
    enabled.write_text("0")
    assert attach(ALL).returncode == 0, "the loader's own check holds in both states"


@needs_hook
def test_other_namespaces_are_left_alone():
    attach(ALL)

    def with_mptcp_on():
        return Path("/proc/sys/net/mptcp/enabled").read_text().strip(), protocol(), succeeds(ANY_PROBE)
    assert in_child("system.slice/web.service", with_mptcp_on, CLONE_NEWNET) == ["1", TCP, False]
    assert in_child("system.slice/web.service", with_mptcp_on, CLONE_NEWCGROUP) == ["1", TCP, True]
    assert in_child("system.slice/web.service", with_mptcp_on) == ["1", MPTCP, True]


@needs_hook
def test_probes_succeed_while_that_hook_is_attached():
    other = HEAD + "slice user.slice\n"

    def probes():
        return [succeeds(probe) for probe in (ANY_PROBE, exact_probe(ALL), exact_probe(other), ANY_PROBE + 2)]
    assert probes() == [False, False, False, False]
    attach(ALL)
    assert probes() == [True, True, False, False]
    attach(other)
    assert probes() == [True, False, True, False]
    run(LOADER, "detach")
    assert probes() == [False, False, False, False]


@needs_hook
def test_nothing_stays_after_detach():
    attach(ALL)
    assert protocols("a.service") == {"a.service": MPTCP}
    run(LOADER, "detach")
    assert protocols("a.service") == {"a.service": TCP}
    assert not PINS.exists() and not ATTACHED.exists() and REQUEST.exists()
    assert wait_for_programs(0) == []
    run(LOADER, "detach")


@needs_hook
def test_a_hook_is_replaced_without_a_gap():
    attach(ALL)
    first = programs()
    stop, ask = os.pipe()

    def open_sockets():
        seen, count = set(), 0
        while not select.select([stop], [], [], 0)[0]:
            seen.add(protocol())
            count += 1
        return sorted(seen), count
    if os.fork() == 0:
        Path("/run/seen").write_text(json.dumps(in_child("system.slice/web.service", open_sockets)))
        os._exit(0)
    for number in range(5):
        text = ALL + f"exclude x{number}.service\n"
        attach(text)
        assert succeeds(exact_probe(text))
    os.write(ask, b"x")
    os.wait()
    seen, count = json.loads(Path("/run/seen").read_text())
    assert seen == [MPTCP] and count > 100
    print(f"{count} sockets during 5 replacements")
    assert len(wait_for_programs(1)) == 1 and programs() != first
    assert sorted(path.name for path in PINS.iterdir()) == [
        "link", "link-preempted", "program", "program-preempted", "rules", "scratches", "settings", "verdicts"]


@needs_hook
@pytest.mark.parametrize("call, number", [("unlinkat", 2), ("renameat", 1), ("renameat", 3), ("rename", 1)])
def test_a_killed_loader_is_repaired(call, number):
    other = HEAD + "slice user.slice\n"
    kill = ["env", "LD_PRELOAD=/machine/kill-at.so", f"KILL_CALL={call}", f"KILL_NUMBER={number}"]
    for repair in ("attach", "detach"):
        attach(other)
        assert attach(ALL, check=False, wrapper=kill).returncode == -signal.SIGKILL
        assert succeeds(ANY_PROBE)
        run(LOADER, repair)
        assert [succeeds(exact_probe(ALL)), succeeds(ANY_PROBE), ATTACHED.exists()] == [repair == "attach"] * 3
        assert len(wait_for_programs(int(repair == "attach"))) == int(repair == "attach")
        assert not PINS.exists() or len(list(PINS.iterdir())) == 8
        assert {path.name for path in FOLDER.iterdir()} <= {"request", "attached", "lock"}


def test_requests_that_cannot_be_used():
    done = run(LOADER, "attach", check=False)
    assert (done.returncode, "nothing to attach" in done.stderr) == (1, True)
    done = attach("mptcp-keeper-program-hook 2\nall\n", check=False)
    assert (done.returncode, "cannot understand" in done.stderr) == (1, True)
    REQUEST.unlink()
    Path("/run/elsewhere").write_text(ALL)
    os.chmod(FOLDER, 0o777)
    REQUEST.write_text(ALL)
    done = run(LOADER, "attach", check=False)
    os.chmod(FOLDER, 0o755)
    assert (done.returncode, "other users" in done.stderr) == (1, True)
    assert not ATTACHED.exists() and not succeeds(ANY_PROBE)


@needs_hook
@pytest.mark.parametrize("namespace", ["--net", "--cgroup", "--pid --fork --mount-proc"])
def test_a_container_attaches_nothing(namespace):
    done = attach(ALL, check=False, wrapper=["unshare", *namespace.split()])
    assert done.returncode == REFUSAL and re.search("container|network namespace", done.stderr)
    assert REFUSED.read_text().count("\n") == 1 and not ATTACHED.exists()
    assert programs() == []


@needs_hook
def test_a_hidden_address_is_a_refusal():
    hidden = Path("/proc/sys/kernel/kptr_restrict")
    before = hidden.read_text()
    hidden.write_text("2")
    try:
        done = attach(ALL, check=False)
    finally:
        hidden.write_text(before)
    assert done.returncode == REFUSAL and "kptr_restrict" in REFUSED.read_text()
    attach(ALL)
    assert not REFUSED.exists()


@needs_hook
def test_the_capabilities_that_the_loader_needs():
    """The rest of the unit's sandbox is tested by the tests of booted systems."""
    needed = ["bpf", "perfmon", "syslog"]

    def limited(names):
        bounds = "-all" + "".join(f",+{name}" for name in names)
        return ["setpriv", f"--bounding-set={bounds}", "--inh-caps=-all"]
    assert attach(ALL, wrapper=limited(needed)).returncode == 0
    run(*limited(needed), LOADER, "detach")
    for missing in needed:
        rest = [name for name in needed if name != missing]
        done = attach(ALL, check=False, wrapper=limited(rest))
        print(f"without {missing}: {done.returncode} {done.stderr.strip()}")
        assert done.returncode == REFUSAL


@pytest.mark.skipif(HAS_HOOK, reason="this kernel has the hook")
def test_a_kernel_without_the_hook_refuses():
    done = attach(ALL, check=False)
    reason = "this kernel has no hook update_socket_protocol (Linux 6.6 and later have it)"
    assert (done.returncode, REFUSED.read_text()) == (REFUSAL, reason + "\n")
    assert reason in done.stderr
    assert protocols("system.slice/web.service") == {"system.slice/web.service": TCP}
    assert not ATTACHED.exists() and not PINS.exists() and not succeeds(ANY_PROBE)
    run(LOADER, "detach")
    assert not REFUSED.exists()


@needs_hook
def test_the_time_that_attaching_takes():
    started = time.monotonic()
    attach(ALL)
    attached = time.monotonic()
    run(LOADER, "detach")
    print(f"attach {attached - started:.2f} s, detach {time.monotonic() - attached:.2f} s (emulated)")
