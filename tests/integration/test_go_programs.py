# SPDX-License-Identifier: LGPL-2.1-or-later
"""Go programs, which create sockets without libc: Debian's webhook with Go 1.19 and 1.24, and websocketd with Go 1.24,
which uses TCP with any environment.

The oracle is the attribute system.sockprotoname of their listening sockets.
"""

import shutil

import pytest
from debian import unpacked
from doctor_host import doctor, paste, pid_of
from host import keeper_program
from node import LabError, wait_for
from test_programs import claim, protocols

WEBHOOK = ["-verbose", "-hooks=/run/hooks.json", "-ip=127.0.0.1", "-port=5001"]  # without hooks it exits unless verbose
WEBSOCKETD = ["--address=127.0.0.1", "--port=5001", "cat"]


@pytest.fixture
def machine(lab):
    made = lab.host("host")
    made.configure("applications: {units: [web.service]}\n")
    made.write("/run/hooks.json", "[]\n")
    return made


def fetch(host, release, name):
    """Copies the program of that release to /run of the host."""
    try:
        host.run(["cp", unpacked(release, name) / "usr/bin" / name, f"/run/{name}"])
    except LabError as error:
        pytest.skip(f"no {name} of {release}: {error}")


def wait_for_sockets(host, name):
    """The process ID of the program and the protocols of its sockets, once it has any."""
    pid = wait_for(lambda: pid_of(host, f"/run/{name} -"), 20, name)
    return pid, wait_for(lambda: protocols(host, pid), 20, f"sockets of {name}")


def start(host, *command):
    """Starts a program in /run; returns it, its process ID on the host, and the protocols of its sockets."""
    watcher = host.start(command)
    name = next(word for word in command if str(word).startswith("/run/")).removeprefix("/run/")
    return (watcher, *wait_for_sockets(host, name))


def go_finding(host, pid):
    return doctor(host, "--pid", pid)[0]["GO_PROGRAM"]


def unit_state(host, pid):
    """The state and the reason that status reports of a unit that contains the process."""
    claim(host, pid, "web.service")
    unit, = host.keeper("status").json["units"]
    return unit["state"], unit["reason"]


def test_old_go_stays_with_tcp_whatever_is_done(machine):
    fetch(machine, "bookworm", "webhook")
    _, pid, sockets = start(machine, keeper_program(), "run", "--", "/run/webhook", *WEBHOOK)
    assert "GODEBUG=multipathtcp=1" in machine.run(["cat", f"/proc/{pid}/environ"]).stdout and sockets == ["TCP"]
    finding = go_finding(machine, pid)
    assert finding["severity"] == "warning" and "built with Go 1.19" in finding["evidence"]
    assert finding["fix"].startswith("go version /run/webhook ")
    state, reason = unit_state(machine, pid)
    assert state == "ineffective" and "requires Go 1.21 or later" in reason


def test_run_reports_a_go_program_that_is_too_old(machine):
    fetch(machine, "bookworm", "webhook")
    done = machine.run([keeper_program(), "run", "--", "/run/webhook", "-version"])
    assert "/run/webhook was built with Go 1.19" in done.stderr and "requires Go 1.21 or later" in done.stderr
    assert "it runs with TCP" in done.stderr and "mptcp-keeper-bpf" in done.stderr


def test_run_needs_no_library_for_a_new_go_program(machine):
    fetch(machine, "trixie", "webhook")
    machine.run(["sh", "-c", "rm -rf /usr/lib/*/mptcpize /usr/lib/mptcpize"])
    watcher, pid, sockets = start(machine, keeper_program(), "run", "--", "/run/webhook", *WEBHOOK)
    environment = machine.run(["cat", f"/proc/{pid}/environ"]).stdout
    assert sockets == ["MPTCP"] and "LD_PRELOAD" not in environment
    assert "warning" not in watcher.stop()


def test_a_new_go_program_uses_mptcp_after_the_fix(machine):
    fetch(machine, "trixie", "webhook")
    watcher, pid, sockets = start(machine, "/run/webhook", *WEBHOOK)
    finding = go_finding(machine, pid)
    assert finding["severity"] == "warning" and "built with Go 1.24" in finding["evidence"] and sockets == ["TCP"]
    assert unit_state(machine, pid)[0] == "needs-restart"
    watcher.stop()
    machine.start(["sh", "-c", f"exec env {finding['fix']}"])
    pid, sockets = wait_for_sockets(machine, "webhook")
    assert sockets == ["MPTCP"]
    finding = go_finding(machine, pid)
    assert finding["severity"] == "info" and "nevertheless it has 1 MPTCP socket" in finding["evidence"]
    assert unit_state(machine, pid)[0] == "in-effect"


def test_go_that_makes_its_sockets_itself(machine):
    fetch(machine, "trixie", "websocketd")
    _, pid, sockets = start(machine, "env", "GODEBUG=multipathtcp=1", "/run/websocketd", *WEBSOCKETD)
    assert sockets == ["TCP"]
    assert "its environment has GODEBUG=multipathtcp=1" in go_finding(machine, pid)["evidence"]
    state, reason = unit_state(machine, pid)
    assert state == "ineffective" and "GODEBUG=multipathtcp=1" in reason


@pytest.mark.skipif(not shutil.which("mptcpize"), reason="mptcpize is not installed")
def test_preloading_reaches_go_and_does_nothing(machine):
    fetch(machine, "trixie", "websocketd")
    # mptcpize 0.14 sets GODEBUG as well, which is another case
    _, pid, sockets = start(machine, "mptcpize", "run", "env", "--unset=GODEBUG", "/run/websocketd", *WEBSOCKETD)
    assert "libmptcpwrap" in machine.run(["cat", f"/proc/{pid}/maps"]).stdout and sockets == ["TCP"]
    assert "have no effect on it" in go_finding(machine, pid)["evidence"]
    assert unit_state(machine, pid)[0] == "needs-restart"


def test_unit_of_go_gets_its_yaml(machine):
    machine.configure("version: 1\n")
    fetch(machine, "trixie", "webhook")
    _, pid, _ = start(machine, "/run/webhook", *WEBHOOK)
    claim(machine, pid, "web.service")
    finding = go_finding(machine, pid)
    assert finding["fix"] == "applications:\n  units: [web.service]"
    machine.write("/etc/systemd/system/web.service", "[Service]\nExecStart=/bin/true\n")
    paste(machine, finding)
