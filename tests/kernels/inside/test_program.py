# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program on the machine's kernel; `ip` and `sysctl` determine what that kernel accepts."""

import re
from pathlib import Path

from host import keeper_program
from newest_ip import newest_ip
from node import wait_for
from oracles import SystemCalls, snapshot

PEER = ["/usr/bin/python3", "-B", Path(__file__).resolve().parents[2] / "lab" / "mptcp_peer.py"]
SERVER = """
sysctl: {add_addr_timeout: 60, checksum_enabled: true}
limits: {subflows: 4, add_addr_accepted: 3}
endpoints:
  - {address: 10.77.1.2, interface: eth1, flags: [signal]}
  - {address: 203.0.113.9, flags: [signal], id: 9}
  - {address: 10.77.0.2, port: 4001, flags: [signal]}
"""
CLIENT = """
sysctl: {enabled: true, stale_loss_cnt: 5}
limits: {subflows: 4, add_addr_accepted: 3}
endpoints:
  - {address: 10.77.1.1, interface: eth1, flags: [subflow, backup]}
"""


def largest_limit(lab):
    """The largest limit that the kernel accepts from `ip`."""
    node = lab.host("limits")
    return max(value for value in (8, 16, 32, 64, 128)
               if node.ip(f"mptcp limits set subflows {value}", check=False).returncode == 0)


def room(lab, count):
    """The number of these endpoints that the kernel accepts from `ip`."""
    node = lab.host("room")
    node.run(["bash", "-c", "for i in $(seq $0); do ip mptcp endpoint add 10.9.0.$i signal || exit 0; done", count],
             timeout=300)
    return len(node.endpoints())


def shown_flags(host, address):
    """The set of flags of an endpoint as the newest `ip` shows them."""
    shown = host.run([*newest_ip(), "mptcp", "endpoint", "show"]).stdout
    line = next(line for line in shown.splitlines() if line.startswith(f"{address} "))
    return set(line.split()) & {"signal", "subflow", "backup", "fullmesh", "laminar"}


def assert_settled(host):
    """A second apply writes nothing, and diff agrees."""
    trace = SystemCalls(host)
    again = host.keeper("apply", wrapper=trace.wrapper)
    assert again.returncode == 0, again.stderr
    assert {change["result"] for change in again.json["changes"]} <= {"deferred", "unsupported"}
    assert trace.kernel_writes() == []
    assert host.keeper("diff").returncode == 0


def test_a_file_is_applied_once_and_reset(pair):
    server = pair[1]
    checked = server.keeper("check", config=SERVER).json
    assert (checked["valid"], checked["errors"], checked["warnings"]) == (True, [], [])
    before = snapshot(server)
    assert server.keeper("diff").returncode == 2
    assert snapshot(server) == before
    done = server.keeper("apply")
    assert (done.returncode, done.json["changed"], done.json["verified"]) == (0, True, True), done.stderr
    assert server.sysctl("net.mptcp.add_addr_timeout") == "60"
    assert server.sysctl("net.mptcp.checksum_enabled") == "1"
    assert server.limits() == {"subflows": 4, "add_addr_accepted": 3}
    shown = server.endpoints()
    assert {key: (one["dev"], one["flags"]) for key, one in shown.items()} == {
        "10.77.1.2": ("eth1", {"signal"}), "203.0.113.9": (None, {"signal"}), "10.77.0.2:4001": (None, {"signal"})}
    assert shown["203.0.113.9"]["id"] == 9
    assert_settled(server)
    status = server.keeper("status")
    assert (status.returncode, status.json["kernel"]["mptcp"]) == (0, True)
    assert server.keeper("reset").returncode == 0
    assert snapshot(server) == {**before, "files": snapshot(server)["files"]}


def test_every_sysctl_can_be_declared(host):
    names = host.run(["ls", "/proc/sys/net/mptcp"]).stdout.split()
    values = {name: host.sysctl(f"net.mptcp.{name}") for name in names if not name.startswith("available_")}
    if "path_manager" in values:
        values.pop("pm_type", None)  # two names of one setting
    wanted = {"enabled": "1", "scheduler": "default", "path_manager": "userspace"}
    wanted = {name: wanted.get(name) or str(1 - int(value) if value in "01" else int(value) + 1)
              for name, value in values.items()}
    done = host.keeper("apply", config="sysctl:\n" + "".join(f"  {name}: {value}\n" for name, value in wanted.items()))
    assert done.returncode == 0, done.stderr
    assert {change["result"] for change in done.json["changes"]} == {"applied"}
    assert {name: host.sysctl(f"net.mptcp.{name}") for name in wanted} == wanted
    assert host.keeper("reset").returncode == 0
    assert {name: host.sysctl(f"net.mptcp.{name}") for name in values} == values


def test_a_sysctl_that_the_kernel_lacks_is_a_warning(host):
    names = host.run(["ls", "/proc/sys/net/mptcp"]).stdout.split()
    done = host.keeper("apply", config="sysctl: {add_addr_v6_port_drop_ts: true, add_addr_timeout: 9}\n")
    assert done.returncode == 0
    assert any("add_addr_v6_port_drop_ts" in text for text in done.json["warnings"]) == \
           ("add_addr_v6_port_drop_ts" not in names)
    assert host.sysctl("net.mptcp.add_addr_timeout") == "9"


def test_connections_and_their_events(pair):
    client, server = pair
    for one, config in ((client, CLIENT), (server, SERVER)):
        assert one.keeper("apply", config=config).returncode == 0
    watchers = [client.start([keeper_program(), "monitor"]), client.start([*newest_ip(), "mptcp", "monitor"])]
    mark = [*PEER, "storm", 6999, 1, 100]
    for watcher in watchers:
        wait_for(lambda: client.run(mark) and "dport=6999" in watcher.text(), 30, "a monitor to listen")
    server.start([*PEER, "serve", 4000]).wait_for("ready", 20)
    held = client.start([*PEER, "connect", "10.77.0.2", 4000, 1])
    held.wait_for("ready", 20)
    wait_for(lambda: any(kinds["J"] for kinds in client.mptcp_connections().values()), 20, "a second subflow")
    token = next(iter(client.mptcp_connections())).zfill(8)
    found = client.keeper("connections").json["connections"]
    assert [one["token"] for one in found] == [token]
    locals_ = {subflow["local"].rsplit(":", 1)[0] for subflow in found[0]["subflows"]
               if subflow["state"] == "established"}
    assert locals_ == {"10.77.0.1", "10.77.1.1"}
    held.stop()
    for watcher in watchers:
        wait_for(lambda: client.run(mark) and f"[          CLOSED] token={token}" in watcher.text(), 30,
                 "the connection's end")
    ours, theirs = ([line for line in watcher.text().splitlines() if f"token={token}" in line] for watcher in watchers)
    assert ours == theirs
    kinds = {re.match(r"\[ *(\w+)\]", line)[1] for line in ours}
    assert {"CREATED", "ESTABLISHED", "SF_ESTABLISHED", "CLOSED"} <= kinds


def test_the_largest_limit_is_the_kernels(lab, host):
    most = largest_limit(lab)
    done = host.keeper("apply", config=f"limits: {{subflows: {most}, add_addr_accepted: {most}}}\n")
    assert (done.returncode, done.json["warnings"], done.stderr) == (0, [], "")
    assert host.limits() == {"subflows": most, "add_addr_accepted": most}
    assert_settled(host)


def test_a_larger_limit_fails_with_the_kernels_maximum(lab, host):
    most = largest_limit(lab)
    if most == 64:
        # no kernel is known to accept more: the file is refused
        assert host.keeper("check", config="limits: {subflows: 65}\n").returncode == 65
        return
    reason = f"{2 * most} exceeds this kernel's maximum of {most}"
    host.configure(f"limits: {{subflows: {2 * most}, add_addr_accepted: 3}}\n")
    before = host.keeper("diff")
    assert before.returncode == 2
    assert "accepts" not in before.stderr + str(before.json), "known before the request to the kernel"
    done = host.keeper("apply")
    assert done.returncode == 1
    assert {one["key"]: one["result"] for one in done.json["changes"]} == {
        "subflows": "failed", "add_addr_accepted": "applied"}
    assert reason in next(one["error"] for one in done.json["changes"] if one["key"] == "subflows")
    assert host.limits() == {"subflows": 2, "add_addr_accepted": 3}
    after = host.keeper("diff")
    assert after.returncode == 2
    assert f"limit subflows: {reason}" in after.json["warnings"]
    assert host.keeper("status").returncode == 2
    assert host.keeper("reset").returncode == 0
    assert reason not in str(host.keeper("diff").json)


def test_endpoints_without_room_in_the_table_are_reported(lab, host):
    count = 100
    accepted = room(lab, count)
    addresses = [f"203.0.113.{number}" for number in range(1, count + 1)]
    config = "endpoints:\n" + "".join(f"  - {{address: {one}, flags: [signal]}}\n" for one in addresses)
    done = host.keeper("apply", config=config, timeout=300)
    assert done.returncode == 0, done.stderr
    present = set(host.endpoints())
    assert len(present) == accepted
    assert {one["key"] for one in done.json["changes"] if one["result"] == "deferred"} == set(addresses) - present
    for address in set(addresses) - present:
        assert any(f"{address}:" in warning for warning in done.json["warnings"])
    assert_settled(host)
    host.ip("mptcp endpoint flush")
    assert host.keeper("apply", config="endpoints: [{address: 203.0.113.1, flags: [signal]}]\n").returncode == 0
    assert set(host.endpoints()) == {"203.0.113.1"}


def test_a_flag_is_supported_where_the_kernel_shows_it(host):
    host.configure("endpoints: [{address: 192.0.2.1, interface: eth0, flags: [subflow, laminar]}]\n")
    done = host.keeper("apply")
    assert done.returncode == 0, done.stderr
    shown = shown_flags(host, "192.0.2.1")
    assert "subflow" in shown
    assert [one["result"] for one in done.json["changes"]] == ["applied" if "laminar" in shown else "unsupported"]
    assert any("laminar" in warning for warning in done.json["warnings"]) == ("laminar" not in shown)
    assert_settled(host)
    host.configure("endpoints: []\n")
    assert host.keeper("apply").returncode == 0
    assert host.endpoints() == {}


def test_doctor_finds_no_fault_in_a_sound_host(pair):
    for one, config in zip(pair, (CLIENT, SERVER)):
        assert one.keeper("apply", config=config).returncode == 0
        done = one.keeper("doctor", timeout=120)
        assert done.returncode in (0, 2), done.stderr
        assert not [finding for finding in done.json["findings"] if finding["severity"] == "error"]
