# SPDX-License-Identifier: LGPL-2.1-or-later
"""`apply` while the daemon runs: the daemon loads what was applied before anything else can be written."""

import os
import random
import signal
import time

import pytest
from daemon_host import Daemon
from host import keeper_program
from node import wait_for
from oracles import BusCalls

FLAGS = (["signal", "also-without-default-route"], ["subflow", "also-without-default-route"])
NAMES = ("wan1", "wan2")
LOCK = "/run/mptcp-keeper/lock"
OTHER_PROGRAM = "99"


def config(version, more=""):
    """A configuration whose values, including profiles, alternate with the version."""
    return (f"sysctl: {{add_addr_timeout: {1000 + version}}}\n"
            f"limits: {{subflows: {1 + version % 7}, add_addr_accepted: 3}}\n"
            f"endpoints: [{{address: 203.0.113.{1 + version % 200}, flags: [signal]}}]\n"
            f"profiles: [{{match: {{name: 'wan*'}}, mptcp-flags: [{', '.join(FLAGS[version % 2])}]}}]\n{more}")


def shows(host, version):
    return (host.sysctl("net.mptcp.add_addr_timeout") == str(1000 + version)
            and host.limits()["subflows"] == 1 + version % 7
            and f"203.0.113.{1 + version % 200}" in host.endpoints()
            and all(host.stored_flags(name) == set(FLAGS[version % 2]) for name in NAMES))


@pytest.fixture
def daemon(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.add_profile("wan2", "enp2s0", "198.51.100.1/24", flags="subflow,also-without-default-route")
    made = Daemon(host, config(0))
    wait_for(lambda: shows(host, 0), 10, "the first round")
    made.wait_until_idle()
    return made


def stop_process(daemon):
    """Sends SIGSTOP; nsenter, which started the daemon, stops with it."""
    os.kill(daemon.pid, signal.SIGSTOP)


def continue_process(daemon):
    os.kill(daemon.pid, signal.SIGCONT)
    os.killpg(daemon.watcher.process.pid, signal.SIGCONT)


def poke(host):
    host.path("/run/mptcp-keeper/poke").write_text("")


def complaints(daemon):
    return [line for line in daemon.log() if "repaired" in line or "keeps being changed" in line or "drifted" in line]


def test_two_hundred_applies_are_neither_undone_nor_taken_for_drift(daemon):
    host = daemon.host
    calls = BusCalls(host)
    seed = 7
    events = random.Random(seed)
    applies = 200
    for version in range(1, applies + 1):
        host.configure(config(version))
        if events.random() < 0.3:
            poke(host)
        done = host.keeper("apply")
        assert done.returncode == 0, (seed, version, done.stdout, done.stderr)
        if events.random() < 0.3:
            poke(host)
        if version % 4 == 0:
            difference = host.keeper("diff")
            assert difference.returncode == 0, (seed, version, difference.stdout)
    daemon.wait_until_idle()
    written = calls.stop_and_list_writes()
    assert shows(host, applies)
    assert written.count("Update2") == written.count("Reapply") == applies * len(NAMES)
    record = daemon.record()
    assert (record["repairs"], record["conflicts"], complaints(daemon)) == (0, [], [])
    assert host.keeper("status").json["loaded"]


def test_applies_among_drift_and_events_end_with_the_last_files(daemon):
    host = daemon.host
    seed = 11
    chance = random.Random(seed)
    drifts = 0
    for version in range(1, 31):
        host.configure(config(version))
        if version % 10 == 0:  # rare enough not to be a conflict
            host.sysctl("net.mptcp.add_addr_timeout", OTHER_PROGRAM)
            drifts += 1
        for _ in range(chance.randrange(3)):
            poke(host)
        done = host.keeper("apply")
        assert done.returncode == 0, (seed, version, done.stdout, done.stderr)
        assert host.sysctl("net.mptcp.add_addr_timeout") == str(1000 + version), (seed, version)
    daemon.wait_until_idle()
    assert shows(host, 30)
    record = daemon.record()
    assert record["repairs"] <= drifts and record["conflicts"] == []
    for line in complaints(daemon):
        assert f"found {OTHER_PROGRAM}" in line


def test_a_stopped_daemon_is_reported_and_never_writes_the_older_files(daemon):
    host = daemon.host
    stop_process(daemon)
    started = time.monotonic()
    done = host.keeper("apply", config=config(1))
    assert 4.5 < time.monotonic() - started < 12
    assert done.returncode == 1
    assert "has not answered within 5 s" in done.stdout + done.stderr
    assert done.json["failed"] and done.json["verified"]
    assert {change["result"] for change in done.json["changes"]} == {"applied"}
    assert any("has not answered" in warning for warning in done.json["warnings"])
    assert shows(host, 1)
    fingerprint = daemon.record()["fingerprint"]
    continue_process(daemon)
    values = set()
    wait_for(lambda: values.add(host.sysctl("net.mptcp.add_addr_timeout")) or
             daemon.record()["fingerprint"] != fingerprint, 5, "the daemon to load what it missed")
    daemon.wait_until_idle()
    assert values == {"1001"} and shows(host, 1)
    assert host.keeper("status").json["loaded"]
    assert daemon.record()["repairs"] == 0


def test_what_atomic_took_back_is_not_loaded(daemon):
    host = daemon.host
    before = daemon.record()
    done = host.keeper("apply", "--atomic",
                       config=config(1).replace("1001}", "1001, scheduler: nosuch}"))
    assert done.returncode == 1, done.stdout
    poke(host)
    daemon.wait_until_idle()
    assert shows(host, 0)
    assert daemon.record()["fingerprint"] == before["fingerprint"]
    assert not host.keeper("status").json["loaded"]
    assert complaints(daemon) == []


@pytest.mark.parametrize("edited,reason", [
    (config(2), "the files changed during the apply"),
    ("limits: {subflows: many}\n", "config.yaml:1"),
])
def test_a_refusal_is_shown_and_the_host_stays_as_applied(daemon, edited, reason):
    host = daemon.host
    stop_process(daemon)  # the command waits for the answer until the file is edited
    host.configure(config(1))
    applying = host.start([keeper_program(), "apply"])
    wait_for(lambda: shows(host, 1), 4, "what is applied")
    host.configure(edited)
    continue_process(daemon)
    assert applying.process.wait(10) == 1
    assert reason in applying.text()
    assert "refused the files" in applying.text()
    poke(host)
    host.sysctl("net.mptcp.blackhole_timeout", 3599)
    wait_for(lambda: daemon.record()["phase"].startswith("suspended"), 5, "the daemon to suspend itself")
    assert shows(host, 1)
    refused = next(line for line in daemon.log() if reason in line)
    status = host.run([keeper_program(), "status"], check=False)
    assert "suspended: a command applied files other than the loaded ones" in status.stdout
    assert f"cannot be loaded: {daemon.record()['load_error']}" in status.stdout and reason in refused
    assert status.returncode == (65 if "many" in edited else 2)
    assert host.keeper("status").json["daemon"]["phase"].startswith("suspended")
    assert host.keeper("apply", config=config(3)).returncode == 0
    assert shows(host, 3)
    host.sysctl("net.mptcp.add_addr_timeout", OTHER_PROGRAM)
    wait_for(lambda: shows(host, 3), 3, "the repair")


def test_an_apply_that_is_killed_is_not_undone(daemon):
    host = daemon.host
    moments = random.Random(5)
    for version in range(1, 11):
        host.configure(config(version))
        applying = host.start([keeper_program(), "apply"])
        time.sleep(moments.random() * 0.08)  # not a wait, but the moment of the kill
        applying.stop(signal.SIGKILL)
        shown = int(host.sysctl("net.mptcp.add_addr_timeout")) - 1000
        poke(host)
        daemon.wait_until_idle()
        assert int(host.sysctl("net.mptcp.add_addr_timeout")) - 1000 >= shown, version
    assert host.keeper("apply", config=config(20)).returncode == 0
    assert shows(host, 20)
    assert complaints(daemon) == []


def test_the_file_is_read_again_after_a_wait_for_the_lock(host):
    host.configure("sysctl: {add_addr_timeout: 61}\n")
    host.keeper("apply")
    host.run(["mkfifo", "/run/busy"])
    busy = host.start(["flock", LOCK, "sh", "-c", "echo held; exec cat /run/busy"])
    busy.wait_for("held")
    host.configure("sysctl: {add_addr_timeout: 62}\n")
    applying = host.start([keeper_program(), "apply"])
    applying.wait_for("waiting for another run")
    host.configure("sysctl: {add_addr_timeout: 63}\n")
    busy.stop()
    assert applying.process.wait(10) == 0
    assert host.sysctl("net.mptcp.add_addr_timeout") == "63"


def test_only_names_what_the_daemon_applies(daemon):
    host = daemon.host
    done = host.keeper("apply", "--only", "limits", config=config(1))
    assert done.returncode == 0, done.stderr
    (warning,) = [text for text in done.json["warnings"] if "--only" in text]
    for item in ("net.mptcp.add_addr_timeout", "203.0.113.2", "wan1"):
        assert item in warning
    wait_for(lambda: shows(host, 1), 5, "what the daemon applies")
    assert complaints(daemon) == []


def test_reset_and_another_file_are_refused_while_it_enforces(daemon):
    host = daemon.host
    host.write("/run/other.yaml", config(5))
    for command in (("reset",), ("--config", "/run/other.yaml", "apply")):
        done = host.keeper(*command)
        assert done.returncode == 1
        assert "systemctl stop mptcp-keeper" in done.stderr
    assert shows(host, 0)
    assert host.keeper("apply", config=config(1, "reconcile: {mode: report}\n")).returncode == 0
    assert host.keeper("--config", "/run/other.yaml", "apply").returncode == 0
    assert shows(host, 5)


def test_apply_for_the_boot_is_handed_over_too(daemon):
    host = daemon.host
    assert host.keeper("apply", "--boot", config=config(1)).returncode == 0
    assert host.keeper("status").json["loaded"]
    wait_for(lambda: shows(host, 1), 5, "the rest")
    assert complaints(daemon) == []


# --- permissions ---------------------------------------------------------------------------------------

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
CONNECT = """
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
try:
    s.connect("/run/mptcp-keeper/daemon.socket")
except OSError as error:
    print(error.errno)
"""


def run_files(host):
    return sorted(path.name for path in host.path("/run/mptcp-keeper").iterdir())


def test_other_users_can_neither_connect_nor_hold_its_locks(daemon):
    host = daemon.host
    host.keeper("apply", config=config(1))
    assert host.run([*NOBODY, "/usr/bin/python3", "-c", CONNECT]).stdout.strip() == str(13)  # EACCES
    for name in run_files(host):
        path = host.path(f"/run/mptcp-keeper/{name}")
        readable = name in ("boot", "daemon.json")  # these are not locked
        expected = 0o644 if readable else 0o640 if name in ("applied", "loaded") else 0o600
        assert path.stat().st_mode & 0o777 == expected, name
        done = host.run([*NOBODY, "flock", "--nonblock", f"/run/mptcp-keeper/{name}", "true"], check=False)
        assert (done.returncode == 0) == readable, name
    status = host.run([*NOBODY, keeper_program(), "--json", "status"], check=False)
    assert '"running": true' in status.stdout


def test_a_lock_that_an_older_release_left_open_to_all_does_not_keep_it_from_starting(host):
    host.write("/run/mptcp-keeper/daemon.lock", "", mode=0o644)
    holder = host.start([*NOBODY, "flock", "/run/mptcp-keeper/daemon.lock", "sh", "-c", "echo held; exec sleep 99"])
    holder.wait_for("held")
    daemon = Daemon(host, "limits: {subflows: 4}\n")
    wait_for(lambda: host.limits()["subflows"] == 4, 5, "the first round")
    assert daemon.stop() == 0
    assert host.keeper("reset").returncode == 0


def test_nothing_is_left_of_it_when_it_ends_and_nothing_harms_when_it_is_killed(daemon):
    host = daemon.host
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.watcher.process.wait(5)
    assert {"daemon.json", "daemon.socket"} <= set(run_files(host))
    assert not host.keeper("status").json["daemon"]["running"]
    assert host.keeper("apply", config=config(1)).returncode == 0
    assert host.keeper("reset").returncode == 0
    again = Daemon(host)
    wait_for(lambda: shows(host, 1), 10, "the next daemon's first round")
    wait_for(lambda: host.keeper("status").json["daemon"]["running"], 5, "its record")
    assert again.stop() == 0
    assert not {"daemon.json", "daemon.socket"} & set(run_files(host))


def test_a_record_of_another_process_is_never_acted_upon(host):
    sleeper = host.start(["sh", "-c", "echo $$; exec sleep 99"])
    pid = int(wait_for(lambda: sleeper.text().strip(), 5, "its pid"))
    host.write("/run/mptcp-keeper/daemon.json",
               f'{{"pid": {pid}, "mode": "enforce", "phase": "idle", "loads": 1, "fingerprint": "", '
               '"load_error": "", "repairs": 0, "conflicts": []}')
    trace = ["strace", "-f", "-e", "trace=kill,tkill,tgkill,pidfd_send_signal", "-e", "signal=none"]
    host.configure("limits: {subflows: 4}\n")
    done = host.run([*trace, keeper_program(), "apply"], check=False)
    assert done.returncode == 0, done.stderr
    assert "kill(" not in done.stderr and "pidfd_send_signal(" not in done.stderr
    assert host.keeper("reset").returncode == 0
    assert not host.keeper("status").json["daemon"]["running"]


def test_a_daemon_of_an_older_release_is_reported(host):
    """Any process of the program serves as the old daemon: its record has no start time, and it has no socket."""
    older = host.start([keeper_program(), "monitor"])
    (pid,) = wait_for(lambda: host.run(["pgrep", "-f", "mptcp-keeper monitor"], check=False).stdout.split(),
                      5, "its pid")
    host.write("/run/mptcp-keeper/daemon.json",
               f'{{"pid": {pid}, "mode": "enforce", "phase": "idle", "loads": 1, "fingerprint": "", '
               '"load_error": "", "repairs": 0, "conflicts": []}')
    done = host.keeper("apply", config="limits: {subflows: 4}\n")
    assert done.returncode == 1 and "systemctl restart mptcp-keeper" in done.stderr
    assert host.limits()["subflows"] == 4
    assert host.keeper("reset").returncode == 1
    older.stop()
    wait_for(lambda: not host.path(f"/proc/{pid}").exists(), 5, "its end")
    assert host.keeper("reset").returncode == 0
