#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Creates MPTCP connections for tests.

    mptcp_peer.py serve PORT                       accepts, answers each byte, holds every connection
    mptcp_peer.py serve_tcp PORT                   the same with plain TCP
    mptcp_peer.py connect ADDRESS PORT COUNT       opens COUNT connections, prints "ready", holds them
    mptcp_peer.py storm PORT COUNT RATE            both ends on loopback: opens and closes COUNT connections,
                                                   about RATE per second, and prints the elapsed time
    mptcp_peer.py pairs PORT COUNT                 both ends on loopback: holds COUNT connections

Ends when its standard input is closed or when it is terminated.
"""

import resource
import signal
import socket
import sys
import time

IPPROTO_MPTCP = 262


def new_socket(family, protocol=IPPROTO_MPTCP):
    """Creates a socket of that family."""
    return socket.socket(family, socket.SOCK_STREAM, protocol)


def listen(port, protocol=IPPROTO_MPTCP):
    """A listener for both families."""
    listener = new_socket(socket.AF_INET6, protocol)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", port))
    listener.listen(4096)
    return listener


def exchange(one, other):
    """Sends a byte in each direction: only then is a connection fully established at both ends."""
    one.send(b"x")
    other.recv(1)
    other.send(b"y")
    one.recv(1)


def serve(port, protocol=IPPROTO_MPTCP):
    """Accepts connections forever."""
    listener, held = listen(port, protocol), []
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        connection.send(connection.recv(1))
        held.append(connection)


def serve_tcp(port):
    """Accepts connections forever, without MPTCP."""
    serve(port, socket.IPPROTO_TCP)


def connect(address, port, count):
    """Opens and holds connections to a server."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    held = []
    for _ in range(count):
        client = new_socket(family)
        client.connect((address, port))
        client.send(b"x")
        client.recv(1)
        held.append(client)
    print("ready", flush=True)
    signal.pause()


def pair(listener, port):
    """Opens both ends of a connection on loopback."""
    client = new_socket(socket.AF_INET)
    client.connect(("127.0.0.1", port))
    server, _ = listener.accept()
    exchange(client, server)
    return client, server


def pairs(port, count):
    """Opens and holds many connections."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    listener = listen(port)
    held = [pair(listener, port) for _ in range(count)]
    print("ready", len(held), flush=True)
    signal.pause()


def storm(port, count, rate):
    """Opens and closes connections."""
    listener, start = listen(port), time.monotonic()
    for number in range(count):
        client, server = pair(listener, port)
        client.close()
        server.close()
        ahead = number / rate - (time.monotonic() - start)
        if ahead > 0:
            time.sleep(ahead)
    print(f"{count} connections in {time.monotonic() - start:.2f} s", flush=True)


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    numbers = [word if "." in word or ":" in word else int(word) for word in words]
    {"serve": serve, "serve_tcp": serve_tcp, "connect": connect, "storm": storm, "pairs": pairs}[command](*numbers)
