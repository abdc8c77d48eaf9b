# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures of the tests in a booted machine, which restore what a test changes: all tests share one boot."""

import pytest
import this_host


@pytest.fixture
def configure():
    """Writes the configuration. At the end, the one of the boot is there again and applied."""
    before = this_host.CONFIG.read_text()
    yield this_host.CONFIG.write_text
    this_host.CONFIG.write_text(before)
    done = this_host.keeper("apply")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def units():
    """Makes units that end with the test: write(name, text), start(name, command, slice_name=…)."""
    made = Units()
    yield made
    for name in reversed(made.names):
        this_host.remove_unit(name)


@pytest.fixture(scope="module")
def shared_units():
    """Like units, for the tests of a file."""
    made = Units()
    yield made
    for name in reversed(made.names):
        this_host.remove_unit(name)


class Units:
    """The units of a test."""

    def __init__(self):
        self.names = []

    def write(self, name, text):
        """Writes a unit file in /run and loads it."""
        self.names.append(name)
        this_host.write_unit(name, text)

    def start(self, name, command, **kwargs):
        """Starts a program as a transient service."""
        self.names.append(name)
        this_host.start_unit(name, command, **kwargs)


@pytest.fixture
def network_namespace():
    """The name of another network namespace, whose lo is up."""
    name = "other"
    this_host.run(["ip", "netns", "add", name])
    this_host.run(["ip", "-n", name, "link", "set", "lo", "up"])
    yield name
    this_host.run(["ip", "netns", "delete", name])


@pytest.fixture(params=["webhook", "websocketd"])
def go_program(request):
    """A Go program of Debian that listens on a TCP port: (its name, its command line)."""
    program = this_host.PROGRAMS / request.param
    if not program.exists():
        pytest.skip(program.with_suffix(".missing").read_text())
    arguments = {"webhook": ["-verbose", "-hooks=/dev/null", "-ip=127.0.0.1", "-port=5001"],
                 "websocketd": ["--address=127.0.0.1", "--port=5001", "cat"]}
    return request.param, [program, *arguments[request.param]]
