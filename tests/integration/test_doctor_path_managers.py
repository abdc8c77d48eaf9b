# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor and export with Debian's mptcpd."""

from pathlib import Path

import pytest
from doctor_host import doctor, is_bad, paste, wait_for_code
from host import keeper_program
from node import wait_for

PROGRAM = Path("/usr/libexec/mptcpd")
CONFIG = "/etc/mptcpd/mptcpd.conf"
PLUGINS = next(Path("/usr/lib").glob("*/mptcpd/addr_adv.so"), None)

pytestmark = pytest.mark.skipif(not PROGRAM.exists() or PLUGINS is None,
                                reason="mptcpd and mptcpd-plugins are not installed")


def start_mptcpd(host):
    """Starts Debian's mptcpd with the configuration on the host and waits until its plugins are loaded."""
    daemon = host.start([PROGRAM, "--log=stderr"])
    daemon.wait_for("path manager initialized")
    return daemon


def without_restart(finding):
    """The finding, with its fix changed not to use the service: systemd does not run here."""
    fix, both, restart = finding["fix"].partition(" && systemctl restart mptcp.service")
    assert both and not restart
    return {**finding, "fix": fix}


def flags_that_mptcpd_gives(host, address):
    """Adds an address to eth2 and waits until mptcpd has created its endpoint; returns the flags."""
    host.ip(f"address add {address}/24 dev eth2")
    return wait_for(lambda: host.endpoints().get(address), 10, f"mptcpd's endpoint {address}")["flags"]


def test_mptcpd_with_endpoints(client):
    assert not {"MPTCPD_CONFLICT", "MPTCPD_CONFIG"} & set(doctor(client)[0])
    daemon = start_mptcpd(client)
    finding = wait_for_code(client, "MPTCPD_CONFLICT")
    assert finding["fix"].startswith("systemctl disable --now mptcp.service")
    client.ip("address add 198.51.100.9/24 dev eth2")  # as the finding reports: mptcpd creates its own endpoints
    wait_for(lambda: "198.51.100.9" in client.endpoints(), 10, "mptcpd's own endpoint")
    daemon.stop()
    wait_for(lambda: "MPTCPD_CONFLICT" not in doctor(client)[0], 10, "mptcpd to end")  # mptcpd takes a while to end


def test_mptcpd_whose_endpoints_have_no_flags(client):
    daemon = start_mptcpd(client)
    assert flags_that_mptcpd_gives(client, "203.0.113.2") == set()
    finding = doctor(client)[0]["MPTCPD_CONFIG"]
    assert finding["severity"] == "warning" and "addr-flags" in finding["evidence"]
    paste(client, without_restart(finding))
    daemon.stop()
    start_mptcpd(client)
    assert flags_that_mptcpd_gives(client, "203.0.113.3") == {"subflow"}
    assert not is_bad(client, "MPTCPD_CONFIG")


def test_mptcpd_for_another_path_manager(client):
    client.write(CONFIG, f"[core]\nplugin-dir={PLUGINS.parent}\npath-manager=sspi\n")
    start_mptcpd(client)
    finding = doctor(client)[0]["MPTCPD_CONFIG"]
    assert "manages no connections" in finding["evidence"]
    client.sysctl("net.mptcp.pm_type", 1)  # the second alternative of the fix; the first one requires systemd
    assert "sysctl -w net.mptcp.pm_type=1" in finding["fix"] and "MPTCPD_CONFIG" not in doctor(client)[0]
    assert "mptcpd is running" in doctor(client)[0]["USERSPACE_PATH_MANAGER"]["evidence"]


def test_mptcpd_without_plugins_ends_at_once(client):
    client.write(CONFIG, "[core]\nplugin-dir=/nowhere\npath-manager=addr_adv\n")
    daemon = client.start([PROGRAM, "--log=stderr"])
    daemon.wait_for("Unable to open plugin directory")
    wait_for(lambda: daemon.process.poll() is not None, 10, "the end of mptcpd")
    finding = doctor(client)[0]["MPTCPD_CONFIG"]
    assert "not running" in finding["evidence"]
    paste(client, without_restart(finding))
    start_mptcpd(client)
    assert "plugin-dir" not in doctor(client)[0]["MPTCPD_CONFIG"]["evidence"]


def test_mptcpd_with_a_plugin_that_is_not_there(client):
    client.write(CONFIG, f"[core]\nplugin-dir={PLUGINS.parent}\npath-manager=nowhere\naddr-flags=subflow\n")
    start_mptcpd(client)
    finding = doctor(client)[0]["MPTCPD_CONFIG"]
    assert "path-manager=nowhere" in finding["evidence"]
    paste(client, without_restart(finding))
    assert "MPTCPD_CONFIG" not in doctor(client)[0]


# Several common recipes at once: mptcpd with flags, manual endpoints and limits, sysctls, and a relay that requests
# MPTCP itself.
RECIPES = {
    "/etc/sysctl.d/90-mptcp.conf": "net.mptcp.enabled=1\nnet.mptcp.pm_type=0\nnet.ipv4.conf.all.rp_filter=2\n",
    "/etc/systemd/system/mptcp-limits.service":
        "[Service]\nType=oneshot\nExecStart=/sbin/ip mptcp limits set subflows 8\n"
        "[Install]\nWantedBy=multi-user.target\n",
    "/etc/systemd/system/relay.service":
        "[Service]\nExecStart=/usr/bin/socat TCP-LISTEN:443,fork,protocol=0x106 TCP:127.0.0.1:8443\n",
}
SET_FLAGS = ["sed", "-i", "s/# addr-flags=subflow/addr-flags=subflow/", CONFIG]


def export(host, *options):
    return host.run([keeper_program(), "export", *options]).stdout


@pytest.fixture
def recipes(host):
    """A host with NetworkManager that was set up by all of these recipes, and its mptcpd."""
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    for file, text in RECIPES.items():
        host.write(file, text)
    host.ip("mptcp limits set subflows 8 add_addr_accepted 4")
    host.ip("mptcp endpoint add 203.0.113.9 signal")
    host.run(SET_FLAGS)
    host.mptcpd = start_mptcpd(host)
    host.ip("link set enp3s0 up")
    host.ip("address add 10.5.0.1/24 dev enp3s0")
    wait_for(lambda: "10.5.0.1" in host.endpoints(), 10, "mptcpd's endpoint")
    return host


def test_mptcpd_is_reported_together_with_recipes_and_network_manager(recipes):
    assert recipes.limits() == {"subflows": 3, "add_addr_accepted": 3}, "mptcpd overwrites the settings"
    finding = doctor(recipes)[0]["MPTCPD_CONFLICT"]
    assert finding["subject"].startswith("mptcpd (pid ")
    assert finding["fix"].startswith("systemctl disable --now mptcp.service")
    assert "NetworkManager and other endpoints" in finding["evidence"] and "both limits" in finding["evidence"]
    assert not is_bad(recipes, "MPTCPD_CONFIG"), "its configuration is valid"


def test_what_mptcpd_made_is_not_exported_as_the_users(recipes):
    yaml = export(recipes)
    for expected in ("  path_manager: kernel\n" if "path_manager: " in yaml else "  pm_type: 0\n",
                     "  - {address: 203.0.113.9, flags: [signal]}\n",
                     "  # - {address: 10.5.0.1, interface: enp3s0, flags: [subflow]}\n",
                     "mptcp.service) sets it (now 3): stop it and remove the # to use the value of the file\n"
                     "  # subflows: 8\n", "stop it and declare what this host needs\n  # add_addr_accepted: 3\n"):
        assert expected in yaml, yaml
    assert "192.0.2.1" not in yaml, "NetworkManager creates it"
    assert "relay" not in yaml, "it uses MPTCP by itself"
    recipes.mptcpd.stop()
    wait_for(lambda: "MPTCPD_CONFLICT" not in doctor(recipes)[0], 10, "mptcpd to end")
    for wanted, limit in ((yaml, 3), (yaml.replace("# limits:", "limits:").replace("# subflows: 8", "subflows: 8"), 8)):
        done = recipes.keeper("apply", config=wanted)
        assert (done.returncode, done.json["verified"]) == (0, True), done.stderr
        diff = recipes.keeper("diff")
        assert (diff.returncode, diff.json["changes"]) == (0, []), diff.stdout
        assert recipes.limits()["subflows"] == limit
    assert recipes.endpoint_flags() == {"192.0.2.1": {"subflow"}, "203.0.113.9": {"signal"}, "10.5.0.1": {"subflow"}}
    script = export(recipes, "--leftovers")
    assert "90-mptcp.conf" in script and "mptcp-limits.service" in script and "relay" not in script
    recipes.run(["sh", "-c", script.replace("systemctl", "true")])
    assert recipes.run(["cat", "/etc/sysctl.d/90-mptcp.conf"]).stdout == "net.ipv4.conf.all.rp_filter=2\n"


def test_endpoints_of_mptcpd_are_kept_if_they_are_declared(recipes):
    recipes.configure("limits: {subflows: 3}\nendpoints: [{address: 10.5.0.1, interface: enp3s0, flags: [subflow]}]\n")
    yaml = export(recipes)
    assert "\n  subflows: 3\n" in yaml and "\n  - {address: 10.5.0.1, interface: enp3s0, flags: [subflow]}\n" in yaml
