# SPDX-License-Identifier: LGPL-2.1-or-later
"""The systemd units: they are valid, sandboxed as documented, and start in the right order."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
UNPRIVILEGED = ROOT / "packaging/unprivileged"
DAEMON, BOOT, APPLY = "mptcp-keeper.service", "mptcp-keeper-boot.service", "mptcp-keeper-apply.service"
HOOK = "mptcp-keeper-bpf.service"
# The maximum exposure of `systemd-analyze security`, in tenths.
MOST_EXPOSURE = {DAEMON: 15, BOOT: 16, APPLY: 16, HOOK: 18}
# The units that run mptcp-keeper itself.
KEEPERS = [DAEMON, BOOT, APPLY]

needs_systemd_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze (package systemd) is missing")


def settings(unit):
    """{key: [values]} of a unit, for all sections."""
    found = {}
    for line in (ROOT / "systemd" / unit).read_text().splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def words(unit, key):
    return set(" ".join(settings(unit).get(key, [])).split())


def test_every_unit_is_tested():
    assert {path.name for path in (ROOT / "systemd").glob("*.service")} == set(MOST_EXPOSURE)


@needs_systemd_analyze
@pytest.mark.parametrize("unit", MOST_EXPOSURE)
def test_systemd_finds_nothing_wrong(unit, tmp_path):
    # The programs are not installed here; the tests of the installed tree check their names.
    text = (ROOT / "systemd" / unit).read_text()
    for name in MOST_EXPOSURE:
        own = (ROOT / "systemd" / name).read_text()
        (tmp_path / name).write_text(re.sub(r"^Exec(Start|Stop|Reload)=\S+", r"Exec\1=/bin/true", own, flags=re.MULTILINE))
    assert "ExecStart=/usr/" in text
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", tmp_path / unit],
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd_analyze
@pytest.mark.parametrize("unit,threshold", MOST_EXPOSURE.items())
def test_units_are_sandboxed(unit, threshold):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={threshold}",
                           ROOT / "systemd" / unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("✓"))


@needs_systemd_analyze
def test_the_unprivileged_daemon_is_exposed_less(tmp_path):
    unit = tmp_path / DAEMON
    unit.write_text((ROOT / "systemd" / DAEMON).read_text() + (UNPRIVILEGED / "daemon.conf").read_text())
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=11", unit],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("✓"))


def test_the_unprivileged_daemon_has_one_capability_and_two_actions():
    text = (UNPRIVILEGED / "daemon.conf").read_text()
    assert re.findall(r"^AmbientCapabilities=(.*)", text, re.MULTILINE) == ["CAP_NET_ADMIN"]
    assert "CapabilityBoundingSet" not in text
    actions = re.findall(r'action.id == "(.*?)"', (UNPRIVILEGED / "polkit.rules").read_text())
    assert sorted(actions) == ["org.freedesktop.NetworkManager.network-control",
                               "org.freedesktop.NetworkManager.settings.modify.system"]


@pytest.mark.parametrize("drop_in", ["daemon.conf", "oneshot.conf"])
def test_units_of_the_unprivileged_variant_do_not_give_the_folders_away(drop_in):
    """systemd gives StateDirectory= and RuntimeDirectory= to the user of the unit."""
    text = (UNPRIVILEGED / drop_in).read_text()
    assert "\nStateDirectory=\nRuntimeDirectory=\n" in text


@pytest.mark.parametrize("unit", KEEPERS)
def test_units_have_the_permissions_that_they_need(unit):
    assert words(unit, "CapabilityBoundingSet") == {"CAP_NET_ADMIN"}
    assert words(unit, "RestrictAddressFamilies") == {"AF_UNIX", "AF_NETLINK"}
    metrics = {"-/var/lib/prometheus/node-exporter", "-/var/lib/node_exporter"} if unit == DAEMON else set()
    assert words(unit, "ReadWritePaths") == {"-/proc/sys/net/mptcp"} | metrics
    assert not {"PrivateNetwork", "PrivateUsers", "ProcSubset"} & settings(unit).keys()


def test_the_hooks_unit_may_load_programs_and_nothing_else():
    assert words(HOOK, "CapabilityBoundingSet") == {"CAP_BPF", "CAP_PERFMON", "CAP_SYSLOG"}
    assert words(HOOK, "RestrictAddressFamilies") == {"AF_NETLINK"}
    assert words(HOOK, "ReadWritePaths") == {"-/run/mptcp-keeper/program-hook", "-/sys/fs/bpf"}
    # With ProtectKernelTunables=, /proc/kallsyms is inaccessible; ProtectKernelLogs= withdraws CAP_SYSLOG.
    assert words(HOOK, "ReadOnlyPaths") >= {"/proc/sys", "/sys"}
    assert not {"ProtectKernelTunables", "ProtectKernelLogs"} & settings(HOOK).keys()
    # Its own namespaces are those of the programs that get MPTCP.
    assert not {"PrivateNetwork", "PrivateUsers", "PrivatePIDs", "ProcSubset"} & settings(HOOK).keys()


def test_the_hook_is_attached_before_services_start_and_only_on_request():
    assert settings(HOOK)["ConditionPathExists"] == ["/run/mptcp-keeper/program-hook/request"]
    assert words(HOOK, "Before") == {"basic.target"}
    assert BOOT in words(HOOK, "After")
    assert settings(HOOK)["DefaultDependencies"] == ["no"]
    # The boot unit, which pulls it in, waits for nothing that comes after basic.target.
    assert not {"Requires", "BindsTo", "WantedBy"} & settings(HOOK).keys()


def test_the_daemon_sees_writes_of_other_programs():
    """inotify distinguishes mounts of /proc: with ProtectProc= the watched folder must be the host's."""
    assert words(DAEMON, "ProtectProc") == {"invisible"}
    assert words(DAEMON, "BindPaths") == {"-/proc/sys/net/mptcp"}


@pytest.mark.parametrize("unit", KEEPERS)
def test_the_runtime_directory_outlives_the_unit(unit):
    assert settings(unit)["RuntimeDirectory"] == ["mptcp-keeper"]
    assert settings(unit)["RuntimeDirectoryPreserve"] == ["yes"]
    assert settings(unit)["StateDirectory"] == ["mptcp-keeper"]


def test_the_boot_unit_precedes_the_network_and_times_out_soon():
    assert words(BOOT, "Before") >= {"network-pre.target", "NetworkManager.service", "shutdown.target"}
    assert words(BOOT, "After") >= {"systemd-sysctl.service", "local-fs.target"}
    assert settings(BOOT)["DefaultDependencies"] == ["no"]
    assert settings(BOOT)["Conflicts"] == ["shutdown.target"]
    # A requirement of NetworkManager on this unit, or of this unit on D-Bus, would delay or break the boot.
    assert not {"Requires", "RequiredBy", "BindsTo"} & settings(BOOT).keys()
    assert "dbus.service" not in words(BOOT, "After")


def test_the_boot_unit_reads_programs_with_privileges_that_apply_lacks():
    assert [line[:2] for line in settings(BOOT)["ExecStartPre"]] == ["+-"]
    assert settings(BOOT)["ExecStartPre"][0].endswith("/mptcp-keeper-generator --warn-of-disabling")


def test_the_daemon_does_not_require_network_manager_and_is_restarted():
    unit = settings(DAEMON)
    assert unit["Type"] == ["notify"]
    assert int(unit["WatchdogSec"][0].removesuffix("s")) >= 60
    assert "Wants" not in unit
    assert not {"Requires", "BindsTo"} & unit.keys()
    assert unit["Restart"] == ["on-failure"]
    assert words(DAEMON, "RestartPreventExitStatus") == {"64", "65", "77"}
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert unit["Also"] == [BOOT]


def test_an_event_during_a_run_starts_another_run():
    path = settings("mptcp-keeper-apply.path")
    assert path["PathExists"] == ["/run/mptcp-keeper/again"]
    assert path["Unit"] == [APPLY]
    assert "rm -f /run/mptcp-keeper/again" in (ROOT / "systemd" / "apply-on-event").read_text()


def test_disabling_the_oneshot_leaves_the_daemons_boot_unit_enabled():
    assert "Also" not in settings(APPLY)
