# SPDX-License-Identifier: LGPL-2.1-or-later
"""monitor, compared with `ip mptcp monitor` of Debian testing's iproute2 on the same traffic."""

import itertools
import json
import re
import signal
from pathlib import Path

import pytest
from host import keeper_program
from newest_ip import newest_ip
from node import wait_for

PEER = ["/usr/bin/python3", "-B", Path(__file__).resolve().parent.parent / "lab" / "mptcp_peer.py"]
UNSEEN_BY_IP = re.compile(r"\[ *(CHANGED|REPAIRED)\]")


@pytest.fixture
def two_hosts(lab):
    """A client and a server on two segments; the client has an endpoint on the second one."""
    hosts = [lab.host("client"), lab.host("server")]
    for number in (0, 1):
        segment = lab.segment(f"lan{number}")
        for place, host in enumerate(hosts, 1):
            host.plug(f"eth{number}", segment)
            host.ip(f"address add 10.77.{number}.{place}/24 dev eth{number}")
            host.ip(f"address add 2001:db8:{number}::{place}/64 dev eth{number} nodad")
            host.ip(f"link set eth{number} up")
    for host in hosts:
        host.ip("mptcp limits set subflows 4 add_addr_accepted 4")
    hosts[0].ip("mptcp endpoint add 10.77.1.1 dev eth1 subflow")
    hosts[1].ip("mptcp endpoint add 10.77.1.2 dev eth1 signal")
    return hosts


# A socket bound to an interface, whose joins include it.
BOUND = r"""
import re, socket, time
listener, client = (socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) for _ in "lc")
listener.bind(("0.0.0.0", 5300))
listener.listen()
client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
client.connect(("127.0.0.1", 5300))
server = listener.accept()[0]
for one, other in ((client, server), (server, client)):
    one.send(b"x")
    other.recv(1)
deadline = time.monotonic() + 10
while not re.search(r" 0200007F:\w+ 0100007F:14B4 01 ", open("/proc/net/tcp").read()):
    assert time.monotonic() < deadline, "no subflow from 127.0.0.2"
    time.sleep(0.02)
"""


def start_monitor(host, *arguments):
    """Starts a monitor and waits until it listens: until it has reported a listener of the test."""
    watcher = host.start([keeper_program(), "monitor", *arguments])
    mark(host, lambda: "sport=39999" in watcher.text() or ":39999" in watcher.text())
    return watcher


def mark(host, seen):
    """Opens and closes a listener on port 39999 until it was seen."""
    code = "import socket; s = socket.socket(2, 1, 262); s.setsockopt(1, 2, 1); s.bind(('', 39999)); s.listen()"

    def again():
        host.run(["/usr/bin/python3", "-c", code])
        return seen()
    wait_for(again, 10, "a monitor to listen")


def known_to_ip(text):
    return [line for line in text.splitlines() if line and not UNSEEN_BY_IP.search(line)]


def make_traffic(client, server):
    """Two iperf3 runs over both families, a removed address, a changed priority."""
    serving = server.start(["mptcpize", "run", "iperf3", "-s", "-p", "5201", "--forceflush"])
    serving.wait_for("listening")
    run = client.start(["mptcpize", "run", "iperf3", "-c", "10.77.0.2", "-p", "5201", "-t", "2"])
    wait_for(lambda: any(kinds["J"] for kinds in client.mptcp_connections().values()), 10, "a second subflow")
    client.ip("mptcp endpoint change 10.77.1.1 id 1 backup")
    server.ip("mptcp endpoint delete id 1")
    run.process.wait(30)
    client.run(["mptcpize", "run", "iperf3", "-6", "-c", "2001:db8:0::2", "-p", "5201", "-t", "1"])
    serving.stop()
    client.ip("mptcp endpoint add 127.0.0.2 dev lo id 77 subflow")
    client.run(["/usr/bin/python3", "-c", BOUND])
    client.ip("mptcp endpoint delete id 77")


def end_at(host, watchers):
    """Opens a last connection on loopback that all of them report; returns the lines of each before it."""
    host.run([*PEER, "storm", 6999, 1, 100])
    for watcher in watchers:
        watcher.wait_for("dport=6999")
    lines = [known_to_ip(watcher.text()) for watcher in watchers]
    return [list(itertools.takewhile(lambda line: "dport=6999" not in line, some)) for some in lines]


def test_lines_are_those_of_ip(two_hosts):
    client, server = two_hosts
    ours = {host: start_monitor(host) for host in two_hosts}
    theirs = {host: host.start([*newest_ip(), "mptcp", "monitor"]) for host in two_hosts}
    for host in two_hosts:
        mark(host, lambda: "LISTENER_CREATED" in theirs[host].text())
    make_traffic(client, server)
    seen = {}
    for host in two_hosts:
        of_ip, seen[host] = end_at(host, [theirs[host], ours[host]])
        # both listened before the first connection, but started at different listeners of mark()
        of_ip, seen[host] = ([line for line in some if "sport=39999" not in line] for some in (of_ip, seen[host]))
        assert seen[host] == of_ip
        assert {"CREATED", "ESTABLISHED", "CLOSED", "SF_ESTABLISHED", "SF_CLOSED"} <= \
               set(re.findall(r"\[ *(\w+)\]", "\n".join(seen[host])))
    assert "[         REMOVED]" in "\n".join(seen[client])
    assert "[         SF_PRIO]" in "\n".join(seen[server])
    assert " dev=lo" in "\n".join(seen[client])
    assert " server_side" in "\n".join(seen[server])


def test_timestamps_are_as_ip_ts_writes_them(two_hosts):
    host = two_hosts[0]
    text = start_monitor(host, "--timestamps").stop()
    assert re.match(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\] \[LISTENER_CREATED\] saddr4=0\.0\.0\.0 sport=39999\n",
                    text)


def test_json_is_one_object_a_line(two_hosts):
    client, server = two_hosts
    watcher = start_monitor(client, "--json")
    server.start([*PEER, "serve", 4000]).wait_for("ready")
    client.start([*PEER, "connect", "10.77.0.2", 4000, 1]).wait_for("ready")
    watcher.wait_for("sf_established")
    events = [json.loads(line) for line in watcher.stop().splitlines()]
    created = next(event for event in events if event["event"] == "created")
    assert re.fullmatch(r"[0-9a-f]{8}", created["token"])
    assert created["remote"] == "10.77.0.2:4000"
    assert created["local"].startswith("10.77.0.1:")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["time"]) for event in events)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0(two_hosts, number):
    watcher = start_monitor(two_hosts[0])
    watcher.send(number)
    assert watcher.process.wait(5) == 0


def test_a_closed_pipe_ends_it_with_0(two_hosts):
    # `true` exits without reading: no event reveals the closed pipe
    done = two_hosts[0].run(["bash", "-c", f"{keeper_program()} monitor | true; echo ${{PIPESTATUS[0]}}"], timeout=10)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_full_disk_is_an_error(two_hosts):
    host = two_hosts[0]
    full = host.start(["bash", "-c", f"exec {keeper_program()} monitor > /dev/full"])
    mark(host, lambda: full.process.poll() is not None)
    assert full.process.wait(1) == 1


def test_it_needs_the_right_to_hear(two_hosts):
    done = two_hosts[0].run(["setpriv", "--bounding-set", "-net_admin", keeper_program(), "monitor"], check=False)
    assert done.returncode == 77
    assert "CAP_NET_ADMIN" in done.stderr


def test_it_works_with_a_broken_configuration(two_hosts):
    two_hosts[0].configure("sysctl: [")
    start_monitor(two_hosts[0]).stop()


def test_it_reports_changes_that_the_kernel_does_not_announce(two_hosts):
    host = two_hosts[0]
    watcher = start_monitor(host, "--json")
    host.ip("mptcp limits set subflows 3")
    watcher.wait_for('"subflows"')
    host.sysctl("net.mptcp.stale_loss_cnt", 7)
    watcher.wait_for("stale_loss_cnt")
    host.ip("mptcp endpoint add 10.77.0.1 dev eth0 id 9 signal")
    watcher.wait_for("10.77.0.1")
    host.ip("mptcp endpoint delete id 9")
    wait_for(lambda: watcher.text().count("10.77.0.1") == 2, 5, "the endpoint's end")
    events = [json.loads(line) for line in watcher.stop().splitlines()]
    changes = [{k: v for k, v in event.items() if k not in ("time", "event")}
               for event in events if event["event"] == "changed"]
    endpoint = {"interface": "eth0", "flags": ["signal"], "id": 9}
    assert changes == [
        {"resource": "limit", "key": "subflows", "before": 4, "after": 3},
        {"resource": "sysctl", "key": "net.mptcp.stale_loss_cnt", "before": "4", "after": "7"},
        {"resource": "endpoint", "key": "10.77.0.1", "before": None, "after": endpoint},
        {"resource": "endpoint", "key": "10.77.0.1", "before": endpoint, "after": None}]


def test_it_reports_changes_of_profiles(host):
    host.add_profile("wan", "enp1s0", "192.0.2.1/24", flags="signal")
    watcher = start_monitor(host, "--json")
    # repeatedly, since the first snapshot of NetworkManager comes when it has answered
    flags = iter(["subflow", "signal"] * 50)

    def change():
        host.nmcli(["connection", "modify", "wan", "connection.mptcp-flags", next(flags)])
        return '"profile"' in watcher.text()
    wait_for(change, 10, "a change of a profile")
    event = next(json.loads(line) for line in watcher.stop().splitlines() if '"profile"' in line)
    assert (event["event"], event["name"]) == ("changed", "wan")
    assert {tuple(event["before"]), tuple(event["after"])} == {("signal",), ("subflow",)}


def test_it_reports_the_daemons_repairs(two_hosts):
    host = two_hosts[0]
    host.configure("limits: {subflows: 3}\n")
    daemon = host.start([keeper_program(), "daemon"])
    wait_for(lambda: host.limits()["subflows"] == 3, 10, "the daemon's first round")
    watcher = start_monitor(host, "--json")
    # two alternating values: what the daemon finds at its first check after a round is not drift
    values = itertools.cycle([1, 2])

    def drift():
        host.ip(f"mptcp limits set subflows {next(values)}")
        return "repaired" in watcher.text()
    wait_for(drift, 10, "a repair", poll=0.3)
    daemon.stop()
    event = next(json.loads(line) for line in watcher.stop().splitlines() if "repaired" in line)
    assert (event["resource"], event["key"], event["after"]) == ("limit", "subflows", 3)
    assert event["before"] in (1, 2)
    assert event["source"].startswith("/etc/mptcp-keeper/config.yaml:1")


def test_it_reports_each_of_several_repairs_once(two_hosts):
    host = two_hosts[0]
    names = {"add_addr_timeout": 60, "stale_loss_cnt": 5, "close_timeout": 30}
    host.configure("sysctl: " + json.dumps(names))
    daemon = host.start([keeper_program(), "daemon"])
    wait_for(lambda: all(host.sysctl(f"net.mptcp.{name}") == str(value) for name, value in names.items()), 10,
             "the daemon's first round")
    watcher, reported = start_monitor(host, "--json"), start_monitor(host)
    host.run(["sysctl", "-w", *(f"net.mptcp.{name}=1" for name in names)])
    for monitor in (watcher, reported):
        wait_for(lambda: all(re.search(f"(repaired|REPAIRED).*{name}", monitor.text()) for name in names), 10,
                 "all repairs")
    history = host.keeper("status").json["daemon"]["history"]
    daemon.stop()
    events = [event for event in map(json.loads, watcher.stop().splitlines()) if event["event"] == "repaired"]
    numbers = [event["number"] for event in events]
    assert numbers == [repair["number"] for repair in history] == list(range(1, len(events) + 1))
    assert [event["time"] for event in events] == [repair["time"] for repair in history]
    assert {event["key"] for event in events} == {f"net.mptcp.{name}" for name in names}
    assert reported.stop().count("REPAIRED") == len(events)


def test_no_event_is_lost_at_a_thousand_connections_a_second(two_hosts):
    host, count = two_hosts[0], 3000
    host.ip("mptcp endpoint flush")
    ours = start_monitor(host)
    theirs = host.start([*newest_ip(), "mptcp", "monitor"])
    mark(host, lambda: "LISTENER_CREATED" in theirs.text())
    print(host.run([*PEER, "storm", 4000, count, 1000], timeout=60).stdout)
    wait_for(lambda: ours.text().count("[          CLOSED]") >= 2 * count, 30, "all connections to close")
    text = ours.stop()
    assert text.count("[         CREATED]") == text.count("[          CLOSED]") == 2 * count
    assert "OVERRUN" not in text
    # ip has a smaller buffer and may lose events, but it has none that we lack
    assert set(known_to_ip(theirs.stop())) - set(known_to_ip(text)) == set()


def test_it_reports_where_it_lost_events(two_hosts):
    host = two_hosts[0]
    watcher, machine = start_monitor(host), start_monitor(host, "--json")
    for one in (watcher, machine):
        one.send(signal.SIGSTOP)
    host.run([*PEER, "storm", 4000, 20000, 100000], timeout=120)
    for one in (watcher, machine):
        one.send(signal.SIGCONT)
    wait_for(lambda: "OVERRUN" in watcher.text() and '"overrun"' in machine.text(), 30, "the report of the loss")
    watcher.stop()
    events = [json.loads(line) for line in machine.stop().splitlines() if line.startswith("{")]
    assert "overrun" in [event["event"] for event in events]
