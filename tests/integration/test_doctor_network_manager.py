# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor with a real NetworkManager: the effect of its profiles and its configuration on MPTCP."""

import pytest
from debian import unpacked
from doctor_host import doctor, is_bad, paste
from node import LabError

def test_a_device_without_default_route(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow")
    finding = doctor(host)[0]["NO_DEFAULT_ROUTE"]
    assert finding["subject"] == "enp1s0"
    paste(host, finding)
    assert "NO_DEFAULT_ROUTE" not in doctor(host)[0] and host.endpoint_flags() == {"192.0.2.1": {"subflow"}}


def test_flags_that_are_not_live(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow")
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow,also-without-default-route")
    finding = doctor(host)[0]["NM_FLAGS_NOT_LIVE"]
    assert "wan1" in finding["evidence"]
    paste(host, finding)
    assert not {"NO_DEFAULT_ROUTE", "NM_FLAGS_NOT_LIVE", "NM_CONF_DEFAULT"} & set(doctor(host)[0])


def test_a_default_that_switches_mptcp_off(lab):
    host = lab.host("host")
    host.plug("enp1s0", lab.segment("lan1"))
    host.start_network_manager(extra="[connection]\nconnection.mptcp-flags=1\n")
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", gateway="192.0.2.254")
    assert is_bad(host, "NM_CONF_DEFAULT") and host.endpoints() == {}
    paste(host, doctor(host)[0]["NM_CONF_DEFAULT"])
    assert not is_bad(host, "NM_CONF_DEFAULT") and "192.0.2.1" in host.endpoints()


def test_a_host_without_endpoints_and_with_network_manager(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="disabled")
    paste(host, doctor(host)[0]["NO_ENDPOINT"])
    assert "NO_ENDPOINT" not in doctor(host)[0]
    flags = host.endpoint_flags()
    assert set(flags) == {"192.0.2.1"} and "subflow" in flags["192.0.2.1"] and "signal" not in flags["192.0.2.1"]


@pytest.mark.parametrize("hide", ["mount -t tmpfs tmpfs /proc/sys/net/mptcp",
                                  "mount --bind /dev/null /proc/sys/net/mptcp/enabled"], ids=["folder", "file"])
def test_network_manager_that_cannot_read_the_sysctl(lab, hide):
    """As with a sandbox setting: 1.42 then assumes that MPTCP is enabled, 1.52 and 1.58 that it is disabled."""
    host = lab.host("host")
    host.plug("enp1s0", lab.segment("lan1"))
    # unchanged: in a chroot, where / is not the root of a mount, unshare cannot change the propagation
    host.start_network_manager(
        wrapper=["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", f'{hide} && exec "$@"', "sh"])
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    found = doctor(host)[0]
    assert "NO_ENDPOINT" not in found, "its flags are set already"
    if not host.endpoints():
        assert "hides /proc/sys/net/mptcp/enabled" in found["NM_MAKES_NO_ENDPOINT"]["evidence"]
        paste(host, found["NM_MAKES_NO_ENDPOINT"])
    assert host.endpoint_flags() == {"192.0.2.1": {"subflow"}}
    assert not {"NO_ENDPOINT", "NM_MAKES_NO_ENDPOINT"} & set(doctor(host)[0])


def test_mptcp_that_was_enabled_after_the_activation(host):
    host.sysctl("net.mptcp.enabled", 0)
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.sysctl("net.mptcp.enabled", 1)
    assert host.endpoints() == {}
    found = doctor(host)[0]
    assert "NO_ENDPOINT" not in found, "its flags are set already"
    paste(host, found["NM_MAKES_NO_ENDPOINT"])
    assert host.endpoint_flags() == {"192.0.2.1": {"subflow"}}
    assert not {"NO_ENDPOINT", "NM_MAKES_NO_ENDPOINT"} & set(doctor(host)[0])


def test_endpoints_that_another_program_flushed(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    assert "NM_MAKES_NO_ENDPOINT" not in doctor(host)[0]
    host.ip("mptcp endpoint flush")
    found = doctor(host)[0]
    assert "NO_ENDPOINT" not in found
    paste(host, found["NM_MAKES_NO_ENDPOINT"])
    assert not {"NM_MAKES_NO_ENDPOINT", "NO_ENDPOINT"} & set(doctor(host)[0])
    assert host.endpoint_flags() == {"192.0.2.1": {"subflow"}}


def test_a_default_for_one_device(lab):
    host = lab.host("host")
    host.plug("enp1s0", lab.segment("lan1"))
    host.write("/etc/NetworkManager/conf.d/off.conf",
               "[connection-off]\nmatch-device=interface-name:enp1*\nconnection.mptcp-flags=0x1\n")
    host.start_network_manager()
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", gateway="192.0.2.254")
    finding = doctor(host)[0]["NM_CONF_DEFAULT"]
    assert finding["subject"] == "enp1s0" and host.endpoints() == {}
    paste(host, finding)
    assert not is_bad(host, "NM_CONF_DEFAULT") and "192.0.2.1" in host.endpoints()


def test_network_manager_older_than_mptcp(lab):
    """NetworkManager 1.30 of Debian bullseye over D-Bus, with the current libnm."""
    try:
        root = unpacked("bullseye", "network-manager", "dbus")
    except LabError as error:
        pytest.skip(f"no NetworkManager 1.30: {error}")
    host = lab.host("host")
    host.plug("enp1s0", lab.segment("lan1"))
    host.start_network_manager(root=root)
    # a keyfile, since nmcli 1.52 sends properties with every profile that 1.30 does not support
    uuid = "6a8a47a6-0000-4000-8000-000000000010"
    host.write_profile("wan1", f"[connection]\nid=wan1\nuuid={uuid}\ntype=ethernet\ninterface-name=enp1s0\n"
                       "[ipv4]\nmethod=manual\naddress1=192.0.2.1/24,192.0.2.254\n[ipv6]\nmethod=disabled\n")
    host.nmcli(["connection", "up", "uuid", uuid])
    assert host.nmcli(["-g", "GENERAL.STATE", "connection", "show", uuid]).stdout == "activated\n"
    assert host.endpoints() == {} and is_bad(host, "NM_TOO_OLD")
    finding = doctor(host)[0]["NM_TOO_OLD"]
    assert finding["subject"].startswith("NetworkManager 1.30.")
    paste(host, finding)
    assert "subflow" in host.endpoint_flags()["192.0.2.1"] and "signal" not in host.endpoint_flags()["192.0.2.1"]
    assert not is_bad(host, "NM_TOO_OLD") and "NO_ENDPOINT" not in doctor(host)[0]
    done = host.keeper("apply", config="profiles: [{match: {name: wan1}, mptcp-flags: [subflow]}]\n")
    changes = [(one["key"], one["result"]) for one in done.json["changes"]]
    assert done.returncode == 0 and changes == [(uuid, "unsupported")], done.json
