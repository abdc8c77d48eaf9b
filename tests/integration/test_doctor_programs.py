# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor for programs: their sockets, and what prevents libmptcpwrap from working."""

from doctor_host import MPTCP, TCP, doctor, listen, pid_of
from node import wait_for


def test_programs_by_pid(pair):
    client, _ = pair
    listen(client, TCP, port=5001)
    plain = pid_of(client, "0.0.0.0 5001")
    assert "APP_USES_TCP" in doctor(client, "--pid", plain)[0]
    listen(client, MPTCP, port=5002)
    assert "APP_USES_TCP" not in doctor(client, "--pid", pid_of(client, "0.0.0.0 5002"))[0]
    assert client.keeper("doctor", "--pid", "999999").returncode == 1


def test_program_of_another_namespace(pair):
    client, _ = pair
    client.start(["unshare", "--net", "sleep", "604"])
    pid = wait_for(lambda: pid_of(client, "sleep 604"), 5)
    wait_for(lambda: "CONTAINER_NAMESPACE" in doctor(client, "--pid", pid)[0], 5, "another namespace")
