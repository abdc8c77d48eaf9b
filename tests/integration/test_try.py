# SPDX-License-Identifier: LGPL-2.1-or-later
"""`try`, `confirm` and `revert`: whatever happens to command and daemon, the host is restored at the deadline."""

import datetime
import json
import os
import pty
import re
import select
import signal
import subprocess

import pytest
from daemon_host import CONFIG, RECORD, Daemon, all_is_right
from host import keeper_program
from node import end_group, only_child, wait_for

FILE = "/run/candidate.yaml"
CANDIDATE = """
sysctl: {add_addr_timeout: 77}
limits: {subflows: 6}
endpoints:
  - {address: 203.0.113.77, flags: [signal]}
  - {address: 10.9.9.9, state: absent}
profiles:
  - match: {name: wan1}
    mptcp-flags: [subflow, backup, also-without-default-route]
"""


@pytest.fixture
def candidate(wan):
    """The host with an endpoint of another program, and a candidate that is not installed."""
    wan.ip("mptcp endpoint add 10.9.9.9 signal")
    wan.write(FILE, CANDIDATE)
    return wan


def state(host):
    """What the kernel and NetworkManager show; without the ids of NetworkManager's endpoints, which change whenever it
    creates them again."""
    own = {address: entry for address, entry in host.endpoints().items() if not address.startswith(("192.", "198."))}
    return (host.run(["sysctl", "net.mptcp"]).stdout, host.limits(), own, host.endpoint_flags(),
            {name: host.stored_flags(name) for name in ("wan1", "wan2")},
            {device: host.live_flags(device) for device in ("enp1s0", "enp2s0")})


def shows_candidate(host):
    flags = host.endpoint_flags()
    return (host.sysctl("net.mptcp.add_addr_timeout") == "77" and host.limits()["subflows"] == 6
            and flags.get("203.0.113.77") == {"signal"} and "10.9.9.9" not in flags
            and host.stored_flags("wan1") == {"subflow", "backup", "also-without-default-route"}
            and flags.get("192.0.2.1") == {"subflow", "backup"})


def clock_processes(host):
    found = host.run(["pgrep", "-f", "revert --at-deadline"], check=False)
    return [int(pid) for pid in found.stdout.split()]


def kill_clock(host):
    pid, = clock_processes(host)
    host.run(["kill", "-KILL", str(pid)])


def start_try(host, *options):
    """Starts a try that waits, and returns once it is pending."""
    watcher = host.start([keeper_program(), "try", FILE, *options])
    watcher.wait_for("unless confirmed", 10)
    return watcher


def expect_restored(host, before, deadline=15):
    wait_for(lambda: state(host) == before, deadline, "the host as it was before the try")
    wait_for(lambda: not clock_processes(host), 5, "the end of the process that holds the clock")
    assert not host.path("/run/mptcp-keeper/try").exists()


def restart_daemon(daemon):
    """Kills the daemon and starts another one on the same files."""
    daemon.stop(signal.SIGKILL)
    daemon.host.path(RECORD).unlink()  # of the killed one
    return Daemon(daemon.host)


def is_pending(host):
    return host.keeper("status").json["try"]["pending"]


@pytest.fixture(params=["daemon", "without a daemon"])
def tried_host(request, candidate):
    """The host with and without a daemon that enforces the installed file."""
    if request.param == "daemon":
        candidate.daemon = Daemon(candidate, CONFIG)
        wait_for(lambda: all_is_right(candidate), 10, "the first round")
        candidate.daemon.wait_until_idle()
    else:
        candidate.daemon = None
    return candidate


def test_it_is_taken_back_at_the_deadline(tried_host):
    before = state(tried_host)
    done = tried_host.keeper("try", FILE, "--detach", "--timeout", "4s")
    assert (done.returncode, done.json["failed"], done.json["verified"]) == (0, False, True)
    shown = {"pending": True, "deadline": done.json["try"]["deadline"], "file": FILE}
    assert done.json["try"] == {**shown, "outcome": None}
    deadline = datetime.datetime.fromisoformat(done.json["try"]["deadline"].replace("Z", "+00:00"))
    left = deadline - datetime.datetime.now(datetime.timezone.utc)
    assert left <= datetime.timedelta(seconds=5)
    assert shows_candidate(tried_host)
    assert tried_host.keeper("status").json["try"] == shown
    assert "mptcp_keeper_try_pending 1" in tried_host.run([keeper_program(), "metrics"]).stdout.splitlines()
    expect_restored(tried_host, before)
    if tried_host.daemon:
        record = wait_for(lambda: (r := tried_host.daemon.record())["tried_file"] == "" and r, 5, "the earlier file")
        assert record["repairs"] == 0
        assert tried_host.keeper("status").json["loaded"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_restores_at_once(tried_host, number):
    before = state(tried_host)
    watcher = start_try(tried_host, "--timeout", "10m")
    assert shows_candidate(tried_host)
    watcher.send(number)
    assert watcher.process.wait(10) == 3
    assert state(tried_host) == before
    assert "reverted" in watcher.text()
    expect_restored(tried_host, before)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_a_lost_shell_leaves_the_clock_running(tried_host, number):
    before = state(tried_host)
    watcher = start_try(tried_host, "--timeout", "4s")
    watcher.send(number)
    watcher.process.wait(5)
    assert is_pending(tried_host)
    expect_restored(tried_host, before)


def test_confirmed_by_another_shell_it_stays(tried_host):
    watcher = start_try(tried_host, "--timeout", "10m")
    confirmed = tried_host.keeper("confirm")
    assert confirmed.returncode == 0
    assert watcher.process.wait(5) == 0
    assert shows_candidate(tried_host)
    assert not is_pending(tried_host)
    wait_for(lambda: not clock_processes(tried_host), 5, "the end of the process that holds the clock")
    again = tried_host.keeper("confirm")
    assert (again.returncode, tried_host.keeper("revert").returncode) == (1, 1)
    status = tried_host.keeper("status").json
    if tried_host.daemon:
        assert (status["loaded"], status["try"]["file"]) == (False, FILE)
        assert status["daemon"]["repairs"] == 0
    # The printed command makes it permanent.
    command = re.search(r"`(install [^`]*)`", confirmed.stderr).group(1)
    tried_host.run(["sh", "-c", command])
    applied = tried_host.keeper("apply")
    assert (applied.returncode, applied.json["changed"]) == (0, False), applied.json
    status = tried_host.keeper("status")
    assert (status.returncode, status.json["loaded"], status.json["try"]["file"]) == (0, True, None)


def test_reverted_by_another_shell(tried_host):
    before = state(tried_host)
    watcher = start_try(tried_host, "--timeout", "10m")
    reverted = tried_host.keeper("revert")
    assert (reverted.returncode, reverted.json["verified"]) == (0, True)
    assert watcher.process.wait(5) == 3
    expect_restored(tried_host, before)


def test_other_changes_are_refused_and_name_the_deadline(tried_host):
    before = state(tried_host)
    assert tried_host.keeper("try", FILE, "--detach", "--timeout", "10m").returncode == 0
    for command in (["apply"], ["apply", "--config", FILE], ["reset"], ["try", FILE, "--detach"]):
        refused = tried_host.keeper(*command)
        assert refused.returncode == 1, command
        assert re.search(r"a try is pending until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", refused.stderr), refused.stderr
    assert tried_host.keeper("apply", "--dry-run").returncode in (0, 2)
    if tried_host.daemon:
        tried_host.daemon.send(signal.SIGHUP)
        tried_host.daemon.wait_for_line("not loaded", "a try is pending")
    assert shows_candidate(tried_host)
    assert tried_host.keeper("revert").returncode == 0
    expect_restored(tried_host, before)


def test_a_candidate_that_cannot_be_applied_is_taken_back_at_once(tried_host):
    before = state(tried_host)
    used = tried_host.endpoints()["10.9.9.9"]["id"]
    tried_host.write(FILE, CANDIDATE.replace("{address: 10.9.9.9, state: absent}",
                                             f"{{address: 203.0.113.78, flags: [signal], id: {used}}}"))
    done = tried_host.keeper("try", FILE, "--detach")
    assert (done.returncode, done.json["failed"], done.json["try"]["outcome"]) == (1, True, "reverted")
    assert f"id {used} is already used" in done.stderr
    expect_restored(tried_host, before)


def test_an_invalid_file_changes_nothing(tried_host):
    before = state(tried_host)
    tried_host.write(FILE, "sysctl: {add_addr_timeout: many}\n")
    done = tried_host.keeper("try", FILE)
    assert done.returncode == 65
    assert f"{FILE}:1:" in done.stderr
    expect_restored(tried_host, before)


def test_without_the_clock_the_waiting_command_restores(candidate):
    before = state(candidate)
    watcher = start_try(candidate, "--timeout", "2s")
    kill_clock(candidate)
    assert watcher.process.wait(30) == 3
    expect_restored(candidate, before)


def test_time_in_suspend_counts(candidate):
    """CLOCK_BOOTTIME advances in suspend, CLOCK_MONOTONIC does not; a time namespace moves each of them."""
    before = state(candidate)
    assert candidate.keeper("try", FILE, "--detach", "--timeout", "10m").returncode == 0
    kill_clock(candidate)
    later = ["unshare", "--time", "--fork"]
    late = candidate.keeper("confirm", wrapper=[*later, "--boottime", "700"])
    assert (late.returncode, "the deadline has passed" in late.stderr) == (1, True)
    clock = candidate.start([*later, "--monotonic", "700", keeper_program(), "revert", "--at-deadline"])
    wait_for(lambda: clock_processes(candidate), 5, "a process that holds the clock")
    assert candidate.keeper("try", FILE, "--detach").returncode == 1
    assert shows_candidate(candidate)
    clock.stop()
    candidate.start([*later, "--boottime", "700", keeper_program(), "revert", "--at-deadline"])
    expect_restored(candidate, before)


@pytest.mark.parametrize("trouble", ["clock killed", "daemon killed", "daemon stopped", "daemon restarted",
                                     "daemon frozen", "NetworkManager restarted"])
def test_whatever_happens_the_host_is_restored(daemon, candidate, trouble):
    before = state(candidate)
    assert candidate.keeper("try", FILE, "--detach", "--timeout", "5s").returncode == 0
    assert shows_candidate(candidate)
    if trouble == "clock killed":
        kill_clock(candidate)
    elif trouble == "daemon killed":
        daemon.stop(signal.SIGKILL)
    elif trouble == "daemon stopped":
        assert daemon.stop() == 0
    elif trouble == "daemon restarted":
        again = restart_daemon(daemon)
        again.wait_until_idle()
        assert again.record()["tried_file"] == FILE
        assert shows_candidate(candidate)
    elif trouble == "daemon frozen":
        daemon.send(signal.SIGSTOP)
    else:
        candidate.restart_network_manager()
    expect_restored(candidate, before, 30)
    if trouble == "daemon frozen":
        daemon.send(signal.SIGCONT)
        os.killpg(daemon.watcher.process.pid, signal.SIGCONT)
        daemon.wait_until_idle()
        assert state(candidate) == before, "it enforces the earlier file"


def test_a_daemon_that_starts_after_the_deadline_reverts(daemon, candidate):
    before = state(candidate)
    begun = candidate.keeper("try", FILE, "--detach", "--timeout", "3s")
    kill_clock(candidate)  # no one is left who could revert in time
    daemon.stop(signal.SIGKILL)
    deadline = datetime.datetime.fromisoformat(begun.json["try"]["deadline"].replace("Z", "+00:00"))
    wait_for(lambda: datetime.datetime.now(datetime.timezone.utc) > deadline, 10, "the deadline")
    assert shows_candidate(candidate)
    late = candidate.keeper("confirm")
    assert (late.returncode, "the deadline has passed" in late.stderr) == (1, True)
    candidate.path(RECORD).unlink()
    Daemon(candidate).wait_until_idle()
    expect_restored(candidate, before)


def test_the_daemon_enforces_the_candidate_meanwhile(daemon, candidate):
    before = state(candidate)
    assert candidate.keeper("try", FILE, "--detach", "--timeout", "10m").returncode == 0
    assert daemon.record()["repairs"] == 0, "the candidate is no drift"
    candidate.sysctl("net.mptcp.add_addr_timeout", 99)
    candidate.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: shows_candidate(candidate), 10, "the candidate again")
    assert candidate.keeper("revert").returncode == 0
    expect_restored(candidate, before)
    daemon.wait_until_idle()
    assert state(candidate) == before


def test_files_on_disk_that_were_taken_back_wait_for_a_request(daemon, candidate):
    before = state(candidate)
    candidate.configure(CANDIDATE)
    assert candidate.keeper("try", "--detach", "--timeout", "10m").returncode == 0
    assert shows_candidate(candidate)
    assert candidate.keeper("revert").returncode == 0
    expect_restored(candidate, before)
    again = restart_daemon(daemon)
    again.wait_for_line("were tried and taken back")
    again.wait_until_idle()
    assert state(candidate) == before
    assert not candidate.keeper("status").json["loaded"]
    assert candidate.keeper("apply").returncode == 0
    assert shows_candidate(candidate)


def test_users_see_that_a_try_is_pending_and_cannot_end_it(candidate):
    program = candidate.install_keeper()
    assert candidate.keeper("try", FILE, "--detach", "--timeout", "10m").returncode == 0
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    status = json.loads(candidate.run([*user, program, "--json", "status"], check=False).stdout)
    assert status["try"]["pending"]
    for command in ("confirm", "revert"):
        assert candidate.run([*user, program, command], check=False).returncode == 77
    assert candidate.run([*user, "cat", "/run/mptcp-keeper/try.record"], check=False).returncode == 1
    assert candidate.keeper("revert").returncode == 0


def test_the_dispatcher_does_nothing_while_a_try_is_pending(daemon, candidate):
    script = os.environ["KEEPER_SOURCE_DIR"] + "/dispatcher.d/90-mptcp-keeper"
    assert candidate.keeper("try", FILE, "--detach", "--timeout", "10m").returncode == 0
    poke = candidate.path("/run/mptcp-keeper/poke")
    before = poke.stat().st_mtime_ns
    candidate.run([script, "enp1s0", "up"])
    assert poke.stat().st_mtime_ns == before
    assert candidate.keeper("confirm").returncode == 0
    candidate.run([script, "enp1s0", "up"])
    assert poke.stat().st_mtime_ns != before


class Terminal:
    """A try on a terminal of its own."""

    def __init__(self, host, *options):
        self.master, self.slave = pty.openpty()
        command = ["env", "TERM=xterm", "setsid", "--ctty", "--wait", keeper_program(), "try", FILE, *options]
        self.process = subprocess.Popen(host.enter(command), stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                        start_new_session=True)
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end_group(self.process)
        os.close(self.master)
        os.close(self.slave)

    def wait_for(self, pattern, deadline=15):
        def found():
            if select.select([self.master], [], [], 0)[0]:
                self.shown += os.read(self.master, 65536).decode(errors="replace")
            return re.search(pattern, self.shown)
        return wait_for(found, deadline, f"{pattern} on the terminal: {self.shown!r}")

    def type(self, text):
        os.write(self.master, text.encode())


def test_enter_confirms_on_a_terminal_which_shows_the_time_left(candidate):
    with Terminal(candidate, "--timeout", "60s") as terminal:
        first = int(terminal.wait_for(r"taken back in (\d+) s").group(1))
        assert 50 <= first <= 60
        terminal.wait_for(rf"taken back in {first - 2} s")
        terminal.type("\n")
        terminal.wait_for("confirmed")
        assert terminal.process.wait(10) == 0
    assert shows_candidate(candidate)


def test_the_end_of_the_input_means_nothing(candidate):
    before = state(candidate)
    with Terminal(candidate, "--timeout", "6s") as terminal:
        terminal.wait_for(r"taken back in \d+ s")
        terminal.type("\x04")  # Ctrl-D
        terminal.wait_for("reverted", 20)
        assert terminal.process.wait(10) == 3
    expect_restored(candidate, before)
    # A line from something that is no terminal does not confirm either.
    piped = candidate.run(["sh", "-c", f"echo | {keeper_program()} try {FILE} --timeout 2s"], check=False, timeout=30)
    assert piped.returncode == 3
    expect_restored(candidate, before)


def test_ctrl_c_restores(candidate):
    before = state(candidate)
    with Terminal(candidate, "--timeout", "60s") as terminal:
        terminal.wait_for(r"taken back in \d+ s")
        terminal.type("\x03")
        terminal.wait_for("reverted")
        assert terminal.process.wait(10) == 3
    expect_restored(candidate, before)
