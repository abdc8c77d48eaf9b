#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demonstration of examples/demo.sh: the server and the client of examples/, and a connection with several subflows
between them. The only argument is the program."""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lab import Lab, LabError  # noqa: E402
from node import wait_for  # noqa: E402

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SERVER = {"enp4s0": "192.0.2.1", "enp1s0": "198.51.100.1", "enp7s0": "192.0.2.3"}
CLIENT = {"enp4s0f0": "192.0.2.2", "enp4s0f1": "198.51.100.2", "enp6s0": "192.0.2.5"}


def say(text):
    """Prints a heading."""
    print(f"\n=== {text}", flush=True)


def make_host(lab, name, addresses, segments):
    """A host with one static profile per interface, named after it."""
    host = lab.host(name)
    for interface, address in addresses.items():
        host.plug(interface, segments[address.rpartition(".")[0]])
    host.start_network_manager()
    for interface, address in addresses.items():
        host.add_profile(interface, interface, f"{address}/24")
    return host


def show(host, command):
    """Shows a command on a host and its output; it must succeed."""
    print(f"{host.name}# {command}")
    print(host.run(["sh", "-c", command]).stdout.rstrip(), flush=True)


def configure(host, program, example):
    """Applies an example and shows the limits and endpoints that the kernel has afterwards."""
    say(f"{host.name}: examples/{example}")
    host.configure((EXAMPLES / example).read_text())
    applied = host.run([program, "apply"])
    print(f"{host.name}# mptcp-keeper apply\n{applied.stdout.rstrip()}")
    show(host, "ip mptcp limits show")
    show(host, "ip mptcp endpoint show")


def several_subflows(host):
    """The token of a connection with an established initial and an established joined subflow, or None."""
    return next((token for token, kinds in host.mptcp_connections().items() if kinds["M"] and kinds["J"]), None)


def main():
    """Runs the demonstration."""
    program = str(Path(sys.argv[1]).resolve())
    with Lab() as lab:
        say("two hosts with NetworkManager, on two networks")
        segments = {"192.0.2": lab.segment("red"), "198.51.100": lab.segment("blue")}
        server = make_host(lab, "server", SERVER, segments)
        client = make_host(lab, "client", CLIENT, segments)
        for host in (server, client):
            show(host, "nmcli -f DEVICE,STATE,CONNECTION device | grep -v ^lo")
        configure(server, program, "rhel-server.yaml")
        configure(client, program, "rhel-client.yaml")

        say("iperf3 with MPTCP from client to server")
        listener = server.start(["mptcpize", "run", "iperf3", "--server", "--forceflush"])
        listener.wait_for("Server listening")
        transfer = client.start(["mptcpize", "run", "iperf3", "--client", "192.0.2.1", "--bitrate", "20M",
                                 "--time", "60"])
        try:
            token = wait_for(lambda: several_subflows(client), 15, "a second subflow")
        except LabError:
            print(transfer.text(), client.run(["ss", "-tniHO"]).stdout, sep="\n", file=sys.stderr)
            raise
        show(client, f"ss -tniHO | grep -F /{token} | grep -oE '^ESTAB.*:5201 |flags:[^ ]+ token:[^ ]+' | paste - -")
        print(f"M and J are subflows of the connection with token {token}; e means established")
        for host in (server, client):
            host.run([program, "diff"])  # exits with 2 if the host differs from the configuration
    say("success: two YAML files, and one connection over several subflows")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except LabError as error:
        sys.exit(f"the demonstration failed: {error}")
