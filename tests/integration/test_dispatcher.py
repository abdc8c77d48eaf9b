# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dispatcher script under a real NetworkManager with its real nm-dispatcher, and what it starts.

The lab has no systemd: a fake systemctl records its arguments."""

import os
import re
from pathlib import Path

import pytest
from lab import Lab, wait_for

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
FOLDER = "/usr/lib/NetworkManager/dispatcher.d"
SCRIPT = f"{FOLDER}/90-mptcp-keeper"
RUN = "/run/mptcp-keeper"
START = "start --no-block mptcp-keeper-apply.path"
DISPATCHERS = [path for path in map(Path, ("/usr/lib/NetworkManager/nm-dispatcher", "/usr/libexec/nm-dispatcher"))
               if path.exists()]
SYSTEMCTL = """#!/bin/sh
echo "$*" >>/run/systemctl.log
[ "$1" != show ] || cat /run/apply-state 2>/dev/null || echo inactive
"""
ACTIONS = ("up", "down", "vpn-up", "vpn-down", "dhcp4-change", "dhcp6-change", "reapply")

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="the lab requires root"),
    pytest.mark.skipif(not os.path.exists("/usr/bin/systemctl"), reason="systemctl (package systemd) is missing"),
]


class Dispatched:
    """A host with the script, installed as the package does."""

    def __init__(self, lab):
        self.host = lab.host("host")
        text = (ROOT / "dispatcher.d" / "90-mptcp-keeper").read_text()
        self.host.write(f"{FOLDER}/no-wait.d/90-mptcp-keeper", text, mode=0o755)
        self.host.run(["ln", "-s", "no-wait.d/90-mptcp-keeper", SCRIPT])
        self.host.write("/run/fake-systemctl", SYSTEMCTL, mode=0o755)
        self.host.run(["mount", "--bind", "/run/fake-systemctl", "/usr/bin/systemctl"])
        self.host.run(["mkdir", "-p", RUN])

    def enable_apply(self):
        self.host.run(["mkdir", "-p", "/etc/systemd/system/multi-user.target.wants"])
        self.host.run(["ln", "-s", "/usr/lib/systemd/system/mptcp-keeper-apply.service",
                       "/etc/systemd/system/multi-user.target.wants/mptcp-keeper-apply.service"])

    def hold_daemon_lock(self):
        """Holds the lock as the daemon does while it runs; call stop() on the result to release it."""
        self.host.write(f"{RUN}/daemon.lock", "")
        self.host.write(f"{RUN}/poke", "", mode=0o600)
        self.host.run(["mkfifo", "/run/never"])
        holder = self.host.start(["flock", "--exclusive", f"{RUN}/daemon.lock", "sh", "-c",
                                  "echo held; exec cat /run/never"])
        holder.wait_for("held")
        return holder

    def call(self, action):
        done = self.host.run([SCRIPT, "enp1s0", action])
        assert (done.stdout, done.stderr) == ("", "")

    def asked_of_systemd(self):
        log = self.host.path("/run/systemctl.log")
        return log.read_text().splitlines() if log.exists() else []

    def poked(self):
        """A value that changes with every touch that the daemon would see."""
        poke = self.host.path(f"{RUN}/poke")
        return poke.stat().st_mtime_ns if poke.exists() else None


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


@pytest.fixture
def dispatched(lab):
    return Dispatched(lab)


def test_without_daemon_and_with_nothing_enabled_nothing_is_done(dispatched):
    for action in ACTIONS:
        dispatched.call(action)
    assert dispatched.asked_of_systemd() == []
    assert sorted(dispatched.host.path(RUN).iterdir()) == []


def test_a_running_daemon_is_poked_and_nothing_started(dispatched):
    dispatched.enable_apply()
    daemon = dispatched.hold_daemon_lock()
    for action in ACTIONS:
        before = dispatched.poked()
        dispatched.call(action)
        assert dispatched.poked() > before, action
    assert dispatched.asked_of_systemd() == []

    daemon.stop()
    before = dispatched.poked()
    dispatched.call("up")
    assert dispatched.poked() == before
    assert dispatched.asked_of_systemd() == [START]


def test_without_daemon_the_enabled_oneshot_is_started(dispatched):
    dispatched.enable_apply()
    for action in ACTIONS[:-1]:
        dispatched.call(action)
    assert dispatched.asked_of_systemd() == [START] * len(ACTIONS[:-1])
    # the file makes a running service run again
    assert dispatched.host.path(f"{RUN}/again").exists()


def test_other_actions_are_nobodys_business(dispatched):
    dispatched.enable_apply()
    for action in ("pre-up", "pre-down", "hostname", "connectivity-change", "dns-change", "", "$(reboot)"):
        dispatched.call(action)
    assert dispatched.asked_of_systemd() == []


@pytest.mark.parametrize("state,started", [("inactive", True), ("activating", False), ("failed", False)])
def test_a_reapply_of_our_own_does_not_loop(dispatched, state, started):
    dispatched.enable_apply()
    dispatched.host.write("/run/apply-state", state + "\n")
    dispatched.call("reapply")
    assert (START in dispatched.asked_of_systemd()) == started
    dispatched.call("up")
    assert dispatched.asked_of_systemd()[-1] == START


@pytest.mark.parametrize("daemon_runs", [True, False])
def test_returns_within_50_ms(dispatched, daemon_runs):
    dispatched.enable_apply()
    if daemon_runs:
        dispatched.hold_daemon_lock()
    # Measured inside: entering the lab takes longer than the script.
    timed = ("import subprocess, sys, time\nbest = 1.0\nfor _ in range(20):\n    begin = time.monotonic()\n"
             "    subprocess.run(sys.argv[1:], check=True)\n    best = min(best, time.monotonic() - begin)\nprint(best)")
    for action in ("up", "reapply"):
        best = float(dispatched.host.run(["/usr/bin/python3", "-c", timed, SCRIPT, "enp1s0", action]).stdout)
        assert best < 0.05


@pytest.mark.skipif(not DISPATCHERS, reason="nm-dispatcher is missing")
def test_network_manager_runs_it_once_per_event_and_while_another_script_hangs(lab, dispatched):
    host = dispatched.host
    dispatched.enable_apply()
    host.run(["mkfifo", "/run/hang"])
    host.write("/etc/NetworkManager/dispatcher.d/10-hang", "#!/bin/sh\necho $2 >>/run/hanging\nread x </run/hang\n",
               mode=0o755)
    host.plug("enp1s0", lab.segment("lan", ["192.0.2.254/24"]))
    host.start_bus()
    # --debug alone shows nothing if it logs through GLib, as it does since 1.52
    dispatcher = host.start(["env", "G_MESSAGES_DEBUG=all", DISPATCHERS[0], "--persist", "--debug"])
    host.start_network_manager()
    host.add_profile("wan", "enp1s0", "192.0.2.1/24")
    runs = []

    def wait_for_run(action):
        """Uses the log of nm-dispatcher."""
        runs.append((action, " (no-wait)"))
        pattern = rf"'(\S+)' \[enp1s0\], \"{SCRIPT}\": run script( \(no-wait\))?"
        wait_for(lambda: re.findall(pattern, dispatcher.text()) == runs, 10, f"runs {runs}")

    wait_for_run("up")
    host.nmcli("device modify enp1s0 ipv4.route-metric 77")
    wait_for_run("reapply")
    host.nmcli("connection down wan")
    wait_for_run("down")
    # The script before it in the alphabet still hangs in its first event: neither waits for the other.
    assert len(host.path("/run/hanging").read_text().splitlines()) == 1
    wait_for(lambda: dispatched.asked_of_systemd().count(START) >= len(runs), 10, "three starts")


# --- the program of mptcp-keeper-apply.service ------------------------------------------------------------


def apply_on_event(host, reconcile):
    host.configure(f"limits: {{subflows: 4}}\n{reconcile}\n")
    host.write("/run/apply-on-event", (ROOT / "systemd" / "apply-on-event").read_text(), mode=0o755)
    host.write(f"{RUN}/again", "")
    program = Path(os.environ["MPTCP_KEEPER"])
    done = host.run(["/run/apply-on-event"], check=False,
                    env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"})
    assert not host.path(f"{RUN}/again").exists()
    return done


@pytest.mark.parametrize("reconcile", ["", "reconcile: {mode: enforce}"])
def test_the_oneshot_applies(lab, reconcile):
    host = lab.host()
    done = apply_on_event(host, reconcile)
    assert done.returncode == 0, done.stderr
    assert host.limits()["subflows"] == 4


@pytest.mark.parametrize("mode,said", [("report", "subflows"), ("manual", "manual")])
def test_the_oneshot_follows_the_mode(lab, mode, said):
    host = lab.host()
    before = host.limits()
    done = apply_on_event(host, f"reconcile: {{mode: {mode}}}")
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert host.limits() == before


def test_the_oneshot_fails_visibly_on_a_bad_file(lab):
    host = lab.host()
    done = apply_on_event(host, "reconcile: {mode: sometimes}")
    assert done.returncode == 65
    assert "/etc/mptcp-keeper/config.yaml:2:" in done.stderr
