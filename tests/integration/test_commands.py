# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands: what they write, what they refuse, and their exit codes."""

import json

import pytest
from host import keeper_program
from oracles import BusCalls, SystemCalls, snapshot

CONFIG = """
sysctl: {add_addr_timeout: 60}
limits: {subflows: 4, add_addr_accepted: 3}
endpoints:
  - {address: 203.0.113.9, flags: [signal]}
  - {address: 198.51.100.1, interface: enp2s0, flags: [subflow]}
profiles:
  - match: {name: "wan*"}
    mptcp-flags: [signal, subflow, also-without-default-route]
"""
OLD = "subflow,also-without-default-route"


@pytest.fixture
def wan(host):
    """A host with one profile, and one device that NetworkManager does not manage."""
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags=OLD)
    host.nmcli("device set enp2s0 managed no")
    host.ip("link set dev enp2s0 up")
    host.ip("address add 198.51.100.1/24 dev enp2s0")
    return host


@pytest.mark.parametrize("command", [["diff"], ["apply", "--dry-run"], ["status"]])
def test_looking_writes_nothing(wan, command):
    wan.configure(CONFIG)
    before = snapshot(wan)
    trace, bus = SystemCalls(wan), BusCalls(wan)
    done = wan.keeper(*command, wrapper=trace.wrapper)
    assert done.returncode == 2
    assert trace.kernel_writes() == []
    assert bus.stop_and_list_writes() == []
    assert snapshot(wan) == before
    assert not list(wan.path("/var/lib/mptcp-keeper").glob("*"))


def test_dry_run_shows_what_apply_then_does(wan):
    dry = wan.keeper("apply", "--dry-run", config=CONFIG).json
    assert dry["dry_run"] and not dry["changed"]
    wet = wan.keeper("apply").json
    key = ("resource", "key", "before", "source")
    assert [{k: c[k] for k in key} for c in dry["changes"]] == [{k: c[k] for k in key} for c in wet["changes"]]
    assert not wet["dry_run"] and wet["changed"]
    for command in (["diff"], ["apply", "--dry-run"], ["status"]):
        assert wan.keeper(*command).returncode == 0
    assert wan.keeper("diff").json["changes"] == []


def test_detailed_exit_codes(wan):
    assert wan.keeper("apply", "--detailed-exitcodes", config=CONFIG).returncode == 2
    assert wan.keeper("apply", "--detailed-exitcodes").returncode == 0
    wan.ip("mptcp limits set subflows 1")
    assert wan.keeper("apply").returncode == 0, "without the option, a change is not a failure"
    wan.ip("mptcp endpoint add 203.0.113.20 signal id 9")
    failing = CONFIG.replace("address: 203.0.113.9, ", "address: 203.0.113.21, id: 9, ")
    assert wan.keeper("apply", "--detailed-exitcodes", config=failing).returncode == 1


@pytest.mark.parametrize("bad, place", [
    ("limits: {subflows: lots}\n", "1:20"),
    ("limits: {subflows: 2}\nprofiles:\n  - match: {name: x}\n    mptcp-flags: [signal, fullmesh]\n", "4:"),
    ("sysctl: {../../kernel/panic: 1}\n", "1:10"),
    ("limits: [", "1:"),
    ("limits: {subflows: 010}\n", "1:20"),
    ("limits: {subflows: 1, subflows: 2}\n", "1:23"),
])
def test_bad_input_changes_nothing_on_a_live_host(wan, bad, place):
    wan.keeper("apply", config=CONFIG)
    wan.sysctl("net.mptcp.add_addr_timeout", 99)
    wan.configure("limits: {subflows: 7}\n")
    file = wan.configure(bad, "/etc/mptcp-keeper/conf.d/50-bad.yaml")
    before = snapshot(wan)
    for command in (["apply"], ["apply", "--dry-run"], ["diff"], ["check"], ["apply", "--boot"], ["config"]):
        trace, bus = SystemCalls(wan), BusCalls(wan)
        done = wan.keeper(*command, wrapper=trace.wrapper)
        assert done.returncode == 65, command
        assert f"{file}:{place}" in done.stderr, done.stderr
        assert "^" in done.stderr
        assert trace.kernel_writes() == [] and bus.stop_and_list_writes() == []
    assert snapshot(wan) == before


def test_not_permitted_is_77_and_changes_nothing(wan):
    wan.configure(CONFIG)
    before = snapshot(wan)
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", wan.install_keeper()]
    done = wan.run([*as_nobody, "apply"], check=False)
    assert done.returncode == 77, done.stderr
    assert done.stderr.strip()
    assert snapshot(wan) == before
    assert wan.run([*as_nobody, "check"], check=False).returncode == 0
    assert wan.run([*as_nobody, "diff"], check=False).returncode == 2, "reading requires no privileges"


def test_atomic_reverts_everything(wan):
    wan.ip("mptcp endpoint add 203.0.113.20 signal id 9")
    wan.configure(CONFIG.replace("profiles:", "  - {address: 203.0.113.21, flags: [signal], id: 9}\nprofiles:"))
    before = snapshot(wan)
    done = wan.keeper("apply", "--atomic")
    assert done.returncode == 1
    after = snapshot(wan)
    assert {k: v for k, v in after.items() if k != "files"} == {k: v for k, v in before.items() if k != "files"}
    assert done.json["failed"] and not done.json["changed"]
    results = {change["key"]: change["result"] for change in done.json["changes"]}
    assert results["203.0.113.21"] == "failed"
    assert set(results.values()) <= {"failed", "reverted"}

    # without --atomic the other changes stay
    done = wan.keeper("apply")
    assert done.returncode == 1
    assert wan.sysctl("net.mptcp.add_addr_timeout") == "60"
    assert wan.stored_flags("wan1") == {"signal", "subflow", "also-without-default-route"}


def test_boot_does_the_kernel_part_without_the_bus(wan):
    wan.configure(CONFIG)
    trace = SystemCalls(wan)
    done = wan.keeper("apply", "--boot", wrapper=trace.wrapper)
    assert done.returncode == 0, done.stderr
    assert trace.touches("system_bus_socket") == []
    assert trace.kernel_writes()
    assert wan.sysctl("net.mptcp.add_addr_timeout") == "60"
    assert wan.limits() == {"subflows": 4, "add_addr_accepted": 3}
    assert set(wan.endpoints()) == {"203.0.113.9", "192.0.2.1"}, "the endpoint with an interface is deferred"
    assert wan.stored_flags("wan1") == set(OLD.split(","))


@pytest.mark.parametrize("kinds, done_kinds", [
    ("sysctl", {"sysctl"}), ("limits", {"limits"}), ("sysctl,limits", {"sysctl", "limits"}),
    ("endpoints", {"endpoints"}), ("profiles", {"profiles"}), ("endpoints,profiles", {"endpoints", "profiles"}),
])
def test_only_does_what_it_names(wan, kinds, done_kinds):
    wan.configure(CONFIG)
    trace = SystemCalls(wan)
    done = wan.keeper("apply", "--only", kinds, wrapper=trace.wrapper)
    assert done.returncode == 0, done.stderr
    assert (wan.sysctl("net.mptcp.add_addr_timeout") == "60") == ("sysctl" in done_kinds)
    assert (wan.limits()["subflows"] == 4) == ("limits" in done_kinds)
    assert ({"203.0.113.9", "198.51.100.1"} <= set(wan.endpoints())) == ("endpoints" in done_kinds)
    assert (wan.stored_flags("wan1") != set(OLD.split(","))) == ("profiles" in done_kinds)
    assert wan.endpoint_flags()["192.0.2.1"] == ({"signal", "subflow"} if "profiles" in done_kinds else {"subflow"})
    if not done_kinds & {"profiles", "endpoints"}:
        assert trace.touches("system_bus_socket") == []


def test_only_refuses_what_it_does_not_know(wan):
    assert wan.keeper("apply", "--only", "sysctl,routes", config=CONFIG).returncode == 64


def test_what_the_kernel_lacks_is_unsupported_and_with_strict_a_failure(wan):
    config = "sysctl: {add_addr_v6_port_drop_ts: true, add_addr_timeout: 60}"
    if wan.run(["test", "-e", "/proc/sys/net/mptcp/add_addr_v6_port_drop_ts"], check=False).returncode == 0:
        pytest.skip("this kernel has every sysctl that is known")
    done = wan.keeper("apply", config=config)
    assert done.returncode == 0, done.stderr
    assert {c["key"]: c["result"] for c in done.json["changes"]} == {
        "net.mptcp.add_addr_timeout": "applied", "net.mptcp.add_addr_v6_port_drop_ts": "unsupported"}
    assert done.json["warnings"]
    assert wan.keeper("diff").returncode == 0
    assert wan.keeper("apply", "--strict").returncode == 1


def test_status_agrees_with_other_programs(wan):
    wan.keeper("apply", config=CONFIG)
    done = wan.keeper("status")
    assert done.returncode == 0, done.stderr
    status = done.json
    assert status["in_sync"] and status["network_manager"]["running"]
    assert status["limits"]["subflows"]["observed"] == 4
    assert status["sysctl"]["add_addr_timeout"]["observed"] == "60"
    owners = {e["address"]: (e["owner"], e["interface"], set(e["flags"]), e["id"]) for e in status["endpoints"]}
    shown = wan.endpoints()
    assert owners == {
        "203.0.113.9": ("keeper", None, {"signal"}, shown["203.0.113.9"]["id"]),
        "198.51.100.1": ("keeper", "enp2s0", {"subflow"}, shown["198.51.100.1"]["id"]),
        "192.0.2.1": ("network-manager", "enp1s0", {"signal", "subflow"}, shown["192.0.2.1"]["id"])}
    (profile,) = status["profiles"]
    assert (profile["name"], profile["active"], profile["device"]) == ("wan1", True, "enp1s0")
    wan.ip("mptcp limits set subflows 1")
    drifted = wan.keeper("status")
    assert drifted.returncode == 2
    assert drifted.json["limits"]["subflows"] == {**status["limits"]["subflows"], "observed": 1, "in_sync": False}


def test_json_is_one_document_and_text_is_for_people(wan):
    wan.configure(CONFIG)
    program = keeper_program()
    for command in (["diff"], ["apply"], ["status"], ["check"], ["config"]):
        json.loads(wan.run([program, *command, "--json"], check=False).stdout)  # the option may follow the command
        text = wan.run([program, *command], check=False).stdout
        assert "\x1b[" not in text, "no colour without a terminal"


def test_drop_ins_of_all_folders_are_merged(wan):
    wan.configure("limits: {subflows: 2}\n")
    wan.configure("limits: {subflows: 3, add_addr_accepted: 1}\n", "/usr/lib/mptcp-keeper/conf.d/10-vendor.yaml")
    wan.configure("limits: {add_addr_accepted: 5}\n", "/run/mptcp-keeper/conf.d/20-run.yaml")
    wan.configure("limits: {add_addr_accepted: 6}\n", "/usr/lib/mptcp-keeper/conf.d/30-site.yaml")
    wan.configure("limits: {add_addr_accepted: 7}\n", "/etc/mptcp-keeper/conf.d/30-site.yaml")
    assert wan.keeper("apply").returncode == 0
    assert wan.limits() == {"subflows": 3, "add_addr_accepted": 7}
    wan.run(["ln", "-sf", "/dev/null", "/etc/mptcp-keeper/conf.d/30-site.yaml"])
    assert wan.keeper("apply").returncode == 0
    assert wan.limits() == {"subflows": 3, "add_addr_accepted": 5}
