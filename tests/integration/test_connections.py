# SPDX-License-Identifier: LGPL-2.1-or-later
"""connections, compared with ss on the same sockets."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest
from host import keeper_program
from node import end_group, wait_for
from test_monitor import PEER, two_hosts  # noqa: F401


@pytest.fixture
def connected(two_hosts):  # noqa: F811
    """Two connections from the client to port 4000 and one to port 4001 over IPv6; only the latter has no second
    subflow."""
    client, server = two_hosts
    for port in (4000, 4001):
        server.start([*PEER, "serve", port]).wait_for("ready")
    client.start([*PEER, "connect", "10.77.0.2", 4000, 2]).wait_for("ready")
    client.start([*PEER, "connect", "2001:db8:0::2", 4001, 1]).wait_for("ready")
    wait_for(lambda: sum(kinds["J"] for kinds in client.mptcp_connections().values()) >= 2, 10, "second subflows")
    return client, server


def subflows_of_ss(host):
    """{(local, remote): facts} of the sockets that are subflows, according to ss."""
    found = {}
    for line in host.run(["ss", "-tinHO"]).stdout.splitlines():
        ids = re.search(r"tcp-ulp-mptcp flags:(\S+) token:\w+\(id:(\d+)\)/(\w+)\(id:(\d+)\)", line)
        if not ids:
            continue
        state, _, _, local, remote = line.split()[:5]
        local, remote = (re.sub(r"^\[::ffff:([\d.]+)\]", r"\1", re.sub(r"%\w+", "", end)) for end in (local, remote))

        def number(name, text=line):
            value = re.search(rf" {name}:(\d+)", text)
            return int(value[1]) if value else 0
        found[local, remote] = {
            "token": ids[3].zfill(8), "kind": "join" if re.search("[Jj]", ids[1]) else "initial",
            "backup": bool(re.search("[Bb]", ids[1])), "remote_id": int(ids[2]), "local_id": int(ids[4]),
            "state": {"ESTAB": "established"}.get(state, state), "bytes_sent": number("bytes_sent"),
            "bytes_received": number("bytes_received"),
            "rtt_us": round(float(re.search(r" rtt:([\d.]+)", line)[1]) * 1000)}
    return found


def subflows_of_ours(document):
    return {(subflow["local"], subflow["remote"]):
            {"token": connection["token"], **{k: v for k, v in subflow.items()
                                              if k not in ("local", "remote", "interface")}}
            for connection in document["connections"] for subflow in connection["subflows"]}


def test_subflows_are_those_of_ss(connected):
    for host in connected:
        # until no acknowledgement or retransmission is in flight
        wait_for(lambda: subflows_of_ours(host.keeper("connections").json) == subflows_of_ss(host), 10,
                 "the same subflows as those of ss")
        ours = host.keeper("connections")
        assert (ours.returncode, len(ours.json["connections"])) == (0, 3)
        tokens = set(re.findall(r"token:(\w+)", host.run(["ss", "-MniHO"]).stdout))
        assert {connection["token"].lstrip("0") for connection in ours.json["connections"]} == \
               {token.lstrip("0") for token in tokens}


def test_interface_and_process_are_named(connected):
    client, _ = connected
    connections = client.keeper("connections", "--port", "4000").json["connections"]
    assert len(connections) == 2
    for connection in connections:
        assert connection["remote"] == "10.77.0.2:4000"
        assert not connection["fallback"]
        pid = connection["process"]["pid"]
        assert connection["process"]["name"] == client.run(["cat", f"/proc/{pid}/comm"]).stdout.strip()
        by_address = {subflow["local"].rsplit(":", 1)[0]: subflow["interface"] for subflow in connection["subflows"]}
        assert by_address == {"10.77.0.1": "eth0", "10.77.1.1": "eth1"}


def test_a_port_chooses(connected):
    client, _ = connected
    assert [c["remote"] for c in client.keeper("connections", "--port", "4001").json["connections"]] == \
           ["[2001:db8::2]:4001"]
    assert client.keeper("connections", "--port", "4002").json == {"connections": []}
    assert client.keeper("connections", "--port", "0").returncode == 64


def test_a_fallback_is_reported(two_hosts):  # noqa: F811
    client, server = two_hosts
    server.start(["iperf3", "-s", "-p", "5201", "--forceflush"]).wait_for("listening")
    run = client.start(["mptcpize", "run", "iperf3", "-c", "10.77.0.2", "-p", "5201", "-t", "30"])
    wait_for(lambda: client.run(["ss", "-tnHO", "dport = 5201"]).stdout.count("ESTAB") == 2, 10, "iperf3's traffic")
    connections = client.keeper("connections").json["connections"]
    run.stop()
    assert [connection["fallback"] for connection in connections] == [True, True]
    assert all(connection["process"]["name"] == "iperf3" for connection in connections)
    assert all(len(connection["subflows"]) == 1 for connection in connections)
    assert max(connection["subflows"][0]["bytes_sent"] for connection in connections) > 100000


def test_the_table_is_aligned(connected):
    client, _ = connected
    lines = client.run([keeper_program(), "connections"]).stdout.splitlines()
    column = lines[0].index("LOCAL")
    assert all(re.match(r"\S", line[column:]) and line[column - 1] == " " for line in lines[:-1])
    assert lines[-1] == "3 MPTCP connections, 5 subflows" or lines[-1].startswith("3 MPTCP connections")


def test_watch_into_a_pipe_repeats_the_table_and_ends_on_sigint(connected):
    client, _ = connected
    watcher = client.start([keeper_program(), "connections", "--watch"])
    wait_for(lambda: watcher.text().count("3 MPTCP connections") >= 2, 10, "two updates")
    watcher.send(signal.SIGINT)
    assert watcher.process.wait(5) == 0
    assert "\x1b" not in watcher.text()


def read_terminal(master, until, deadline=10):
    """The output on the terminal of the program until a text appears."""
    shown, end = b"", time.monotonic() + deadline
    while until not in shown:
        if not select.select([master], [], [], max(end - time.monotonic(), 0))[0]:
            raise AssertionError(f"timed out waiting for {until!r} in {shown!r}")
        shown += os.read(master, 65536)
    return shown


@pytest.mark.parametrize("way", ["key", "signal"])
def test_watch_restores_the_terminal(connected, way):
    client, _ = connected
    master, slave = pty.openpty()
    before = subprocess.run(["stty", "-g"], stdin=slave, capture_output=True, check=True).stdout
    process = subprocess.Popen(client.enter(["env", "TERM=xterm", keeper_program(), "connections", "--watch"]),
                               stdin=slave, stdout=slave, stderr=slave)
    try:
        shown = read_terminal(master, b"q quit")
        assert shown.startswith(b"\x1b[?1049h") and b"sorted by rate" in shown
        os.write(master, b"b")
        read_terminal(master, b"sorted by bytes")
        if way == "key":
            os.write(master, b"q")
        else:
            pid = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
            os.kill(int(pid), signal.SIGTERM)
        read_terminal(master, b"\x1b[?1049l")
        assert process.wait(5) == 0
        assert subprocess.run(["stty", "-g"], stdin=slave, capture_output=True, check=True).stdout == before
    finally:
        process.kill()
        os.close(master)
        os.close(slave)


def test_json_of_watch_is_one_document_a_line(connected):
    client, _ = connected
    watcher = client.start_keeper("connections", "--watch")
    wait_for(lambda: watcher.text().count("\n") >= 2, 10, "two updates")
    lines = watcher.stop().splitlines()
    assert all(len(json.loads(line)["connections"]) == 3 for line in lines)


def test_json_of_watch_does_not_change_the_terminal(connected):
    client, _ = connected
    master, slave = pty.openpty()
    process = subprocess.Popen(client.enter(["env", "TERM=xterm", keeper_program(), "connections", "--watch", "--json"]),
                               stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    try:
        shown = read_terminal(master, b"\n") + read_terminal(master, b"\n")
        assert b"\x1b" not in shown
        assert len(json.loads(shown.splitlines()[0])["connections"]) == 3
    finally:
        end_group(process)
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("options", ["", "--watch", "--json --watch"])
def test_it_ends_without_error_when_the_reader_is_gone(connected, options):
    client, _ = connected
    script = f"{keeper_program()} connections {options} | true; echo ${{PIPESTATUS[0]}}"
    done = client.run(["bash", "-c", script], timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("options", ["", "--watch"])
def test_a_full_disk_is_an_error(connected, options):
    client, _ = connected
    done = client.run(["bash", "-c", f"{keeper_program()} connections {options} > /dev/full"], timeout=60, check=False)
    assert done.returncode == 1
    assert "standard output" in done.stderr
