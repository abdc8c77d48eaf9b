# SPDX-License-Identifier: LGPL-2.1-or-later
"""The libraries for NetworkManager and systemd are loaded only by what needs them. strace is the oracle."""

import re
from pathlib import Path

import pytest
from daemon_host import Daemon, KERNEL
from host import keeper_program
from node import wait_for

MODULE = "bus.so"
HEAVY = re.compile(r"lib(systemd|glib-2\.0|nm|gio-2\.0)\.so")
PROFILE = 'profiles:\n  - match: {name: "wan1"}\n    mptcp-flags: [signal, subflow]\n'


def opened_by(host, *arguments, expected=(0, 2)):
    """The names of the shared objects that the command opened."""
    done = host.run(["strace", "-f", "-q", "-e", "trace=openat", "-e", "signal=none", keeper_program(), *arguments],
                    check=False)
    assert done.returncode in expected, done.stderr[-2000:]
    return {Path(path).name for path in re.findall(r'openat\(.*?"([^"]+\.so[^"]*)".*\) = \d', done.stderr)}


@pytest.mark.parametrize("command", [["--version"], ["check"], ["schema"], ["config"], ["apply", "--boot"],
                                     ["apply", "--only", "sysctl,limits"], ["connections"], ["doctor", "--explain"],
                                     ["run", "true"]], ids=" ".join)
def test_a_command_that_does_not_ask_network_manager_loads_nothing(wan, command):
    wan.configure(KERNEL + PROFILE)
    opened = opened_by(wan, *command, expected=(0, 2, 64))
    assert "libmnl.so.0" in opened, "strace saw the program start"
    assert MODULE not in opened and not [name for name in opened if HEAVY.match(name)]


def test_a_command_that_asks_it_loads_the_module(wan):
    wan.configure(PROFILE)
    opened = opened_by(wan, "diff")
    assert MODULE in opened and "libsystemd.so.0" in opened
    assert not {"libnm.so.0", "libgio-2.0.so.0"} & opened


@pytest.fixture
def bare(lab):
    """A host on which NetworkManager has never run, and where the module cannot be loaded."""
    made = lab.host("bare")
    made.plug("eth0", lab.segment("lan"))
    made.ip("address add 192.0.2.1/24 dev eth0")
    made.ip("link set eth0 up")
    return made


ENDPOINTS = """
sysctl: {add_addr_timeout: 60}
limits: {subflows: 4}
endpoints: [{address: 192.0.2.1, interface: eth0, flags: [signal]}]
"""


def test_everything_but_profiles_works_without_network_manager_and_without_the_module(bare):
    bare.configure(ENDPOINTS)
    for command in (["check"], ["diff"], ["apply"], ["diff"], ["status"], ["doctor"], ["connections"], ["export"],
                    ["reset"], ["apply"]):
        opened = opened_by(bare, *command)
        assert MODULE not in opened, command
    assert bare.endpoint_flags() == {"192.0.2.1": {"signal"}}
    trace = "/run/monitor.trace"
    monitor = bare.start(["strace", "-e", "trace=openat", "-o", trace, keeper_program(), "monitor"])
    file = bare.path(trace)
    wait_for(lambda: file.exists() and re.search(r"\bavailable_schedulers\b", file.read_text()), 10, "the first look")
    bare.ip("mptcp limits set subflows 1")
    monitor.wait_for("subflows")
    monitor.stop()
    assert not HEAVY.search(file.read_text())


def without_module(host, *arguments):
    folder = Path(keeper_program()).parent / "lib" / "mptcp-keeper"
    return host.run(["unshare", "-m", "--propagation", "unchanged", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', folder, keeper_program(),
                     *arguments], check=False)


def test_a_missing_module_fails_the_profiles_alone_and_is_named(wan):
    wan.configure(KERNEL + PROFILE)
    done = without_module(wan, "apply")
    assert done.returncode == 1
    assert "bus.so" in done.stdout and "reinstall the package mptcp-keeper" in done.stdout
    assert wan.limits()["subflows"] == 4, "the kernel's part is done"
    assert without_module(wan, "check").returncode == 0
    failed = without_module(wan, "daemon")
    assert failed.returncode == 1 and "bus.so" in failed.stderr


def test_a_daemon_without_network_manager_runs(bare):
    daemon = Daemon(bare, ENDPOINTS)
    wait_for(lambda: "192.0.2.1" in bare.endpoints(), 10, "the endpoint")
    assert daemon.stop() == 0
