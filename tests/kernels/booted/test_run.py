# SPDX-License-Identifier: LGPL-2.1-or-later
"""run: with a program hook, programs that LD_PRELOAD does not reach use MPTCP in a scope of their own."""

import os
import re
from pathlib import Path

import pytest
from hook_host import HAS_HOOK
from this_host import (CONTAINER, DYNAMIC, MPTCP, STATIC, TCP, in_unit, run, systemctl, unit_property, wait_for,
                       wait_for_protocols)

FOLDER = Path("/run/mptcp-keeper/program-hook")
FIRST_LINE = "mptcp-keeper-program-hook 1"  # of a request: src/applications/hook_request.cpp
LOADER = "mptcp-keeper-bpf.service"
UNITS = ["list-units", "--plain", "--no-legend", "mptcp-keeper-run-*.scope"]
USER, UID = "runner", "1789"
BELOW_MAIN = ["sh", "-c", '"$@"; exit $?', "sh"]  # a child of the main process, as in a session or a cron job


@pytest.fixture
def hook():
    """Attaches the hook for a slice that does not exist. hook("cron*.service") also excludes these units."""
    if unit_property(LOADER, "LoadState") != "loaded":
        pytest.skip(f"{LOADER} is not installed")
    if not HAS_HOOK:
        pytest.skip(f"Linux {os.uname().release} lacks update_socket_protocol()")

    def attach(*excluded):
        FOLDER.mkdir(parents=True, exist_ok=True)
        request = "\n".join([FIRST_LINE, "slice elsewhere.slice", *(f"exclude {glob}" for glob in sorted(excluded)), ""])
        (FOLDER / "request").write_text(request)
        systemctl("restart", LOADER)
        assert (FOLDER / "attached").read_text() == request

    attach()
    yield attach
    systemctl("stop", LOADER)
    (FOLDER / "request").unlink()


@pytest.fixture
def user():
    """The start of a command line that runs a command as a user with a service manager."""
    run(["useradd", "--uid", UID, "--create-home", USER])
    run(["loginctl", "enable-linger", USER])
    wait_for(lambda: Path(f"/run/user/{UID}/systemd/private").exists(), 30, "the service manager of the user")
    yield ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--init-groups", "env", "-u", "XDG_RUNTIME_DIR"]
    run(["loginctl", "disable-linger", USER])
    systemctl("stop", f"user@{UID}.service", check=False)
    run(["userdel", "--force", "--remove", USER], check=False)


@pytest.fixture
def program():
    """Creates programs in /usr/local/bin: program(name, content, mode)."""
    made = []

    def create(name, content, mode=0o755):
        file = Path("/usr/local/bin") / name
        made.append(file)
        file.write_bytes(content)
        file.chmod(mode)
        return file

    yield create
    for file in made:
        file.unlink()


def started(*command, wrapper=(), **kwargs):
    """Runs a command with `mptcp-keeper run` below the main process of a unit."""
    return in_unit([*BELOW_MAIN, *wrapper, "mptcp-keeper", "run", "--", *command], check=False, **kwargs)


def assert_protocol(done, protocol, *words):
    """The program has printed this protocol. A warning was printed if words are given, and contains them."""
    assert (done.stdout.strip(), done.returncode) == (str(protocol), 0), done.stdout + done.stderr
    assert all(word in done.stderr for word in words) and bool(words) == bool(done.stderr), done.stderr


def test_a_static_program_uses_mptcp_in_a_scope(hook):
    assert_protocol(started(*STATIC), MPTCP)
    assert_protocol(started(*STATIC, slice_name="apart.slice"), MPTCP)
    assert_protocol(started(*DYNAMIC), MPTCP)
    assert_protocol(in_unit([*BELOW_MAIN, *STATIC]), TCP)
    wait_for(lambda: not systemctl(*UNITS, "--all"), 30, "the end of all scopes")


def test_without_a_hook_a_static_program_uses_tcp():
    assert_protocol(started(*STATIC), TCP, "is statically linked", "install the package mptcp-keeper-bpf")
    assert_protocol(started(*DYNAMIC), MPTCP)


def test_a_setuid_program_uses_mptcp(hook, user, program):
    setuid = program("protocol-setuid", Path(DYNAMIC[0]).read_bytes(), 0o4755)
    assert_protocol(started(setuid, wrapper=user), MPTCP)
    assert_protocol(started(setuid, user="nobody"), TCP, "is setuid", "has no service manager", "enable-linger")


def test_a_user_needs_no_privilege(hook, user):
    assert_protocol(started(*STATIC, wrapper=user), MPTCP)
    assert_protocol(started(*STATIC, wrapper=[*user, "XDG_RUNTIME_DIR=/run/user/0"]), MPTCP)


def test_a_script_counts_as_its_interpreter(hook, program):
    assert_protocol(started(program("by-static", f"#!{STATIC[0]}\n".encode())), MPTCP)


def test_a_go_program_that_ignores_godebug_uses_mptcp(hook, units, go_program):
    name, command = go_program
    units.start("starter.service", [*BELOW_MAIN, "mptcp-keeper", "run", "--", *command])
    scope = wait_for(lambda: systemctl(*UNITS), 30, f"the scope of {name}").split()[0]
    units.names.append(scope)  # ends with the test
    assert {protocol.removesuffix("v6") for protocol in wait_for_protocols(scope)} == {"MPTCP"}


def test_without_the_library_the_scope_is_used_for_every_program(hook):
    hidden = "mount -t tmpfs none $(dirname $(find /usr/lib -name 'libmptcpwrap.so*' | head -1))"
    text = f"{hidden}; mptcp-keeper run -- {DYNAMIC[0]}; exit $?"
    assert_protocol(in_unit(["unshare", "--mount", "sh", "-c", text], check=False), MPTCP)


def test_an_excluded_slice_is_named(hook):
    hook("apart.slice")
    done = started(*STATIC, slice_name="apart.slice")
    assert_protocol(done, TCP, "is statically linked", "applications.never")
    assert re.search(r"sockets in /apart\.slice/mptcp-keeper-run-\d+-[0-9a-f]{16}\.scope remain TCP", done.stderr)
    assert_protocol(started(*STATIC), MPTCP)


def test_the_main_process_of_a_service_is_not_moved(hook):
    done = in_unit(["mptcp-keeper", "run", "--", *STATIC], unit="app.service", slice_name="apart.slice", check=False)
    assert_protocol(done, TCP, "main process of app.service", "declare apart.slice under applications.slices")


def test_the_hook_does_not_act_elsewhere(hook, network_namespace):
    elsewhere = "does not act in this container or network namespace"
    namespace = [f"NetworkNamespacePath=/run/netns/{network_namespace}"]
    assert_protocol(started(*STATIC, properties=namespace), TCP, elsewhere)
    assert_protocol(started(*STATIC, wrapper=CONTAINER), TCP, elsewhere)
