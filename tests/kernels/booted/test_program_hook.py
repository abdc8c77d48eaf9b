# SPDX-License-Identifier: LGPL-2.1-or-later
"""applications.all: the programs of the whole host use MPTCP."""

import json
import os

import pytest
from hook_host import (FOLDER, PINS, SERVICE, apply, assert_attached, assert_detached, attached_programs, declared,
                       hook_status, protocols_of, requires_hook)
from this_host import (DYNAMIC, IO_URING, MPTCP, PYTHON, STATIC, TCP, in_unit, keeper, new_protocol, run, sysctl,
                       unit_property, wait_for_protocols)

pytestmark = requires_hook
ALL = "sysctl: {enabled: true, add_addr_timeout: 63}\napplications: {all: true}\n"
SLICES = [None, "user.slice", "apart-deep.slice"]
KINDS = """import json, socket as s
def protocol(family, kind, asked=0):
    with s.socket(family, kind, asked) as one:
        return one.getsockopt(s.SOL_SOCKET, s.SO_PROTOCOL)
print(json.dumps({
    "IPv4": protocol(s.AF_INET, s.SOCK_STREAM), "IPv6": protocol(s.AF_INET6, s.SOCK_STREAM),
    "by name": protocol(s.AF_INET6, s.SOCK_STREAM | s.SOCK_NONBLOCK, 6),
    "UDP": protocol(s.AF_INET, s.SOCK_DGRAM), "UDP over IPv6": protocol(s.AF_INET6, s.SOCK_DGRAM),
    "Unix": protocol(s.AF_UNIX, s.SOCK_STREAM), "netlink": protocol(s.AF_NETLINK, s.SOCK_RAW)}))
a, b = s.socketpair()
a.sendall(b"x")
assert b.recv(1) == b"x"
server = s.create_server(("127.0.0.1", 0))
client = s.create_connection(server.getsockname())
accepted = server.accept()[0]
accepted.sendall(b"y")
assert client.recv(1) == b"y"
u = [s.socket(s.AF_INET, s.SOCK_DGRAM) for _ in range(2)]
u[0].bind(("127.0.0.1", 0))
u[1].sendto(b"z", u[0].getsockname())
assert u[0].recv(1) == b"z"
"""


@pytest.fixture(scope="module", autouse=True)
def applied():
    """The hook is attached for all programs."""
    with declared("sysctl: {enabled: true}\n"):
        yield


@pytest.fixture(scope="module")
def hook(applied):
    """The hook is attached for all programs."""
    with declared(ALL):
        yield


def test_nothing_is_attached_without_a_request(configure):
    configure(ALL)
    assert_detached()
    diff = keeper("diff")
    assert diff.returncode == 2
    assert [(one["resource"], one["key"], one["before"], one["after"]) for one in diff.json["changes"]] == [
        ("sysctl", "net.mptcp.add_addr_timeout", diff.json["changes"][0]["before"], "63"),
        ("program-hook", "all", None, "attached")]
    dry_run = keeper("apply", "--dry-run")
    assert [one["key"] for one in dry_run.json["changes"]] == [one["key"] for one in diff.json["changes"]]
    assert_detached()
    apply("--only", "sysctl")
    assert sysctl("net.mptcp.add_addr_timeout") == "63"
    assert_detached()
    assert new_protocol(DYNAMIC) == TCP


def test_only_applications_attaches(configure):
    configure(ALL.replace("63", "64"))
    before = sysctl("net.mptcp.add_addr_timeout")
    done = apply("--only", "applications")
    assert [one["key"] for one in done.json["changes"]] == ["all"]
    assert sysctl("net.mptcp.add_addr_timeout") == before
    assert_attached()
    assert new_protocol(DYNAMIC) == MPTCP


@pytest.mark.parametrize("slice_name", SLICES)
def test_programs_use_mptcp(hook, slice_name):
    commands = [DYNAMIC, STATIC, [*DYNAMIC, "6"], [*STATIC, "6"], PYTHON]
    assert protocols_of(*commands, slice_name=slice_name) == [MPTCP] * len(commands)


def test_io_uring_is_not_covered(hook):
    assert protocols_of(IO_URING, DYNAMIC) == [TCP, MPTCP]


def test_other_sockets_work(hook):
    assert json.loads(in_unit(["/usr/bin/python3", "-c", KINDS], user="nobody").stdout) == {
        "IPv4": MPTCP, "IPv6": MPTCP, "by name": MPTCP, "UDP": 17, "UDP over IPv6": 17, "Unix": 0, "netlink": 0}


def test_a_go_program_uses_mptcp(hook, units, go_program):
    name, command = go_program
    units.start(f"{name}.service", command)
    protocols = wait_for_protocols(f"{name}.service")
    assert {protocol.removesuffix("v6") for protocol in protocols} == {"MPTCP"}
    assert "127.0.0.1:5001" in run(["ss", "-MlnH"]).stdout


def test_a_second_apply_writes_nothing(hook):
    def facts():
        files = [*PINS.iterdir(), *FOLDER.iterdir(), PINS, FOLDER]
        return (attached_programs(), {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files},
                [unit_property(SERVICE, f"{name}TimestampMonotonic") for name in ("ActiveEnter", "StateChange")])
    before = facts()
    assert apply().json["changed"] is False
    assert keeper("diff").returncode == 0
    assert facts() == before


def test_everyone_sees_the_same_state(hook):
    status = hook_status()
    assert (status["state"], status["reason"], status["scope"]) == ("attached", None, ["all"])
    assert {"sshd.service", "dbus.service", "docker-*.scope", "systemd-*.service"} <= set(status["excluded"])
    shown = in_unit(["mptcp-keeper", "--json", "status"], user="nobody").stdout
    assert json.loads(shown)["program_hook"] == status
    assert in_unit(["mptcp-keeper", "diff"], user="nobody", check=False).returncode == 0
    text = run(["mptcp-keeper", "status"]).stdout.splitlines()
    row = text.index(next(line for line in text if "program hook" in line)) + 1
    assert text[row].split()[:3] == ["✓", "all", "attached"], text[row]


def test_reset_detaches(hook):
    assert keeper("reset").returncode == 0
    assert_detached()
    assert new_protocol(DYNAMIC) == TCP
    assert hook_status()["state"] == "detached"
    assert apply("--strict").json["changed"]
    assert_attached()


def test_the_kernel_runs_our_program_only(hook):
    shown = json.loads(run(["bpftool", "--json", "link", "show", "pinned", PINS / "link"]).stdout)
    shown = shown[0] if isinstance(shown, list) else shown
    assert shown["attach_type"] == "modify_return" and [shown["prog_id"]] == attached_programs()
    assert os.stat(PINS).st_mode & 0o7777 == 0o700
