# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every program of mptcp-keeper works in its domain. The last test checks that nothing was denied."""

import shutil
from pathlib import Path

import pytest
from domains import (METRICS, OTHER, PROMETHEUS, READ, denials, domain_after, domain_of, domain_while_locked, errors_of,
                     type_of, wait_for_line, wait_for_metrics)
from this_host import (CONFIG, MPTCP, PYTHON, TCP, journal, keeper, new_protocol, remove_unit, run, sysctl, systemctl,
                       unit_property, wait_for, wait_for_protocols, write_unit)

BOOT, APPLY, HOOK = (f"mptcp-keeper-{name}.service" for name in ("boot", "apply", "bpf"))
SYSTEMD = "system_u:system_r:init_t:s0"
ADMINISTRATOR = "unconfined_u:unconfined_r:unconfined_t:s0"
PRIVATE = "/usr/lib/mptcp-keeper"
PROGRAMS = {
    "/usr/sbin/mptcp-keeper": "mptcp_keeper_t",
    f"{PRIVATE}/apply-on-event": "mptcp_keeper_t",
    f"{PRIVATE}/program-hook": "mptcp_keeper_bpf_t",
    f"{PRIVATE}/unit-environment": "mptcp_keeper_environment_t",
    "/usr/lib/systemd/system-generators/mptcp-keeper-generator": "mptcp_keeper_generator_t"}
LIMITS, ENDPOINTS = ["ip", "mptcp", "limits"], ["ip", "mptcp", "endpoint"]
LOCK, LOCK_OF_HOOK = "/run/mptcp-keeper/lock", "/run/mptcp-keeper/program-hook/lock"


def test_the_policy_is_enforced():
    assert run(["getenforce"]).stdout == "Enforcing\n"
    assert run(["id", "--context"]).stdout.strip() == ADMINISTRATOR


@pytest.mark.parametrize("program, domain", PROGRAMS.items())
def test_systemd_starts_each_program_in_its_domain(program, domain):
    assert domain_after(program, SYSTEMD) == domain
    assert domain_after(program, ADMINISTRATOR) == "unconfined_t"


def test_network_manager_starts_the_dispatcher_script_in_its_domain():
    script = "/usr/lib/NetworkManager/dispatcher.d/no-wait.d/90-mptcp-keeper"
    assert domain_after(script, "system_u:system_r:NetworkManager_t:s0") == "mptcp_keeper_dispatcher_t"


def test_the_configuration_was_applied_at_boot():
    assert unit_property(BOOT, "ActiveState") == "active", journal(BOOT)
    assert sysctl("net.mptcp.add_addr_timeout") == "61"
    assert run(LIMITS).stdout.split() == ["add_addr_accepted", "3", "subflows", "5"]
    assert "192.0.2.200" in run(ENDPOINTS).stdout


@pytest.mark.parametrize("unit, lock, domain", [
    (BOOT, LOCK, "mptcp_keeper_t"), (APPLY, LOCK, "mptcp_keeper_t"), (HOOK, LOCK_OF_HOOK, "mptcp_keeper_bpf_t")])
def test_a_unit_runs_in_its_domain(unit, lock, domain):
    """With everything that the unit file says, such as NoNewPrivileges=."""
    assert domain_while_locked(unit, lock) == (domain, "success"), journal(unit)


def test_the_hook_is_attached():
    assert unit_property(HOOK, "ActiveState") == "active", journal(HOOK)
    assert wait_for_protocols("early.service") == ["MPTCP"]
    assert new_protocol(slice_name="other.slice") == TCP
    assert new_protocol(slice_name="early.slice") == MPTCP


def test_files_have_their_types(daemon):
    types = {"/etc/mptcp-keeper": "conf", CONFIG: "conf", f"{PRIVATE}/conf.d": "conf",
             "/var/lib/mptcp-keeper": "var_lib", "/var/lib/mptcp-keeper/state.json": "var_lib", "/run/mptcp-keeper": "runtime",
             "/run/mptcp-keeper/daemon.socket": "runtime", "/usr/lib/systemd/system/mptcp-keeper.service": "unit"}
    assert {str(path): type_of(path) for path in types} == {str(path): f"mptcp_keeper_{name}_t"
                                                            for path, name in types.items()}
    assert run(["restorecon", "-nvr", "/etc/mptcp-keeper", "/run/mptcp-keeper", "/var/lib/mptcp-keeper"]).stdout == ""


def test_the_daemon_repairs_in_its_domain(daemon):
    assert domain_of(daemon) == "mptcp_keeper_t"
    sysctl("net.mptcp.add_addr_timeout", 70)
    wait_for(lambda: sysctl("net.mptcp.add_addr_timeout") == "61", 240, "the repaired sysctl")
    run(["ip", "mptcp", "limits", "set", "subflows", "1"])
    wait_for_line(LIMITS, "subflows 5")
    run(["ip", "mptcp", "endpoint", "flush"])
    wait_for_line(ENDPOINTS, "192.0.2.200")
    wait_for(lambda: keeper("status").json["daemon"]["repairs"] >= 3, 240, "three repairs")


def test_a_profile_gets_its_flags(daemon):
    run(["nmcli", "connection", "add", "type", "dummy", "ifname", "wan0", "con-name", "wan", "ip4", "192.0.2.33/24",
         "ipv6.method", "disabled"])
    try:
        wait_for_line(ENDPOINTS, "192.0.2.33.*signal")
        flags = ["nmcli", "--get-values", "connection.mptcp-flags", "connection", "show", "wan"]
        wait_for_line(flags, "0x18")
        run(["nmcli", "connection", "modify", "wan", "connection.mptcp-flags", "disabled"])
        wait_for_line(flags, "0x18")
    finally:
        run(["nmcli", "connection", "delete", "wan"])


def test_a_reload_applies_the_files(daemon, configure):
    configure(CONFIG.read_text().replace("subflows: 5", "subflows: 6"))
    systemctl("reload", daemon)
    wait_for_line(LIMITS, "subflows 6")


def test_a_command_hands_over_to_the_daemon(daemon, configure):
    configure(CONFIG.read_text().replace("add_addr_timeout: 61", "add_addr_timeout: 62"))
    done = keeper("apply")
    assert done.returncode == 0 and done.json["verified"], done.stdout + done.stderr
    assert sysctl("net.mptcp.add_addr_timeout") == "62"
    assert keeper("status").json["daemon"]["running"]


def test_the_hook_follows_the_sysctl(daemon):
    """The daemon reloads the hook's unit after its pins were removed."""
    run(["rm", "-r", "/sys/fs/bpf/mptcp-keeper"])
    wait_for(lambda: new_protocol(slice_name="early.slice") == MPTCP, 240, "the hook that is attached again")


def test_a_declared_unit_uses_mptcp():
    systemctl("restart", "declared.service")
    assert wait_for_protocols("declared.service") == ["MPTCP"]
    assert type_of("/run/mptcp-keeper/env/declared.service") == "mptcp_keeper_runtime_t"
    systemctl("stop", "declared.service")


def test_a_unit_is_declared_and_withdrawn(configure):
    """apply reloads systemd, whose generator writes and removes the drop-in."""
    drop_in = Path("/run/systemd/generator/declared.service.d")
    assert drop_in.exists()
    configure(CONFIG.read_text().replace("units: [declared.service]", "units: []"))
    assert keeper("apply").returncode == 0
    assert not drop_in.exists()


@pytest.mark.parametrize("context", ["user_u:user_r:user_t:s0", ADMINISTRATOR])
def test_users_read_the_status(daemon, context):
    """user_t may not ask the kernel by netlink, which Debian's policy denies; what the daemon publishes is readable."""
    run(["systemd-run", "--quiet", "--wait", "--collect", "--unit=status.service", "--uid=nobody",
         f"--property=SELinuxContext={context}", "/bin/sh", "-c", "id -Z; exec mptcp-keeper status"], check=False)
    shown = journal("status.service")
    assert context in shown and "running, mode enforce" in shown


def test_the_dispatcher_script_wakes_the_daemon(daemon):
    run(["nmcli", "connection", "add", "type", "dummy", "ifname", "d0", "con-name", "d0", "ip4", "192.0.2.34/24"])
    poke = Path("/run/mptcp-keeper/poke")
    try:
        before = poke.stat().st_mtime_ns
        run(["nmcli", "connection", "up", "d0"])
        wait_for(lambda: poke.stat().st_mtime_ns > before, 240, "a write by the dispatcher script")
    finally:
        run(["nmcli", "connection", "delete", "d0"])


def test_the_dispatcher_script_starts_apply_without_the_daemon():
    systemctl("enable", APPLY)
    run(["nmcli", "connection", "add", "type", "dummy", "ifname", "d0", "con-name", "d0", "ip4", "192.0.2.34/24"])
    try:
        run(["ip", "mptcp", "limits", "set", "subflows", "1"])
        run(["nmcli", "connection", "up", "d0"])
        wait_for_line(LIMITS, "subflows 5")
    finally:
        run(["nmcli", "connection", "delete", "d0"])
        systemctl("disable", "--now", APPLY, "mptcp-keeper-apply.path")


def test_disabling_names_the_programs(configure):
    """The generator reads all processes in the boot unit, before MPTCP is disabled."""
    systemctl("start", "other.service")
    configure("sysctl: {enabled: false}\n")
    systemctl("restart", BOOT)
    assert "early.service" in journal(BOOT)
    assert sysctl("net.mptcp.enabled") == "0"


def test_a_transient_unit_restores_the_host(configure):
    """As the unit that ends an unconfirmed `mptcp-keeper try`."""
    configure(CONFIG.read_text().replace("units: [declared.service]", "units: []"))
    write_unit("transient.service", "[Service]\nType=oneshot\nExecStart=/usr/sbin/mptcp-keeper reset\n")
    try:
        found = domain_while_locked("transient.service", LOCK)
        assert found == ("mptcp_keeper_t", "success"), journal("transient.service")
    finally:
        remove_unit("transient.service")
    assert "192.0.2.200" not in run(ENDPOINTS).stdout
    assert keeper("apply").returncode == 0
    assert "192.0.2.200" in run(ENDPOINTS).stdout


def test_run_works_in_a_unit_with_a_context():
    """Without the context, the program would stay in the domain of mptcp-keeper."""
    context = "SELinuxContext=system_u:system_r:initrc_t:s0"
    assert new_protocol(["mptcp-keeper", "run", "--", *PYTHON], properties=[context]) == MPTCP


def test_the_unprivileged_daemon_works_in_its_domain():
    switch = f"{PRIVATE}/unprivileged/switch"
    run([switch, "on"])
    try:
        systemctl("start", "mptcp-keeper.service")
        assert domain_of("mptcp-keeper.service") == "mptcp_keeper_t"
        pid = unit_property("mptcp-keeper.service", "MainPID")
        assert run(["ps", "-o", "user:20=", "-p", pid]).stdout.strip() == "mptcp-keeper"
        run(["ip", "mptcp", "limits", "set", "subflows", "1"])
        wait_for_line(LIMITS, "subflows 5")
        assert keeper("apply").returncode == 0
    finally:
        systemctl("stop", "mptcp-keeper.service")
        run([switch, "off"])


@pytest.mark.parametrize("file", [METRICS, "/run/mptcp-keeper/mptcp-keeper.prom",
                                  str(PROMETHEUS / "node-exporter/mptcp-keeper.prom")])
def test_another_service_reads_the_metrics(configure, file):
    """As the daemon writes them, without restorecon."""
    (PROMETHEUS / "node-exporter").mkdir(parents=True, exist_ok=True)
    shutil.chown(PROMETHEUS, "daemon", "daemon")  # a system account
    configure(CONFIG.read_text().replace(METRICS, file))
    systemctl("start", "mptcp-keeper.service")
    try:
        wait_for_metrics(file)
        assert type_of(file) == "mptcp_keeper_metrics_t"
        assert errors_of(OTHER, [(READ, file)]) == [None]
        assert run(["restorecon", "-nv", file]).stdout == ""
    finally:
        systemctl("stop", "mptcp-keeper.service")
        run(["rm", "-r", PROMETHEUS])
    assert not Path(file).exists()


def test_nothing_was_denied():
    assert denials() == []
