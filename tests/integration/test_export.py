# SPDX-License-Identifier: LGPL-2.1-or-later
"""export: the current host as a configuration that changes nothing when applied."""

import pytest
from host import keeper_program
from oracles import BusCalls, SystemCalls, snapshot

RECIPE_UNIT = """[Unit]
Description=Set MPTCP subflow limit
[Service]
Type=oneshot
ExecStart=/sbin/ip mptcp limits set subflows 3
[Install]
WantedBy=multi-user.target
"""


def export(host, *options):
    done = host.run([keeper_program(), "export", *options])
    return done.stdout


@pytest.fixture
def recipe_host(host):
    """A host that was set up by RHEL's recipe, with a manually added endpoint."""
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="signal,also-without-default-route")
    host.add_profile("lan", "enp2s0", "198.51.100.1/24")
    host.write("/etc/sysctl.d/90-enable-MPTCP.conf", "net.mptcp.enabled=1\n")
    host.write("/etc/systemd/system/set_mptcp_limit.service", RECIPE_UNIT)
    host.ip("mptcp limits set subflows 3")
    host.ip("mptcp endpoint add 203.0.113.9 signal id 7")
    host.sysctl("net.mptcp.add_addr_timeout", 60)
    return host


def test_what_was_exported_changes_nothing_when_applied(recipe_host):
    yaml = export(recipe_host)
    for expected in ("  # /etc/sysctl.d/90-enable-MPTCP.conf:1\n  enabled: true\n", "  add_addr_timeout: 60\n",
                     "  # /etc/systemd/system/set_mptcp_limit.service:5\n  subflows: 3\n",
                     "  - match: {name: wan1}\n    mptcp-flags: [also-without-default-route, signal]\n",
                     "  - {address: 203.0.113.9, flags: [signal]}\n"):
        assert expected in yaml
    assert "name: lan" not in yaml and "192.0.2.1" not in yaml, "defaults, and what NetworkManager creates"
    recipe_host.write("/etc/exported.yaml", yaml)
    before = snapshot(recipe_host)
    trace, bus = SystemCalls(recipe_host), BusCalls(recipe_host)
    done = recipe_host.keeper("apply", "--config", "/etc/exported.yaml", "--detailed-exitcodes",
                              wrapper=trace.wrapper)
    assert (done.returncode, done.json["changes"], done.json["verified"]) == (0, [], True), done.stderr
    assert trace.kernel_writes() == []
    assert bus.stop_and_list_writes() == []
    assert snapshot(recipe_host) == before
    recipe_host.ip("mptcp endpoint delete id 7")
    again = recipe_host.keeper("apply", "--config", "/etc/exported.yaml", "--detailed-exitcodes")
    assert again.returncode == 2, "the exported configuration repairs drift"


def test_exporting_writes_nothing(recipe_host):
    before = snapshot(recipe_host)
    trace, bus = SystemCalls(recipe_host), BusCalls(recipe_host)
    recipe_host.run([*trace.wrapper, keeper_program(), "export"])
    assert trace.kernel_writes() == [] and bus.stop_and_list_writes() == []
    assert snapshot(recipe_host) == before


def test_it_works_with_a_broken_configuration(recipe_host):
    recipe_host.configure("limits: [\n")
    done = recipe_host.run([keeper_program(), "export"])
    assert "subflows: 3" in done.stdout
    assert "the configuration is invalid and left out" in done.stderr


def test_without_network_manager_the_keyfiles_are_read(recipe_host):
    recipe_host.stop_network_manager()
    yaml = export(recipe_host)
    assert "wan1.nmconnection:" in yaml and "mptcp-flags: [also-without-default-route, signal]" in yaml


def test_endpoints_that_network_manager_made_are_not_declared_while_it_is_away(recipe_host):
    assert "192.0.2.1" in recipe_host.endpoints()
    recipe_host.stop_network_manager()
    recipe_host.write("/etc/exported.yaml", export(recipe_host))
    text = recipe_host.path("/etc/exported.yaml").read_text()
    assert "  # - {address: 192.0.2.1, interface: enp1s0, flags: [signal]}\n" in text, text
    assert "NetworkManager is not running" in text
    recipe_host.restart_network_manager()
    done = recipe_host.keeper("apply", "--config", "/etc/exported.yaml", "--detailed-exitcodes", "--strict")
    assert (done.returncode, done.json["changes"]) == (0, []), done.stderr


def test_leftovers_retire_the_recipe(recipe_host):
    script = export(recipe_host, "--leftovers")
    assert "rm /etc/sysctl.d/90-enable-MPTCP.conf\n" in script
    assert "systemctl disable --now set_mptcp_limit.service\n" in script
    document = recipe_host.keeper("export").json
    assert {one["file"] for one in document["leftovers"]} == {
        "/etc/sysctl.d/90-enable-MPTCP.conf", "/etc/systemd/system/set_mptcp_limit.service"}
    assert document["configuration"] == export(recipe_host)
    recipe_host.run(["sh", "-c", script.replace("systemctl", "true")])
    assert export(recipe_host, "--leftovers").startswith("# no other MPTCP configuration")


def test_an_unbooted_tree_is_exported_from_its_files(host, tmp_path):
    host.write("/run/tree/etc/sysctl.d/90-enable-MPTCP.conf", "net.mptcp.enabled=1\n")
    host.write("/run/tree/etc/systemd/system/set_mptcp_limit.service", RECIPE_UNIT)
    host.write("/run/tree/etc/NetworkManager/system-connections/wan.nmconnection",
               "[connection]\nid=wan\nuuid=d5a6\ntype=ethernet\nmptcp-flags=48\n", mode=0o600)
    host.sysctl("net.mptcp.add_addr_timeout", 60)
    yaml = export(host, "--root", "/run/tree")
    for expected in ("enabled: true", "subflows: 3", "match: {name: wan}", "mptcp-flags: [signal, subflow]"):
        assert expected in yaml
    assert "add_addr_timeout" not in yaml, "without values of the running kernel"
    assert "rm -f /run/tree/etc/systemd/system/*.wants/set_mptcp_limit.service " in export(
        host, "--root", "/run/tree", "--leftovers")


def test_it_works_with_an_unreadable_record(recipe_host):
    expected = export(recipe_host)
    recipe_host.write("/var/lib/mptcp-keeper/state.json", "{{{")
    done = recipe_host.run([keeper_program(), "export"])
    assert "/var/lib/mptcp-keeper/state.json cannot be parsed" in done.stderr
    assert done.stdout == expected


@pytest.mark.parametrize("endpoint", [
    "192.0.2.2 dev eth1 fullmesh", "192.0.2.2 dev eth1", "192.0.2.2 dev eth1 backup", "192.0.2.2 subflow backup fullmesh",
    "192.0.2.2 dev eth1 port 4000 signal", "203.0.113.9 signal", "fe80::1234 dev eth1 subflow", "fe80::1234 subflow",
    "192.0.2.2 port 4000 signal backup"])
def test_what_the_kernel_accepted_is_exported_as_valid(client, endpoint):
    client.ip("mptcp endpoint flush")
    client.ip("mptcp limits set subflows 7 add_addr_accepted 5")
    client.ip(f"mptcp endpoint add {endpoint}")
    before = client.endpoints()
    client.configure(export(client))
    assert client.keeper("check").json["valid"]
    assert client.keeper("diff").returncode == 0
    done = client.keeper("apply")
    assert (done.returncode, done.json["changed"]) == (0, False) and client.endpoints() == before


@pytest.mark.parametrize("name", ["enabled", "path_manager"])
def test_mptcp_that_is_off_or_managed_elsewhere_is_exported(client, name):
    client.run(["sh", "-c", f"echo {'0' if name == 'enabled' else 'userspace'} >/proc/sys/net/mptcp/{name}"])
    client.configure(export(client))
    assert client.keeper("check").json["valid"] and client.keeper("diff").returncode == 0
    assert ("enabled: false" if name == "enabled" else "path_manager: userspace") in client.run(
        ["cat", "/etc/mptcp-keeper/config.yaml"]).stdout
