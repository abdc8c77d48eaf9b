"""doctor --probe: what a connection of its own shows, and what it says where there is none."""

from doctor_host import doctor, filter_in

CONNECT = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as one:
    one.settimeout(5)
    try:
        one.connect(("192.0.2.1", 9))
    except OSError:
        pass
print(next(dict(zip(n.split(), v.split())) for n, v in zip(*[open("/proc/net/netstat")] * 2) if "MPTcpExt" in n)
      .get("MPCapableSYNTXDrop"))
"""


def test_one_silent_peer_is_no_blackhole(pair):
    client, server = pair
    filter_in(server, "input", "tcp dport 9 drop")
    client.run(["sh", "-c", "echo 1 >/proc/sys/net/mptcp/syn_retrans_before_tcp_fallback"], check=False)
    assert client.run(["/usr/bin/python3", "-c", CONNECT]).stdout.split() in (["1"], ["None"])
    assert "BLACKHOLE_ACTIVE" not in doctor(client)[0]
