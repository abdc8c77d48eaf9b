"""doctor beside a real NetworkManager: what its profiles and its own configuration make of MPTCP."""

from test_doctor import doctor


def test_a_device_without_default_route(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow")
    finding = doctor(host)[0]["NO_DEFAULT_ROUTE"]
    assert finding["subject"] == "enp1s0" and "also-without-default-route" in finding["fix"]
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow,also-without-default-route")
    assert "wan1" in doctor(host)[0]["NM_FLAGS_NOT_LIVE"]["evidence"]
    host.nmcli("connection up wan1")
    assert not {"NO_DEFAULT_ROUTE", "NM_FLAGS_NOT_LIVE", "NM_CONF_DEFAULT"} & set(doctor(host)[0])


def test_a_default_that_switches_mptcp_off(lab):
    host = lab.host("host")
    host.plug("enp1s0", lab.segment("lan1"))
    host.start_network_manager(extra="[connection]\nconnection.mptcp-flags=1\n")
    assert doctor(host)[0]["NM_CONF_DEFAULT"]["severity"] == "warning"
