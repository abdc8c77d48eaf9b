"""doctor beside Debian's mptcpd."""

from pathlib import Path

import pytest
from doctor_host import doctor, is_bad, paste, wait_for_code
from node import wait_for

PROGRAM = Path("/usr/libexec/mptcpd")
CONFIG = "/etc/mptcpd/mptcpd.conf"
PLUGINS = next(Path("/usr/lib").glob("*/mptcpd/addr_adv.so"), None)

pytestmark = pytest.mark.skipif(not PROGRAM.exists() or PLUGINS is None,
                                reason="mptcpd and mptcpd-plugins are not installed")


def start_mptcpd(host):
    """Debian's mptcpd with the configuration that the host has; it is up once it has its plugins."""
    daemon = host.start([PROGRAM, "--log=stderr"])
    daemon.wait_for("path manager initialized")
    return daemon


def without_restart(finding):
    """The finding with a fix that leaves the service alone: no systemd runs here."""
    fix, both, restart = finding["fix"].partition(" && systemctl restart mptcp.service")
    assert both and not restart
    return {**finding, "fix": fix}


def flags_that_mptcpd_gives(host, address):
    """Gives eth2 an address and waits until mptcpd has told the kernel of it: the endpoint's flags."""
    host.ip(f"address add {address}/24 dev eth2")
    return wait_for(lambda: host.endpoints().get(address), 10, f"mptcpd's endpoint {address}")["flags"]


def test_mptcpd_beside_endpoints(client):
    assert not {"MPTCPD_CONFLICT", "MPTCPD_CONFIG"} & set(doctor(client)[0])
    daemon = start_mptcpd(client)
    finding = wait_for_code(client, "MPTCPD_CONFLICT")
    assert finding["fix"].startswith("systemctl disable --now mptcp.service")
    client.ip("address add 198.51.100.9/24 dev eth2")  # what the finding says: it has a mind of its own
    wait_for(lambda: "198.51.100.9" in client.endpoints(), 10, "mptcpd's own endpoint")
    daemon.stop()
    wait_for(lambda: "MPTCPD_CONFLICT" not in doctor(client)[0], 10, "mptcpd to be gone")  # it ends in its own time


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
    assert "manages none" in finding["evidence"]
    client.sysctl("net.mptcp.pm_type", 1)  # the fix's second way: the first takes systemd
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
