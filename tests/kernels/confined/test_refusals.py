# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the policy denies: to our domains, and to others. Each program runs as root with all capabilities."""

import pytest
from domains import KEEPER, METRICS, OTHER, READ, denials, errors_of, wait_for_metrics
from this_host import systemctl

APPEND = "open(path, 'a')"
CONNECT = "socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(path)"
CREATE = "os.close(os.open(path, os.O_CREAT | os.O_WRONLY))"
DENIED = {
    "the keeper reads passwords": (KEEPER, READ, "/etc/shadow"),
    "the keeper writes its configuration": (KEEPER, APPEND, "/etc/mptcp-keeper/config.yaml"),
    "the keeper creates a file in /etc": (KEEPER, CREATE, "/etc/created"),
    "the keeper changes a program": (KEEPER, APPEND, "/usr/sbin/mptcp-keeper"),
    "the keeper writes another sysctl": (KEEPER, APPEND, "/proc/sys/kernel/core_pattern"),
    "another service talks to the daemon": (OTHER, CONNECT, "/run/mptcp-keeper/daemon.socket"),
    "another service wakes the daemon": (OTHER, APPEND, "/run/mptcp-keeper/poke"),
    "another service changes the configuration": (OTHER, APPEND, "/etc/mptcp-keeper/config.yaml"),
    "another service changes the record": (OTHER, APPEND, "/var/lib/mptcp-keeper/state.json"),
    "another service adds a configuration file": (OTHER, CREATE, "/etc/mptcp-keeper/conf.d/10-other.yaml")}
MAY = {
    "the keeper reads its configuration": (KEEPER, READ, "/etc/mptcp-keeper/config.yaml"),
    "the keeper changes its record": (KEEPER, APPEND, "/var/lib/mptcp-keeper/state.json"),
    "the keeper talks to the daemon": (KEEPER, CONNECT, "/run/mptcp-keeper/daemon.socket"),
    "another service reads the metrics": (OTHER, READ, METRICS)}


@pytest.fixture(scope="module")
def errors():
    """{attempt: its error, or None}."""
    systemctl("start", "mptcp-keeper.service")
    found = {}
    try:
        wait_for_metrics(METRICS)
        for kind in (KEEPER, OTHER):
            chosen = {name: attempt[1:] for name, attempt in {**MAY, **DENIED}.items() if attempt[0] == kind}
            found.update(zip(chosen, errors_of(kind, list(chosen.values()))))
    finally:
        systemctl("stop", "mptcp-keeper.service")
    return found


@pytest.mark.parametrize("attempt", MAY)
def test_it_may(errors, attempt):
    assert errors[attempt] is None


@pytest.mark.parametrize("attempt", DENIED)
def test_it_may_not(errors, attempt):
    assert errors[attempt] == "Permission denied"


def test_denials_name_the_domains():
    shown = "\n".join(denials())
    for source, target in (("mptcp_keeper_t", "shadow_t"), ("systemd_hostnamed_t", "mptcp_keeper_conf_t")):
        assert f"scontext=system_u:system_r:{source}:s0 tcontext=system_u:object_r:{target}:s0" in shown
