# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names chosen by others, including unprivileged users, in all output."""

import json
import re

import pytest
from daemon_host import Daemon
from host import keeper_program
from node import wait_for

# ESC with CSI, an OSC, a line feed, CSI as one C1 character, an override of the text direction.
EVIL = "evil\x1b[2J\x1b]0;x\x07\nwarning: all is well\u009b31m\u202eend"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
CONFIG = """
profiles:
  - match: {interface: "enp1s0"}
    mptcp-flags: [signal, also-without-default-route]
endpoints: [{address: 192.0.2.1, flags: [subflow]}]
"""


@pytest.fixture
def evil(host):
    """A host whose profile has such a name."""
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.run(["nmcli", "connection", "modify", "wan1", "connection.id", EVIL])
    host.configure(CONFIG)
    return host


def forged(text):
    """Lines that a name started."""
    return [line for line in text.splitlines() if line.strip().startswith("warning: all is well")]


@pytest.mark.parametrize("command", ["diff", "status", "apply --dry-run", "export", "doctor", "check", "config"])
def test_no_name_reaches_the_terminal_unfiltered(evil, command):
    done = evil.run([keeper_program(), *command.split()], check=False)
    assert CONTROL.findall(done.stdout) == [] and CONTROL.findall(done.stderr) == []
    assert forged(done.stdout + done.stderr) == []
    if command in ("diff", "status", "doctor", "export"):
        as_json = evil.run([keeper_program(), "--json", *command.split()], check=False)
        assert CONTROL.findall(as_json.stdout) == []
        if command in ("diff", "status"):
            assert EVIL in texts_of(json.loads(as_json.stdout)), "JSON contains the name itself"


def texts_of(document):
    """All strings of a JSON document."""
    if isinstance(document, dict):
        return [text for value in document.values() for text in texts_of(value)]
    if isinstance(document, list):
        return [text for value in document for text in texts_of(value)]
    return [document] if isinstance(document, str) else []


def test_no_name_makes_a_line_of_the_daemons_log(evil):
    daemon = Daemon(evil, CONFIG)
    wait_for(lambda: any("applied profile" in line for line in daemon.log()), 10, "the line about the profile")
    text = "\n".join(daemon.log())
    assert CONTROL.findall(text) == [] and forged(text) == []


RENAMED = """
import ctypes, signal, socket, sys
ctypes.CDLL(None).prctl(15, sys.argv[1].encode())
held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
held.bind(("127.0.0.1", 4711)); held.listen()
print("ready", flush=True)
signal.pause()
"""


def test_a_process_that_gives_itself_a_name(host):
    named = "x\x1b[2J\ny: z"
    program = host.start(["/usr/bin/python3", "-c", RENAMED, named])
    program.wait_for("ready")
    host.configure("sysctl: {enabled: false}\n")
    for command in ("diff", "status", "doctor"):
        done = host.run([keeper_program(), command], check=False)
        assert CONTROL.findall(done.stdout + done.stderr) == [], command
        assert not any(line.startswith("y: z") for line in (done.stdout + done.stderr).splitlines()), command
    warnings = host.keeper("diff").json["warnings"]
    assert any("x\ufffd[2J\ufffdy: z" in warning for warning in warnings), warnings
