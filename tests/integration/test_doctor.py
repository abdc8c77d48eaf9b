"""doctor: each finding is provoked for real, and a sound host is left in peace."""

import shutil

import pytest
from host import keeper_program
from node import wait_for
from oracles import SystemCalls, snapshot

SOCKET = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, int(sys.argv[1]))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[2], int(sys.argv[3])))
s.listen(64)
print("ready", flush=True)
held = []
while True:
    held.append(s.accept())
"""
MPTCP, TCP = 262, 0


def listen(host, protocol, address="0.0.0.0", port=5000, python="/usr/bin/python3"):
    """A server with that protocol, and its process id as the host sees it."""
    server = host.start([python, "-c", SOCKET, str(protocol), address, str(port)])
    server.wait_for("ready")
    return server


def pid_of(host, needle):
    """The pid inside the host of the process whose command line holds the text."""
    shown = host.run(["sh", "-c", "for p in /proc/[0-9]*; do printf '%s ' ${p#/proc/}; "
                      "tr '\\0\\n' '  ' <$p/cmdline; echo; done"], check=False).stdout
    return next(line.split()[0] for line in shown.splitlines() if needle in line and "for p in" not in line)


def doctor(host, *arguments, **kwargs):
    """{code: finding}, and the whole answer as `.answer` of the result."""
    done = host.keeper("doctor", *arguments, **kwargs)
    assert done.json is not None and done.returncode in (0, 2), done.stderr
    assert set(done.json) >= {"healthy", "findings", "skipped"}
    bad = [f for f in done.json["findings"] if f["severity"] != "info"]
    assert done.json["healthy"] == (not bad) == (done.returncode == 0)
    for finding in done.json["findings"]:
        assert list(finding) == ["code", "severity", "subject", "evidence", "fix"] and all(finding.values())
    return {finding["code"]: finding for finding in done.json["findings"]}, done.json


@pytest.fixture
def pair(lab):
    """A client and a server on two networks, without NetworkManager; the client has an endpoint on each."""
    one, two = lab.segment("one", ["192.0.2.254/24"]), lab.segment("two", ["198.51.100.254/24"])
    lab.network.sysctl("net.ipv4.ip_forward", 1)
    for name in ("all", "one", "two"):
        lab.network.sysctl(f"net.ipv4.conf.{name}.rp_filter", 0)
    hosts = []
    for number, name in ((2, "client"), (1, "server")):
        host = lab.host(name)
        for interface, segment, prefix in (("eth1", one, "192.0.2"), ("eth2", two, "198.51.100")):
            host.plug(interface, segment)
            host.ip(f"address add {prefix}.{number}/24 dev {interface}")
            host.ip(f"link set {interface} up")
            host.sysctl(f"net.ipv4.conf.{interface}.rp_filter", 0)
            host.ip(f"route add default via {prefix}.254 dev {interface} metric {number}0{interface[-1]}")
        host.sysctl("net.ipv4.conf.all.rp_filter", 0)
        host.ip("mptcp limits set subflows 2 add_addr_accepted 2")
        host.configure("version: 1\n")
        hosts.append(host)
    client, server = hosts
    client.ip("mptcp endpoint add 192.0.2.2 dev eth1 subflow")
    client.ip("mptcp endpoint add 198.51.100.2 dev eth2 subflow")
    return client, server


@pytest.fixture
def client(pair):
    """The client of the pair, on which nothing is wrong."""
    return pair[0]


def shell(*lines):
    return lambda host: host.run(["sh", "-e", "-c", "\n".join(lines)])


NFT = "nft add table inet t; nft 'add chain inet t o {type filter hook output priority 0;}'; nft add rule inet t o "
CAUSES = {
    "MPTCP_DISABLED": shell("echo 0 >/proc/sys/net/mptcp/enabled"),
    "SUBFLOW_LIMIT_TOO_LOW": shell("ip mptcp limits set subflows 0"),
    "ADD_ADDR_NOT_ACCEPTED": shell("ip mptcp limits set add_addr_accepted 0"),
    "NO_ENDPOINT": shell("ip mptcp endpoint flush"),
    "ENDPOINT_ADDRESS_MISSING": shell("ip address del 198.51.100.2/24 dev eth2"),
    "ENDPOINT_ADDRESS_TENTATIVE": shell(
        "echo 1000 >/proc/sys/net/ipv6/conf/eth2/dad_transmits; ip address add 2001:db8::2/64 dev eth2",
        "ip mptcp endpoint add 2001:db8::2 dev eth2 subflow"),
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
    "WRONG_SYSCTL_NAME": lambda h: h.write("/etc/sysctl.d/90-x.conf", "net.mptcp.mptcp_enabled=1\n"),
    "SYSCTL_OVERRIDDEN": lambda h: (h.configure("sysctl: {enabled: true}\n"),
                                    h.write("/etc/sysctl.d/90-x.conf", "net.mptcp.enabled = 0\n")),
    "RECIPE_LEFTOVER": lambda h: h.write(
        "/etc/systemd/system/set_mptcp_limit.service",
        "[Service]\nExecStart=/usr/sbin/ip mptcp limits set subflows 2\n"),
    "SOCKET_UNIT_TCP": lambda h: h.write("/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n"),
    "DISABLE_BREAKS_PROGRAMS": lambda h: (listen(h, MPTCP), h.configure("sysctl: {enabled: false}\n")),
}


def test_a_sound_host_is_healthy_and_says_what_was_skipped(client):
    findings, answer = doctor(client)
    assert answer["healthy"], findings
    assert {"NetworkManager's profiles", "SELinux denials"} <= {one["check"] for one in answer["skipped"]}
    text = client.run([keeper_program(), "doctor"], check=False)
    assert text.returncode == 0 and "skipped" in text.stdout


@pytest.mark.parametrize("code", CAUSES)
def test_cause_is_found(client, code):
    if code.startswith("FIREWALL") and not shutil.which("nft"):
        pytest.skip("nft is not installed")
    assert code not in doctor(client)[0] or code == "ADD_ADDR_NOT_ACCEPTED"
    CAUSES[code](client)
    findings, _ = doctor(client)
    assert code in findings, sorted(findings)


def test_it_changes_nothing(pair):
    client, server = pair
    listen(server, MPTCP)
    client.wait_until_settled()  # routes come and go with duplicate address detection
    before, trace = snapshot(client), SystemCalls(client)
    doctor(client, "--probe", "192.0.2.1:5000", wrapper=trace.wrapper)
    assert trace.kernel_writes() == []
    assert {k: v for k, v in snapshot(client).items() if k != "sysctls"} == \
        {k: v for k, v in before.items() if k != "sysctls"}


def test_it_works_beside_a_broken_configuration(client):
    client.configure("limits: [\n")
    findings, answer = doctor(client)
    assert any(one["check"] == "what is declared" for one in answer["skipped"])
    client.ip("mptcp endpoint flush")
    assert "NO_ENDPOINT" in doctor(client)[0]


def test_iptables_rules_are_read(client):
    if not shutil.which("iptables"):
        pytest.skip("iptables is not installed")
    client.run(["iptables", "-t", "mangle", "-A", "OUTPUT", "-p", "tcp", "-j", "TCPOPTSTRIP", "--strip-options",
                "30"])
    assert "FIREWALL_STRIPS_MPTCP" in doctor(client)[0]


def test_mptcpd_beside_endpoints(client):
    client.write("/etc/mptcpd/mptcpd.conf", "[core]\nplugin-dir=/nowhere\npath-manager=addr_adv\n")
    # A process of that name is what counts; the real one ends at once where its plugins are missing.
    client.start(["sh", "-c", "cp /bin/sleep /run/mptcpd && exec /run/mptcpd 60"])
    wait_for(lambda: {"MPTCPD_CONFLICT", "MPTCPD_CONFIG"} <= set(doctor(client)[0]), 5, "mptcpd to be seen")
