# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that LD_PRELOAD affects, and programs that it does not: their sockets, and what is reported of them.

Each program listens on one TCP port; the oracle is the attribute system.sockprotoname.
"""

import re
import shutil
import subprocess

import pytest
from doctor_host import doctor
from host import keeper_program
from node import wait_for
from oracles import SystemCalls

SOURCE = r"""
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(listener, 8) != 0)
        return 1;
    printf("pid %d\n", (int)getpid());
    fflush(stdout);
    pause();
    return 0;
}
"""
PROTOCOLS = """
import os, sys
for fd in os.listdir(f"/proc/{sys.argv[1]}/fd"):
    try:
        print(os.getxattr(f"/proc/{sys.argv[1]}/fd/{fd}", "system.sockprotoname").decode().strip("\\0"))
    except OSError:
        pass  # no socket
"""
AS_NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
UNITS = "applications: {units: ['demo*.service']}\n"

pytestmark = pytest.mark.skipif(not shutil.which("mptcpize"), reason="mptcpize is not installed")


@pytest.fixture
def machine(lab):
    """A host without NetworkManager, with the program in /run: dynamic, setuid and static."""
    made = lab.host("host")
    made.write("/run/listen.c", SOURCE)
    compile_program(made, "/run/listener")
    made.run(["sh", "-c", "cp /run/listener /run/setuid-listener && chmod 4755 /run/setuid-listener"])
    return made


def compile_program(host, program, *options):
    built = subprocess.run(["cc", *options, "-o", host.path(program), host.path("/run/listen.c")], check=False,
                           capture_output=True, text=True)
    if built.returncode != 0:
        pytest.skip(f"cc {' '.join(options)} does not work here: {built.stderr}")


def start(host, *command):
    """Starts the program; returns its process ID on the host."""
    watcher = host.start(command)
    return wait_for(lambda: watcher.text().partition("pid ")[2].partition("\n")[0], 10, f"{command} to listen")


def run(host, *command):
    return start(host, keeper_program(), "run", "--", *command)


def protocols(host, pid):
    return host.run(["/usr/bin/python3", "-c", PROTOCOLS, pid]).stdout.split()


def test_a_dynamic_program_uses_mptcp(machine):
    pid = run(machine, "/run/listener")
    assert protocols(machine, pid) == ["MPTCP"]
    assert not {"PRELOAD_INEFFECTIVE", "APP_USES_TCP"} & set(doctor(machine, "--pid", pid)[0])


def test_a_static_program_stays_with_tcp(machine):
    compile_program(machine, "/run/static-listener", "-static")
    pid = run(machine, "/run/static-listener")
    assert protocols(machine, pid) == ["TCP"]
    assert "is statically linked" in doctor(machine, "--pid", pid)[0]["PRELOAD_INEFFECTIVE"]["evidence"]


def test_a_setuid_program_stays_with_tcp(machine):
    pid = run(machine, *AS_NOBODY, "/run/setuid-listener")
    assert protocols(machine, pid) == ["TCP"]
    assert "is setuid, setgid" in doctor(machine, "--pid", pid)[0]["PRELOAD_INEFFECTIVE"]["evidence"]


def test_a_setuid_program_of_its_owner_uses_mptcp(machine):
    pid = run(machine, "/run/setuid-listener")
    assert protocols(machine, pid) == ["MPTCP"]
    assert "PRELOAD_INEFFECTIVE" not in doctor(machine, "--pid", pid)[0]


def test_a_program_started_through_the_loader_uses_mptcp(machine):
    loader = re.search(r"^\s*(/\S*/ld\S*) \(", machine.run(["ldd", "/run/listener"]).stdout, re.MULTILINE)[1]
    pid = run(machine, loader, "/run/listener")
    assert protocols(machine, pid) == ["MPTCP"]
    assert "PRELOAD_INEFFECTIVE" not in doctor(machine, "--pid", pid)[0]


def claim(host, pid, unit):
    """Makes /proc say that a process is of a unit."""
    text = host.write(f"/run/cgroup-of-{pid}", f"0::/system.slice/{unit}\n")
    host.run(["mount", "--bind", text, f"/proc/{pid}/cgroup"])


def test_status_shows_why_a_unit_is_not_in_effect(machine):
    compile_program(machine, "/run/static-listener", "-static")
    expected = {}
    for name, command, state, reason in (
            ("in-effect", [keeper_program(), "run", "--", "/run/listener"], "in-effect", ""),
            ("plain", ["/run/listener"], "needs-restart", "it is running without MPTCP"),
            ("static", ["/run/static-listener"], "ineffective", "is statically linked"),
            ("setuid", [*AS_NOBODY, "/run/setuid-listener"], "ineffective", "is setuid, setgid or has capabilities")):
        claim(machine, start(machine, *command), f"demo-{name}.service")
        expected[f"demo-{name}.service"] = (state, reason)
    units = {unit["unit"]: unit for unit in machine.keeper("status", config=UNITS).json["units"]}
    assert units.keys() == expected.keys()
    for name, (state, reason) in expected.items():
        assert units[name]["state"] == state and reason in (units[name]["reason"] or "")


@pytest.mark.parametrize("command", ["status", "diff", "apply"])
def test_only_programs_of_declared_units_are_looked_at(machine, command):
    start(machine, "/run/listener")
    pid = start(machine, "/run/listener")
    claim(machine, pid, "demo.service")
    trace = SystemCalls(machine)
    machine.keeper(command, config=UNITS, wrapper=trace.wrapper)
    looked_at = {line.split('"')[1].split("/")[2] for line in trace.touches("/maps") if '"/proc/' in line}
    assert looked_at == {pid}


@pytest.mark.parametrize("command", ["status", "diff", "apply"])
def test_without_units_no_process_is_read(machine, command):
    trace = SystemCalls(machine)
    machine.keeper(command, config="sysctl: {enabled: true}\n", wrapper=trace.wrapper)
    assert trace.touches("net/mptcp") and not trace.touches('"/proc"') and not trace.touches("/cgroup")
