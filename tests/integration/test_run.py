# SPDX-License-Identifier: LGPL-2.1-or-later
"""run: one program whose TCP sockets become MPTCP sockets, and which is otherwise unchanged."""

import shutil
import signal

import pytest
from host import keeper_program
from node import wait_for

SHOW = ("import os, socket\n"
        "for family in (socket.AF_INET, socket.AF_INET6):\n"
        "    with socket.socket(family, socket.SOCK_STREAM) as one:\n"
        "        print(os.getxattr(f'/proc/self/fd/{one.fileno()}', 'system.sockprotoname').decode().strip('\\0'))\n")

pytestmark = pytest.mark.skipif(not shutil.which("mptcpize"), reason="mptcpize is not installed")


def run(host, *command, wrapper=(), **kwargs):
    return host.run([*wrapper, keeper_program(), "run", "--", *command], check=False, **kwargs)


def test_sockets_are_mptcp(host):
    assert host.run(["/usr/bin/python3", "-c", SHOW]).stdout.split() == ["TCP", "TCPv6"]
    assert run(host, "/usr/bin/python3", "-c", SHOW).stdout.split() == ["MPTCP", "MPTCPv6"]


def test_environment_is_added_to_and_not_doubled(host):
    shown = run(host, keeper_program(), "run", "--", "env",
                wrapper=["env", "LD_PRELOAD=libdl.so.2", "GODEBUG=madvdontneed=1"]).stdout
    values = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    assert values["LD_PRELOAD"].startswith("libdl.so.2:") and values["LD_PRELOAD"].count("libmptcpwrap") == 1
    assert values["GODEBUG"] == "madvdontneed=1,multipathtcp=1"


@pytest.mark.parametrize("code", [0, 3, 255])
def test_exit_code_is_the_programs(host, code):
    assert run(host, "sh", "-c", f"exit {code}").returncode == code


def test_signals_are_the_programs(host):
    assert run(host, "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM
    # signals that mptcp-keeper ignores must not be ignored in the program: a closed pipe ends it
    assert host.run(["bash", "-c", f"{keeper_program()} run -- yes | head -1; echo ${{PIPESTATUS[0]}}"]
                    ).stdout.split() == ["y", str(128 + signal.SIGPIPE)]


def test_arguments_and_input_go_through(host):
    done = run(host, "sh", "-c", 'cat; echo "$1|$2"', "sh", "--json", "--help", input="in\n")
    assert (done.stdout, done.stderr, done.returncode) == ("in\n--json|--help\n", "", 0)


@pytest.mark.parametrize("ours", [[], ["--log-level", "error"], ["--json"], ["--log-level=error", "--"]])
def test_all_arguments_after_the_program_are_passed_to_it(host, ours):
    theirs = ["--version", "--json", "--", "--log-level", "run"]
    done = host.run([keeper_program(), "run", *ours, "echo", *theirs, "--no-such-option"])
    assert done.stdout == " ".join([*theirs, "--no-such-option"]) + "\n"
    done = host.run([keeper_program(), "run", *ours, "iperf3", "--version"])
    assert done.stdout.startswith("iperf ")


def test_options_before_the_program_are_the_keepers(host):
    assert host.run([keeper_program(), "run", "--version", "iperf3"]).stdout.startswith("mptcp-keeper ")
    assert "Exit codes" in host.run([keeper_program(), "run", "--help", "iperf3"]).stdout


def test_program_that_cannot_be_run(host):
    assert run(host, "no-such-program").returncode == 127
    assert run(host, "/etc/passwd").returncode == 126
    assert "cannot run /etc/passwd" in run(host, "/etc/passwd").stderr


def test_it_works_with_a_broken_configuration_and_without_network_manager(host):
    host.configure("limits: [\n")
    host.stop_network_manager()
    assert run(host, "/usr/bin/python3", "-c", SHOW).stdout.split() == ["MPTCP", "MPTCPv6"]


def test_with_mptcp_off_the_program_runs_with_tcp(host):
    host.sysctl("net.mptcp.enabled", 0)
    done = run(host, "/usr/bin/python3", "-c", SHOW)
    assert done.stdout.split() == ["TCP", "TCPv6"]
    assert "net.mptcp.enabled is not 1" in done.stderr


def test_without_the_library_it_names_the_package(host):
    host.run(["sh", "-c", "rm -rf /usr/lib/*/mptcpize /usr/lib/mptcpize"])
    done = run(host, "true")
    assert done.returncode == 1 and "install the package mptcpize" in done.stderr


def test_iperf3_runs_over_mptcp(host):
    server = host.start([keeper_program(), "run", "--", "iperf3", "-s", "-1"])
    wait_for(lambda: ":5201" in host.run(["ss", "-MlnH"]).stdout, 5, "an MPTCP listener")
    # without -i 0, with which iperf3 3.18 never ends, even over TCP
    assert run(host, "iperf3", "-c", "127.0.0.1", "-n", "1M").returncode == 0
    server.stop()


@pytest.mark.parametrize("record", ["{{{", "{\"version\": 99}"])
def test_it_works_with_an_unreadable_record(host, record):
    host.write("/var/lib/mptcp-keeper/state.json", record)
    done = run(host, "/usr/bin/python3", "-c", SHOW)
    assert (done.stdout.split(), done.stderr) == (["MPTCP", "MPTCPv6"], "")
