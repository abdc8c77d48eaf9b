"""What status shows beside the declared items: the kernel's counters; and its watch."""

import json
import os
import pty
import re
import signal
import subprocess

from host import keeper_program
from node import end_group, wait_for


def netstat(host):
    """The MPTcpExt counters of the host that are not zero, read here from the same file."""
    names, values = [line.split()[1:] for line in host.run(["cat", "/proc/net/netstat"]).stdout.splitlines()
                     if line.startswith("MPTcpExt:")]
    return {name: int(value) for name, value in zip(names, values) if int(value)}


def test_counters_that_are_not_zero_are_shown_with_their_meaning(host):
    assert host.keeper("status").json["counters"] == netstat(host) == {}
    # an MPTCP socket that meets a listener of plain TCP: the client falls back
    host.run(["python3", "-c", "import socket\n"
              "server = socket.create_server(('127.0.0.1', 4000))\n"
              "client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
              "client.connect(('127.0.0.1', 4000))\n"])
    counters = host.keeper("status").json["counters"]
    assert counters == netstat(host)
    assert counters["MPCapableSYNTX"] == counters["MPCapableFallbackSYNACK"] == 1
    text = host.run([keeper_program(), "status"]).stdout
    assert "MPCapableSYNTX" in text and "client: SYNs with MP_CAPABLE sent" in text


def test_watch_repeats_itself_and_ends_with_0_on_sigint(host):
    watch = host.start_keeper("status", "--watch", "--interval", "100ms")
    wait_for(lambda: watch.text().count('"rivals"') >= 3 and watch.text().endswith("}\n"), 10, "three looks")
    watch.send(signal.SIGINT)
    assert watch.process.wait(10) == 0
    documents = re.findall(r"^\{$.*?^\}$", watch.text(), re.MULTILINE | re.DOTALL)
    assert len([json.loads(document) for document in documents]) >= 3


def test_watch_sees_what_changes_meanwhile(host):
    host.configure("limits: {subflows: 3}\n")
    watch = host.start([keeper_program(), "status", "--watch", "--interval", "100ms"])
    watch.wait_for("1 item is not as declared")
    host.ip("mptcp limits set subflows 3")
    watch.wait_for("in sync")
    watch.send(signal.SIGINT)
    assert watch.process.wait(10) == 0
    assert "\x1b" not in watch.text(), "no terminal, no control sequences"


def test_watch_refreshes_a_terminal_in_place(host):
    master, slave = pty.openpty()
    process = subprocess.Popen(host.enter([keeper_program(), "status", "--watch", "--interval", "100ms"]),
                               stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    try:
        seen = b""
        while seen.count(b"\x1b[H\x1b[2J") < 2:
            seen += os.read(master, 4096)
        assert b"in sync" in seen
    finally:
        end_group(process)
        os.close(master)
