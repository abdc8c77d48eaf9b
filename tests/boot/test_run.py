# SPDX-License-Identifier: LGPL-2.1-or-later
"""The scopes of `mptcp-keeper run`, on a booted system without a program hook (tests/tools/scope_probe.cpp).

/proc/self/cgroup is the oracle. That sockets become MPTCP sockets in these scopes is tested in kernels/booted.
"""

import os
import re
import time
from pathlib import Path

import pytest
from debian import own_release
from node import wait_for

BUILT = Path(os.environ.get("KEEPER_BUILD_DIR", "build")) / "tests/network_manager/scope-probe"
PROBE = ["/opt/scope-probe", "/usr/lib/mptcp-keeper/bus.so"]
SHOW = "sed -n s/^0:://p /proc/self/cgroup"
SCOPE = r"mptcp-keeper-run-\d+-[0-9a-f]{16}\.scope"
NOT_MAIN = ["sh", "-c", '"$@"; exit $?', "sh"]  # a child, as in a session or a cron job
USER = "1000"


@pytest.fixture
def booted(machine):
    """A machine with the probe and an ordinary user; tests that change more boot their own."""
    if machine.name != own_release() or not BUILT.exists():
        pytest.skip("the probe is compiled for the release of this machine only")
    file = machine.path(PROBE[0])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(BUILT.read_bytes())
    file.chmod(0o755)
    machine.boot()
    machine.run(["useradd", "--uid", USER, "--create-home", "app"])
    return machine


def service(machine, *command, options=(), main=False, **kwargs):
    """Runs a command below (or as) the main process of a transient service."""
    return machine.run_as_service([*options, *([] if main else NOT_MAIN), *command], check=False, **kwargs)


def show(machine, *command, **kwargs):
    """The cgroup of a program that the probe starts, and the message of the probe."""
    done = service(machine, *command, *PROBE, "sh", "-c", f"{SHOW}; exit 5", **kwargs)
    assert done.returncode == 5, done.stderr
    return done.stdout.strip(), done.stderr.strip()


def assert_in(shown, pattern):
    """The program is in a scope of that path, and the probe has found that its sockets are TCP there."""
    path, message = shown
    assert re.fullmatch(pattern.replace("SCOPE", SCOPE), path), (path, message)
    assert message.startswith(f"sockets in {path} remain TCP; a unit or slice of this path is excluded"), message


def as_user(*command):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *command]


def test_root_gets_a_scope_in_its_slice(booted):
    assert_in(show(booted), "/system.slice/SCOPE")
    assert_in(show(booted, options=["--slice=apart-deep.slice"]), "/apart.slice/apart-deep.slice/SCOPE")
    assert_in(show(booted, options=["--property=PAMName=login", "--property=User=root"]), "/user.slice/user-0.slice/SCOPE")
    units = ["systemctl", "list-units", "--all", "--plain", "--no-legend", "mptcp-keeper-run-*"]
    wait_for(lambda: not booted.run(units).stdout, 20, "the end of all scopes")


def script(machine, name, *lines):
    """Writes a script to /opt; returns its path. In arguments of systemd-run, systemd would expand variables."""
    file = machine.path(f"/opt/{name}")
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)
    return f"/opt/{name}"


def test_the_program_is_otherwise_unchanged(booted):
    inside = script(booted, "inside", 'echo "$$|$KEPT|$1|$(cat)|$(pwd)"', "kill -TERM $$")
    outside = script(booted, "outside", "echo $$", f'exec {" ".join(PROBE)} "$@"')
    options = ["--setenv=KEPT=x y", "--working-directory=/opt"]
    done = service(booted, outside, inside, "a b", options=options, input="in")
    before, after = done.stdout.splitlines()
    assert after == f"{before}|x y|a b|in|/opt" and done.returncode == 128 + 15
    inside = script(booted, "in-terminal", "tty", "ps -o stat= -p $$", "exit 6")
    done = service(booted, "script", "--quiet", "--return", "--command", f"{' '.join(PROBE)} {inside}", "/dev/null")
    terminal, state = done.stdout.split()[-2:]
    assert terminal.startswith("/dev/pts/") and state.endswith("+") and done.returncode == 6, done.stdout
    limits = script(booted, "limits", "sed -n '/open files/p' /proc/self/limits", "ls /proc/self/fd", "umask",
                    "sed -n '/^Sig[BIC]/p' /proc/self/status")
    options = ["--property=LimitNOFILE=77", "--property=UMask=0027", "--property=IgnoreSIGPIPE=no"]
    plain = service(booted, limits, options=options).stdout
    assert "77" in plain and service(booted, *PROBE, limits, options=options).stdout == plain


def test_a_user_gets_a_scope_of_the_own_service_manager(booted):
    path, message = show(booted, *as_user())
    assert path.startswith("/system.slice/run-")
    assert f"user {USER} has no service manager" in message and f"loginctl enable-linger {USER}" in message
    booted.run(["loginctl", "enable-linger", "app"])
    wait_for(lambda: booted.path(f"/run/user/{USER}/systemd/private").exists(), 20, "the service manager of the user")
    own = f"/user.slice/user-{USER}.slice/user@{USER}.service"
    assert_in(show(booted, *as_user()), f"{own}/app.slice/SCOPE")
    assert_in(show(booted, *as_user("env", "XDG_RUNTIME_DIR=/run/user/0")), f"{own}/app.slice/SCOPE")
    assert_in(show(booted, options=["--property=PAMName=login", f"--uid={USER}"]), f"{own}/app.slice/SCOPE")
    nested = as_user("env", f"XDG_RUNTIME_DIR=/run/user/{USER}", "systemd-run", "--user", "--quiet", "--scope",
                     "--slice=own.slice", *NOT_MAIN)
    assert_in(show(booted, *nested), f"{own}/own.slice/SCOPE")


def test_a_main_process_stays_in_its_service(booted):
    path, message = show(booted, main=True, options=["--unit=app.service", "--slice=apart.slice"])
    assert path == "/apart.slice/app.service"
    assert message.startswith("in a scope, the main process of app.service would leave the limits of its unit")
    assert "declare apart.slice under applications.slices" in message


def test_a_service_manager_that_does_not_answer_delays_by_seconds(booted):
    bus = booted.property("dbus.service", "MainPID")
    booted.run(["kill", "-STOP", bus])
    started = time.monotonic()
    done = booted.run([*PROBE, "sh", "-c", "exit 5"], check=False)
    booted.run(["kill", "-CONT", bus])
    assert done.returncode == 5 and "did not start a scope within 5 s" in done.stderr
    assert 4 < time.monotonic() - started < 10


def test_without_a_message_bus_the_service_manager_is_asked_directly(booted):
    booted.run(["systemctl", "stop", "dbus.socket", "dbus.service"])
    booted.run(["rm", "-f", "/run/dbus/system_bus_socket"])
    command = f"{' '.join(PROBE)} sh -c '{SHOW}' >/run/shown 2>&1; echo >>/run/shown"
    booted.run(["systemd-run", "--quiet", *NOT_MAIN, "sh", "-c", command])
    shown = booted.path("/run/shown")
    wait_for(lambda: shown.exists() and shown.read_text().endswith("\n\n"), 20, "the program")
    message, path, _ = shown.read_text().split("\n", 2)
    assert_in((path, message), "/system.slice/SCOPE")
