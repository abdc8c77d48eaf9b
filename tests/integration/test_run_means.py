# SPDX-License-Identifier: LGPL-2.1-or-later
"""run: programs that LD_PRELOAD does not reach, without a program hook: what is reported, and what runs.

The programs print the protocol of a socket that they create (getsockopt(SO_PROTOCOL)) and exit with 3.
"""

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from host import keeper_program
from test_on_demand import HEAVY, MODULE, opened_by

SOURCE = Path(__file__).resolve().parents[1] / "tools/protocol.c"
TCP, MPTCP = "6\n", "262\n"
NO_HOOK = re.compile(r"program hook.*(install the package mptcp-keeper-bpf and declare applications\.slices"
                     r"|does not act in this container or network namespace)")
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
# struct vfs_cap_data, version 2, effective, with CAP_NET_BIND_SERVICE
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)

pytestmark = pytest.mark.skipif(not shutil.which("mptcpize"), reason="mptcpize is not installed")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The folder with the programs "static" and "dynamic"."""
    folder = tmp_path_factory.mktemp("programs")
    for name, options in (("static", ["-static"]), ("dynamic", [])):
        subprocess.run(["cc", *options, "-o", folder / name, SOURCE], check=True)
    return folder


@pytest.fixture
def machine(host, compiled):
    """A host with /opt/static, /opt/dynamic and /opt/setuid."""
    host.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", "/opt"])
    for name, mode in (("static", 0o755), ("dynamic", 0o755), ("setuid", 0o4755)):
        file = host.path(f"/opt/{name}")
        file.write_bytes((compiled / ("dynamic" if name == "setuid" else name)).read_bytes())
        file.chmod(mode)
    return host


def script(host, name, *lines):
    """Writes an executable file to /opt; returns its path."""
    file = host.path(f"/opt/{name}")
    file.write_text("\n".join([*lines, ""]))
    file.chmod(0o755)
    return f"/opt/{name}"


def run(host, *command, wrapper=(), **kwargs):
    return host.run([*wrapper, keeper_program(), "run", "--", *command], check=False, **kwargs)


def assert_runs_with_mptcp(done):
    assert (done.stdout, done.stderr, done.returncode) == (MPTCP, "", 3)


def assert_runs_with_tcp(done, *words):
    assert (done.stdout, done.returncode) == (TCP, 3)
    warning, = done.stderr.splitlines()
    assert all(word in warning for word in words) and NO_HOOK.search(warning), warning


def test_a_dynamic_program_needs_nothing(machine):
    assert_runs_with_mptcp(run(machine, "/opt/dynamic"))


def test_a_static_program_runs_with_tcp_and_a_warning(machine):
    assert_runs_with_tcp(run(machine, "/opt/static"), "/opt/static is statically linked", "it runs with TCP")


def test_its_dynamic_children_are_reached_nevertheless(machine):
    done = run(machine, "/opt/static", "exec", "/opt/dynamic")
    assert (done.stdout, done.returncode) == (MPTCP, 3) and "/opt/static is statically linked" in done.stderr


def test_a_setuid_program_is_reached_only_without_new_privileges(machine):
    assert_runs_with_tcp(run(machine, "/opt/setuid", wrapper=AS_NOBODY), "/opt/setuid is setuid or setgid")
    assert_runs_with_mptcp(run(machine, "/opt/setuid"))  # root gains nothing
    assert_runs_with_mptcp(run(machine, "/opt/setuid", wrapper=[*AS_NOBODY, "--no-new-privs"]))
    machine.run(["mount", "-o", "remount,nosuid", "/opt"])
    assert_runs_with_mptcp(run(machine, "/opt/setuid", wrapper=AS_NOBODY))


def test_a_setuid_program_that_cannot_be_read(machine):
    machine.path("/opt/setuid").chmod(0o4711)
    assert_runs_with_tcp(run(machine, "/opt/setuid", wrapper=AS_NOBODY), "/opt/setuid is setuid or setgid")


def test_a_setgid_program(machine):
    machine.path("/opt/dynamic").chmod(0o2755)
    assert_runs_with_tcp(run(machine, "/opt/dynamic", wrapper=AS_NOBODY), "/opt/dynamic is setuid or setgid")
    assert_runs_with_mptcp(run(machine, "/opt/dynamic"))


def test_a_program_with_file_capabilities(machine):
    os.setxattr(machine.path("/opt/dynamic"), "security.capability", CAPABILITY)
    for wrapper in (AS_NOBODY, [*AS_NOBODY, "--no-new-privs"]):
        assert_runs_with_tcp(run(machine, "/opt/dynamic", wrapper=wrapper), "or has file capabilities")
    assert_runs_with_mptcp(run(machine, "/opt/dynamic"))


@pytest.mark.parametrize("lines", [["#!/opt/static"], ["#! /opt/static -x"]])
def test_a_script_counts_as_its_interpreter(machine, lines):
    assert_runs_with_tcp(run(machine, script(machine, "script", *lines)),
                         "/opt/script, run by /opt/static, is statically linked")
    assert_runs_with_tcp(run(machine, script(machine, "outer", "#!/opt/script")),
                         "/opt/outer, run by /opt/static, is statically linked")
    assert_runs_with_mptcp(run(machine, script(machine, "script", "#!/opt/dynamic")))


def test_a_setuid_script_is_not_setuid(machine):
    name = script(machine, "script", "#!/opt/dynamic")
    machine.path(name).chmod(0o4755)
    assert_runs_with_mptcp(run(machine, name, wrapper=AS_NOBODY))


def test_an_endless_chain_of_interpreters_ends(machine):
    done = run(machine, script(machine, "loop", "#!/opt/loop"))
    assert done.returncode == 126 and "cannot run /opt/loop" in done.stderr


def test_a_script_without_interpreter_line_is_run_by_the_shell(machine):
    done = run(machine, script(machine, "plain", 'echo "$0|$1"'), "a b")
    assert (done.stdout, done.stderr, done.returncode) == ("/opt/plain|a b\n", "", 0)


def test_the_file_in_path_that_is_run_is_the_one_that_is_inspected(machine):
    for folder, program, mode in (("a", "dynamic", 0o644), ("b", "static", 0o755), ("c", "dynamic", 0o755)):
        machine.path(f"/opt/{folder}").mkdir()
        file = machine.path(f"/opt/{folder}/app")
        file.write_bytes(machine.path(f"/opt/{program}").read_bytes())
        file.chmod(mode)
    path = ["env", "PATH=/opt/none:/opt/a:/opt/b:/opt/c:/usr/bin:/bin"]
    assert_runs_with_tcp(run(machine, "app", wrapper=path), "/opt/b/app is statically linked")
    done = run(machine, "app", wrapper=["env", "PATH=/opt/none:/opt/a"])
    assert done.returncode == 126 and "cannot run app: Permission denied" in done.stderr
    done = run(machine, "static", wrapper=["env", "-C", "/opt", "PATH=:/usr/bin"])
    assert_runs_with_tcp(done, "./static is statically linked")
    assert run(machine, "").returncode == 127
    assert run(machine, "/opt").returncode == 126
    assert run(machine, "true", wrapper=["env", "-u", "PATH"]).returncode == 0


def test_where_nothing_is_installed_nothing_is_started(machine):
    machine.run(["sh", "-c", "rm -rf /usr/lib/*/mptcpize /usr/lib/mptcpize"])
    done = run(machine, "/opt/static")
    assert (done.stdout, done.returncode) == ("", 1)
    assert "/opt/static is statically linked" in done.stderr and "it is not started" in done.stderr
    done = run(machine, "/opt/dynamic")
    assert (done.stdout, done.returncode) == ("", 1) and "libmptcpwrap is not installed" in done.stderr
    assert run(machine, "no-such-program").returncode == 127


def test_with_mptcp_off_the_kind_of_program_does_not_matter(machine):
    machine.sysctl("net.mptcp.enabled", 0)
    done = run(machine, "/opt/static")
    assert (done.stdout, done.returncode) == (TCP, 3)
    assert "net.mptcp.enabled is not 1" in done.stderr and "statically" not in done.stderr


def test_without_a_hook_no_service_manager_is_asked(machine):
    opened = opened_by(machine, "run", "--", "/opt/static", expected=(3,))
    assert MODULE not in opened and not [name for name in opened if HEAVY.match(name)]
