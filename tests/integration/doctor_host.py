# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor in the lab: its findings, servers and connections for it to inspect, and pasting its fixes."""

import os
import re
import shutil

import pytest
from host import keeper_program
from node import wait_for

MPTCP, TCP = 262, 0
UNKNOWN = re.compile(r"\b(ADDRESS|INTERFACE|GATEWAY|LENGTH|HOST|PORT|PEER|ENDPOINT|UNIT)\b")  # placeholders
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
CONNECT = """
import signal, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.settimeout(15)
s.connect((sys.argv[1], 5000))
s.send(b"x" * 1000)
signal.signal(signal.SIGUSR1, lambda *_: [s.send(b"x" * 1000) for _ in range(20)])
print("sent", flush=True)
while True:
    signal.pause()
"""


def listen(host, protocol, address="0.0.0.0", port=5000, python="/usr/bin/python3"):
    """Starts a server with that protocol; returns its process ID on the host."""
    server = host.start([python, "-c", SOCKET, str(protocol), address, str(port)])
    server.wait_for("ready")
    return server


def pid_of(host, needle):
    """The process ID on the host of the process whose command line contains the text, or None."""
    shown = host.run(["sh", "-c", "for p in /proc/[0-9]*; do printf '%s ' ${p#/proc/}; "
                      "tr '\\0\\n' '  ' <$p/cmdline; echo; done"], check=False).stdout
    return next((line.split()[0] for line in shown.splitlines() if needle in line and "for p in" not in line), None)


def doctor(host, *arguments, **kwargs):
    """Runs doctor; returns {code: finding} and the whole document."""
    done = host.keeper("doctor", *arguments, **kwargs)
    assert done.json is not None and done.returncode in (0, 2), done.stderr
    assert set(done.json) >= {"healthy", "findings", "skipped"}
    bad = [f for f in done.json["findings"] if f["severity"] != "info"]
    assert done.json["healthy"] == (not bad) == (done.returncode == 0)
    for finding in done.json["findings"]:
        assert list(finding) == ["code", "severity", "subject", "evidence", "fix"] and all(finding.values())
    return {finding["code"]: finding for finding in done.json["findings"]}, done.json


def is_bad(host, code):
    """Whether doctor reports it as a warning or an error, not only as info."""
    return any(one["code"] == code and one["severity"] != "info" for one in doctor(host)[1]["findings"])


def paste(host, finding, code=0, **known):
    """Pastes the fix: YAML into a configuration file that is applied, a command into a shell, which exits with
    `code`. `known` maps the placeholders of the fix to what only the administrator knows."""
    fix = finding["fix"]
    for word, value in known.items():
        assert word in fix, fix
        fix = fix.replace(word, value)
    assert not UNKNOWN.search(fix.partition("   #")[0]), f"cannot be pasted: {fix}"
    if re.match(r"(sysctl|limits|endpoints|profiles|applications):", fix):
        host.write("/etc/mptcp-keeper/conf.d/90-pasted.yaml", fix + "\n")
        done = host.keeper("apply")
        assert done.returncode == 0, done.stderr
        return done.stdout
    host.run(["mkdir", "-p", "/run/bin"])
    host.run(["ln", "-sf", keeper_program(), "/run/bin/mptcp-keeper"])
    done = host.run(["env", f"PATH=/run/bin:{os.environ['PATH']}", "sh", "-c", fix], check=False)
    assert done.returncode == code, (fix, done.stdout, done.stderr)
    return done.stdout


def connect(client, address="192.0.2.1"):
    """Opens and holds one MPTCP connection."""
    connection = client.start(["/usr/bin/python3", "-c", CONNECT, address])
    connection.wait_for("sent", 20)
    return connection


def filter_in(node, chain, rule, family="inet", kind="filter"):
    """Adds an nft rule in its own chain."""
    if not shutil.which("nft"):
        pytest.skip("nft is not installed")
    node.run(["nft", f"add table {family} t; add chain {family} t {chain} "
              f"{{type {kind} hook {chain} priority 0;}}; add rule {family} t {chain} {rule}"])


def wait_for_code(host, code, deadline=10):
    return wait_for(lambda: doctor(host)[0].get(code), deadline, f"{code} on {host.name}")
