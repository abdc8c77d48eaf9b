# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor: each finding is caused on a real host, and a healthy host has none."""

import shutil

import pytest
from doctor_host import MPTCP, doctor, is_bad, listen, paste
from host import keeper_program
from oracles import SystemCalls, snapshot


def shell(*lines):
    return lambda host: host.run(["sh", "-e", "-c", "\n".join(lines)])


NFT = "nft add table inet t; nft 'add chain inet t o {type filter hook output priority 0;}'; nft add rule inet t o "
CAUSES = {
    "MPTCP_DISABLED": shell("echo 0 >/proc/sys/net/mptcp/enabled"),
    "SUBFLOW_LIMIT_TOO_LOW": shell("ip mptcp limits set subflows 0"),
    "ADD_ADDR_NOT_ACCEPTED": shell(
        "ip mptcp limits set add_addr_accepted 0; ip mptcp endpoint flush; ip mptcp endpoint add 192.0.2.2 dev eth1 backup"),
    "NO_ENDPOINT": shell("ip mptcp endpoint flush"),
    "ENDPOINT_ADDRESS_MISSING": shell("ip address del 198.51.100.2/24 dev eth2"),
    "ENDPOINT_NO_DEVICE": shell(
        "ip mptcp endpoint delete id 2; ip mptcp endpoint add 198.51.100.2 subflow"),
    "ENDPOINT_NO_ROUTE": shell("ip route del default dev eth2"),
    "ENDPOINT_TABLE_FULL": shell(
        "for n in 3 4 5 6 7 8; do ip mptcp endpoint add 203.0.113.$n signal; done"),
    "SAME_SUBNET": shell(
        "ip address add 192.0.2.3/24 dev eth2; ip mptcp endpoint add 192.0.2.3 dev eth2 subflow"),
    "FAMILY_MISMATCH": shell(
        "ip address add 2001:db8::2/64 dev eth2 nodad; ip mptcp endpoint flush",
        "ip mptcp endpoint add 192.0.2.2 dev eth1 subflow; ip mptcp endpoint add 2001:db8::2 dev eth2 subflow"),
    "RP_FILTER_STRICT": shell("echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter"),
    "LINK_DOWN": shell("ip link set eth2 down"),
    "USERSPACE_PATH_MANAGER": shell("echo 1 >/proc/sys/net/mptcp/pm_type"),
    "FIREWALL_STRIPS_MPTCP": shell(NFT + "reset tcp option mptcp"),
    "FIREWALL_DROPS_JOIN": shell(NFT + "tcp option mptcp subtype 1 drop"),
    "WRONG_SYSCTL_NAME": lambda h: h.write(
        "/etc/sysctl.d/90-x.conf", "net.mptcp.mptcp_enabled=1\n-net/mptcp/mptcp_debug = 1\nkernel.sysrq = 1\n"),
    "SYSCTL_OVERRIDDEN": lambda h: (h.configure("sysctl: {enabled: true}\n"),
                                    h.write("/etc/sysctl.d/90-x.conf", "net.mptcp.enabled = 0\nkernel.sysrq = 1\n")),
    "DISABLE_BREAKS_PROGRAMS": lambda h: (listen(h, MPTCP), h.configure("sysctl: {enabled: false}\n")),
}
ONLY_THE_ADMINISTRATOR_KNOWS = {"ENDPOINT_NO_ROUTE": {"GATEWAY": "198.51.100.254"}}


def test_a_correct_host_is_healthy_and_skipped_checks_are_listed(client):
    findings, answer = doctor(client)
    assert answer["healthy"], findings
    assert "NetworkManager's profiles" in {one["check"] for one in answer["skipped"]}
    text = client.run([keeper_program(), "doctor"], check=False)
    assert text.returncode == 0 and "skipped" in text.stdout


@pytest.mark.parametrize("code", CAUSES)
def test_cause_is_found_and_its_fix_cures(client, code):
    if code.startswith("FIREWALL") and not shutil.which("nft"):
        pytest.skip("nft is not installed")
    assert not is_bad(client, code)
    CAUSES[code](client)
    assert is_bad(client, code)
    for finding in doctor(client)[1]["findings"]:
        if finding["code"] == code:
            paste(client, finding, **ONLY_THE_ADMINISTRATOR_KNOWS.get(code, {}))
    assert not is_bad(client, code)


def test_socket_unit_of_tcp(client):
    client.write("/etc/systemd/system/a.service", "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n")
    client.write("/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n[Install]\nWantedBy=sockets.target\n")
    assert not is_bad(client, "SOCKET_UNIT_TCP")  # no unit wants it
    client.run(["systemctl", "enable", "a.socket"])
    assert not is_bad(client, "SOCKET_UNIT_TCP") and "SOCKET_UNIT_TCP" in doctor(client)[0]
    client.configure("applications: {units: [a.service]}\n")
    assert is_bad(client, "SOCKET_UNIT_TCP")
    drop_in = client.write("/run/systemd/generator/a.socket.d/50-mptcp-keeper.conf", "[Socket]\nSocketProtocol=mptcp\n")
    assert not is_bad(client, "SOCKET_UNIT_TCP")  # as with applications.units since systemd 257
    client.run(["rm", drop_in])
    finding = doctor(client)[0]["SOCKET_UNIT_TCP"]
    if finding["fix"] != "applications:\n  units: [a.socket]":
        # systemd does not run here
        paste(client, {"fix": finding["fix"].replace(" --now", "").replace(" && systemctl restart a.service", "")})
        assert not is_bad(client, "SOCKET_UNIT_TCP")


def test_static_socket_unit_of_tcp(client):
    client.write("/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n")
    assert not is_bad(client, "SOCKET_UNIT_TCP")
    assert doctor(client, "--unit", "a.socket")[0]["SOCKET_UNIT_TCP"]["severity"] == "warning"


def test_wrong_and_overriding_lines_go_and_others_stay(client):
    CAUSES["WRONG_SYSCTL_NAME"](client)
    for finding in doctor(client)[1]["findings"]:
        if finding["code"] == "WRONG_SYSCTL_NAME":
            paste(client, finding)
    assert client.run(["cat", "/etc/sysctl.d/90-x.conf"]).stdout == "net.mptcp.enabled=1\nkernel.sysrq = 1\n"
    client.configure("sysctl: {enabled: false}\n")
    paste(client, doctor(client)[0]["SYSCTL_OVERRIDDEN"])
    assert client.run(["cat", "/etc/sysctl.d/90-x.conf"]).stdout == "kernel.sysrq = 1\n"


def test_address_under_duplicate_address_detection(client):
    client.run(["sh", "-e", "-c", "echo 1000 >/proc/sys/net/ipv6/conf/eth2/dad_transmits; "
                "ip address add 2001:db8::2/64 dev eth2; ip mptcp endpoint add 2001:db8::2 dev eth2 subflow"])
    finding = doctor(client)[0]["ENDPOINT_ADDRESS_TENTATIVE"]
    pasted = client.start(["sh", "-c", finding["fix"] + "; echo done"])  # the fix waits for the end of the detection
    client.ip("address del 2001:db8::2/64 dev eth2")
    client.ip("address add 2001:db8::2/64 dev eth2 nodad")
    pasted.wait_for("done", 20)
    assert "ENDPOINT_ADDRESS_TENTATIVE" not in doctor(client)[0] and "2001:db8::2" in client.endpoints()


def test_leftover_of_the_recipe(client):
    client.write("/etc/systemd/system/set_mptcp_limit.service",
                 "[Service]\nExecStart=/usr/sbin/ip mptcp limits set subflows 2\n")
    assert "systemctl disable --now set_mptcp_limit.service" in doctor(client)[0]["RECIPE_LEFTOVER"]["fix"]
    client.write("/etc/sysctl.d/90-enable-MPTCP.conf", "net.mptcp.enabled=1\n")
    client.run(["rm", "/etc/systemd/system/set_mptcp_limit.service"])
    paste(client, doctor(client)[0]["RECIPE_LEFTOVER"])
    assert "RECIPE_LEFTOVER" not in doctor(client)[0]


def test_it_changes_nothing(pair):
    client, server = pair
    listen(server, MPTCP)
    client.wait_until_settled()  # routes come and go with duplicate address detection
    before, trace = snapshot(client), SystemCalls(client)
    doctor(client, "--probe", "192.0.2.1:5000", wrapper=trace.wrapper)
    assert trace.kernel_writes() == []
    assert {k: v for k, v in snapshot(client).items() if k != "sysctls"} == \
        {k: v for k, v in before.items() if k != "sysctls"}


def test_it_works_with_a_broken_configuration(client):
    client.configure("limits: [\n")
    findings, answer = doctor(client)
    assert any(one["check"] == "configuration" for one in answer["skipped"])
    client.ip("mptcp endpoint flush")
    assert "NO_ENDPOINT" in doctor(client)[0]


def test_iptables_rules_are_read(client):
    if not shutil.which("iptables"):
        pytest.skip("iptables is not installed")
    client.run(["iptables", "-t", "mangle", "-A", "OUTPUT", "-p", "tcp", "-j", "TCPOPTSTRIP", "--strip-options",
                "30"])
    paste(client, doctor(client)[0]["FIREWALL_STRIPS_MPTCP"])
    assert "FIREWALL_STRIPS_MPTCP" not in doctor(client)[0]
