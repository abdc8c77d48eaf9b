# SPDX-License-Identifier: LGPL-2.1-or-later
"""What status shows in addition to the declared items: the kernel's counters; and --watch."""

import contextlib
import json
import os
import pty
import signal
import subprocess

import pytest
from host import keeper_program
from node import end_group, wait_for

CLEAR = b"\x1b[H\x1b[2J"


def netstat(host):
    """The non-zero MPTcpExt counters of the host, read from the same file."""
    names, values = [line.split()[1:] for line in host.run(["cat", "/proc/net/netstat"]).stdout.splitlines()
                     if line.startswith("MPTcpExt:")]
    return {name: int(value) for name, value in zip(names, values) if int(value)}


def test_counters_that_are_not_zero_are_shown_with_their_meaning(host):
    assert host.keeper("status").json["counters"] == netstat(host) == {}
    # an MPTCP socket connects to a plain TCP listener: the client falls back
    host.run(["python3", "-c", "import socket\n"
              "server = socket.create_server(('127.0.0.1', 4000))\n"
              "client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
              "client.connect(('127.0.0.1', 4000))\n"])
    counters = host.keeper("status").json["counters"]
    assert counters == netstat(host)
    assert counters["MPCapableSYNTX"] == counters["MPCapableFallbackSYNACK"] == 1
    text = host.run([keeper_program(), "status"]).stdout
    assert "MPCapableSYNTX" in text and "client: SYNs sent with MP_CAPABLE" in text


def test_watch_repeats_itself_and_ends_with_0_on_sigint(host):
    watch = host.start_keeper("status", "--watch", "--interval", "100ms")
    wait_for(lambda: watch.text().count('"rivals"') >= 3 and watch.text().endswith("\n"), 10, "three documents")
    watch.send(signal.SIGINT)
    assert watch.process.wait(10) == 0
    # the output includes standard error
    documents = [json.loads(line) for line in watch.text().splitlines() if line.startswith("{")]
    assert len(documents) >= 3 and all("rivals" in document for document in documents)


def test_json_of_watch_is_one_document_a_line_where_the_configuration_is_broken_too(host):
    host.configure("limits: [\n")
    watch = host.start_keeper("status", "--watch", "--interval", "100ms")
    wait_for(lambda: watch.text().count('"valid":false') >= 2, 10, "two documents")
    watch.send(signal.SIGINT)
    assert watch.process.wait(10) == 0
    assert '{"valid":false,"errors":[' in watch.text()


@pytest.mark.parametrize("options", ["", "--json"])
def test_watch_ends_at_once_when_the_reader_is_gone(host, options):
    script = f"{keeper_program()} status --watch {options} --interval 1h | head -1; echo ${{PIPESTATUS[0]}}"
    done = host.run(["bash", "-c", script], timeout=60)
    assert done.stdout.splitlines()[-1] == "0"
    assert "Broken pipe" not in done.stderr and "standard output" not in done.stderr


def test_watch_onto_a_full_disk_fails(host):
    script = f"{keeper_program()} status --watch --interval 1h > /dev/full"
    done = host.run(["bash", "-c", script], timeout=60, check=False)
    assert done.returncode == 1
    assert "standard output" in done.stderr


def test_watch_shows_changes(host):
    host.configure("limits: {subflows: 3}\n")
    watch = host.start([keeper_program(), "status", "--watch", "--interval", "100ms"])
    watch.wait_for("1 item differs from the configuration")
    host.ip("mptcp limits set subflows 3")
    watch.wait_for("in sync")
    watch.send(signal.SIGINT)
    assert watch.process.wait(10) == 0
    assert "\x1b" not in watch.text(), "no terminal, no control sequences"


def test_watch_refreshes_a_terminal_in_place_and_keeps_warnings_on_it(host):
    master, slave = pty.openpty()
    process = subprocess.Popen(host.enter([keeper_program(), "status", "--watch", "--interval", "100ms"]),
                               stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    os.set_blocking(master, False)
    seen = bytearray()

    def is_cleared_three_times():
        with contextlib.suppress(BlockingIOError):
            seen.extend(os.read(master, 4096))
        return seen.count(CLEAR) >= 3

    try:
        wait_for(is_cleared_three_times, 10, "three screens, each after clearing")
        _, first, second, _ = seen.split(CLEAR, 3)
        assert b"in sync" in first and b"in sync" in second
        # no file declares anything on this host
        assert b"warning:" in first and b"warning:" in second
    finally:
        end_group(process)
        os.close(master)
