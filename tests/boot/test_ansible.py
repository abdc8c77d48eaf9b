# SPDX-License-Identifier: LGPL-2.1-or-later
"""The role of examples/ansible configures three machines at once over ssh, as an unprivileged user with sudo."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from conftest import Machines
from fleet import CHECKS, CONTROL, EXAMPLES, NAMES, PROGRAMS, SERVER, Fleet
from node import wait_for

DROP_IN = "/etc/mptcp-keeper/conf.d/50-ansible.yaml"
FLAGS = {"signal", "subflow", "also-without-default-route"}
LIMITS = {"subflows": 4, "add_addr_accepted": 3}
CONFIG = {"sysctl": {"enabled": True, "add_addr_timeout": 60}, "limits": LIMITS,
          "profiles": [{"match": {"name": "wan*"}, "mptcp-flags": sorted(FLAGS)}]}
DAEMON, BOOT, APPLY = UNITS = ("mptcp-keeper.service", "mptcp-keeper-boot.service", "mptcp-keeper-apply.service")

COMPARE = "Validate the configuration and compare the host with it"


@pytest.fixture(scope="module")
def machines(debian):
    """The machines of all tests here."""
    if debian.name != "bookworm":
        pytest.skip("the role is tested on Debian 12")
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        pytest.skip(f"programs are missing: {' '.join(missing)}")
    with Machines.of(debian) as made:
        yield made


@pytest.fixture(scope="module")
def fleet(machines, tmp_path_factory):
    """Three machines, configured by a first run of the role, which is kept as fleet.first."""
    made = Fleet(machines, tmp_path_factory.mktemp("fleet"))
    made.boot(*NAMES)
    made.variables["mptcp_keeper_config"] = CONFIG
    made.first = made.playbook("site.yml", "--diff")
    return made


def with_config(**sections):
    """Variables with some sections of the configuration replaced."""
    return {"mptcp_keeper_config": {**CONFIG, **sections}}


def assert_configured(fleet, *names, limits=None):
    """The machines are as declared, according to ip and the kernel."""
    for name in names:
        machine = fleet.machines[name]
        assert machine.limits() == (limits or LIMITS)
        assert machine.sysctl("net.mptcp.add_addr_timeout") == "60"
        wait_for(lambda: set(machine.endpoints()) == fleet.endpoints(name), 10, f"both endpoints of {name}")


def enabled_units(machine):
    return [unit for unit in UNITS if machine.systemctl("is-enabled", unit, check=False) == "enabled"]


def leftovers(machine):
    """What a run of the role must not leave behind."""
    return [path.name for folder in ("/run", "/tmp") for path in machine.path(folder).glob("mptcp-keeper-*")]


def test_the_first_run_changes_and_the_second_does_not(fleet):
    assert fleet.first.code == 0, fleet.first
    assert_configured(fleet, *NAMES)
    for name in NAMES:
        machine = fleet.machines[name]
        assert "Ansible managed" in machine.path(DROP_IN).read_text()
        assert enabled_units(machine) == [DAEMON, BOOT]
        assert machine.systemctl("is-active", DAEMON) == "active"
        assert leftovers(machine) == []
    # the file is placed once and applied once, and the service starts on a host that is in sync
    tasks = {task for _, task in fleet.first.changed_tasks()}
    assert {"Place the files", "Apply the MPTCP configuration",
            "Enable and start the service"} <= tasks
    shown = fleet.first.of(COMPARE, "a")["diff"]
    assert "limit subflows: 2\n" in shown["before"] and "limit subflows: 4\n" in shown["after"]

    second = fleet.playbook("site.yml")
    assert second.code == 0, second
    assert second.changed_tasks() == set()
    facts = [second.of("Set the fact mptcp_keeper", name)["ansible_facts"]["mptcp_keeper"] for name in NAMES]
    assert all(fact["in_sync"] and fact["loaded"] and fact["daemon"]["running"] for fact in facts)
    assert [fact["limits"]["subflows"]["observed"] for fact in facts] == [4, 4, 4]
    assert len({fact["config"]["hash"] for fact in facts}) == 1


def test_check_mode_reports_new_variables_and_drift_and_changes_nothing(fleet):
    machine = fleet.machines["a"]
    machine.systemctl("stop", DAEMON)
    machine.ip("mptcp limits set subflows 1 add_addr_accepted 3")
    machine.ip(f"mptcp endpoint delete id {machine.endpoints()[fleet.address('a')]['id']}")
    before = {name: fleet.machines[name].path(DROP_IN).read_text() for name in NAMES}
    checked = fleet.playbook("site.yml", "--check", "--diff")
    assert checked.code == 0, checked
    assert checked.changed_tasks() == {("a", COMPARE), ("a", "Enable and start the service")}
    shown = checked.of(COMPARE, "a")
    assert shown["diff"]["before"] == "limit subflows: 1\n"
    assert "limit subflows: 4\n" in shown["diff"]["after"] and f"endpoint {fleet.address('a')}" in shown["diff"]["after"]
    assert machine.limits()["subflows"] == 1

    planned = fleet.playbook("site.yml", "--check", "--diff", extra=with_config(limits={"subflows": 5}))
    assert planned.code == 0, planned
    assert {host for host, task in planned.changed_tasks() if task == "Place the files"} == set(NAMES)
    assert planned.of(COMPARE, "b")["diff"]["after"] == "limit subflows: 5\n"
    assert before == {name: fleet.machines[name].path(DROP_IN).read_text() for name in NAMES}
    assert fleet.machines["b"].limits() == LIMITS and leftovers(machine) == []

    repaired = fleet.playbook("site.yml")
    assert repaired.code == 0, repaired
    assert {host for host, _ in repaired.changed_tasks()} == {"a"}
    assert_configured(fleet, *NAMES)


@pytest.mark.parametrize("sections, task, reason", [
    ({"limits": {"subflows": "lots"}}, "Validating arguments", "subflows"),
    ({"limit": {"subflows": 5}}, "Validating arguments", "limit"),
    ({"limits": {"subflows": 5}, "profiles": [{"match": {"name": "wan*"}, "mptcp-flags": ["signal", "fullmesh"]}]},
     COMPARE, f"{DROP_IN}:"),
], ids=["type", "unknown key", "meaning"])
def test_a_bad_variable_is_refused_before_anything_is_placed(fleet, sections, task, reason):
    before = {name: fleet.machines[name].path(DROP_IN).read_text() for name in NAMES}
    refused = fleet.playbook("site.yml", extra=with_config(**sections))
    assert refused.code == 2 and refused.figures("failures") == dict.fromkeys(NAMES, 1), refused
    assert refused.changed_tasks() == set()
    failed = [line for line in refused.results if line["state"] == "failed" and line["host"] == "a"]
    assert task in failed[0]["task"] and reason in str(failed[0]["result"])
    assert before == {name: fleet.machines[name].path(DROP_IN).read_text() for name in NAMES}
    assert all(leftovers(fleet.machines[name]) == [] for name in NAMES)
    assert_configured(fleet, *NAMES)


@pytest.mark.parametrize("extra", [{"mptcp_keeper_config_name": "../escaped.yaml"},
                                   {"mptcp_keeper_drop_ins": [{"name": "../escaped.yaml", "content": "limits: {}"}]}])
def test_a_name_of_another_folder_is_refused(fleet, extra):
    for options in ([], ["--check"]):
        refused = fleet.playbook("site.yml", "--limit", "a", *options, extra=extra)
        assert refused.code == 2 and refused.changed_tasks() == set(), refused
        assert "without a folder" in refused.of("Refuse names that are none of drop-ins", "a")["msg"]
    assert not fleet.machines["a"].path("/etc/mptcp-keeper/escaped.yaml").exists()


def test_files_are_validated_together(fleet):
    """A file that is valid only with the others of the host, and one that is invalid only with them."""
    fleet.machines["a"].write("/etc/mptcp-keeper/config.yaml", "applications: {units: [iperf3.service]}\n")
    try:
        drop_ins = [{"name": "60-off.yaml", "content": "sysctl: {enabled: false}\n"}]
        refused = fleet.playbook("site.yml", "--limit", "a,b", "--check", extra={"mptcp_keeper_drop_ins": drop_ins})
        assert refused.figures("failures") == {"a": 1, "b": 0}, refused
    finally:
        fleet.machines["a"].path("/etc/mptcp-keeper/config.yaml").unlink()


def test_files_that_were_placed_and_not_loaded_are_loaded(fleet):
    """As an interrupted run leaves them. A change of reconcile shows in no comparison with the host."""
    machine = fleet.machines["a"]
    loaded = "Find out whether the service has loaded the files"
    extra = with_config(reconcile={"interval": "2s"})
    placed = fleet.playbook("site.yml", "--limit", "b", extra=extra)
    assert placed.code == 0, placed
    machine.write(DROP_IN, fleet.machines["b"].path(DROP_IN).read_text())
    assert machine.run(["mptcp-keeper", "diff"], check=False).returncode == 0
    assert not json.loads(machine.run(["mptcp-keeper", "--json", "status"]).stdout)["loaded"]

    checked = fleet.playbook("site.yml", "--limit", "a,b", "--check", extra=extra)
    assert checked.code == 0 and checked.changed_tasks() == {("a", loaded)}, checked
    run = fleet.playbook("site.yml", "--limit", "a,b", extra=extra)
    assert run.code == 0 and run.changed_tasks() >= {("a", loaded)}, run
    assert {host for host, _ in run.changed_tasks()} == {"a"}
    assert json.loads(machine.run(["mptcp-keeper", "--json", "status"]).stdout)["loaded"]
    assert fleet.playbook("site.yml", "--limit", "a", extra=extra).changed_tasks() == set()

    # a rollout loads them as well, without a trial
    machine.write(DROP_IN, fleet.machines["c"].path(DROP_IN).read_text())
    back = fleet.playbook("rollout.yml", "--limit", "a,b")
    assert back.code == 0 and back.of("Apply the candidate on trial", "a") is None, back
    assert json.loads(machine.run(["mptcp-keeper", "--json", "status"]).stdout)["loaded"]
    assert "reconcile" not in fleet.machines["b"].path(DROP_IN).read_text()


def test_a_host_that_is_down_harms_no_other(fleet):
    fleet.machines["c"].shut_down()
    try:
        run = fleet.playbook("site.yml", extra=with_config(limits={**LIMITS, "subflows": 6}))
        assert run.code == 4 and run.figures("unreachable") == {"a": 0, "b": 0, "c": 1}, run
        assert_configured(fleet, "a", "b", limits={**LIMITS, "subflows": 6})
    finally:
        fleet.boot("c")
    # it comes back with what it had, and the next run brings it and the others to what is declared
    assert_configured(fleet, "c")
    again = fleet.playbook("site.yml")
    assert again.code == 0, again
    assert {host for host, _ in again.changed_tasks()} == {"a", "b"}
    assert_configured(fleet, *NAMES)


def test_modes_and_local_facts(fleet):
    machine = fleet.machines["b"]
    once = fleet.playbook("site.yml", "--limit", "b",
                          extra={"mptcp_keeper_mode": "oneshot", "mptcp_keeper_local_fact": True})
    assert once.code == 0, once
    assert enabled_units(machine) == [BOOT, APPLY]
    assert machine.systemctl("is-active", DAEMON, check=False) == "inactive"
    machine.ip("mptcp limits set subflows 1 add_addr_accepted 3")
    hands_off = {"mptcp_keeper_mode": "hands-off", **with_config(limits={"subflows": 7})}
    off = fleet.playbook("site.yml", "--limit", "b", extra=hands_off)
    assert off.code == 0, off
    assert enabled_units(machine) == []
    assert machine.limits()["subflows"] == 1 and "subflows: 7" in machine.path(DROP_IN).read_text()
    facts = off.of("Gathering Facts", "b")["ansible_facts"]["ansible_local"]["mptcp_keeper"]
    assert facts["limits"]["subflows"] == {**facts["limits"]["subflows"], "desired": 4, "observed": 1}
    assert COMPARE not in {task for _, task in off.changed_tasks()}  # drift that no run repairs is no change
    back = fleet.playbook("site.yml", "--limit", "b")
    assert back.code == 0, back
    assert enabled_units(machine) == [DAEMON, BOOT]
    assert_configured(fleet, "b")


# The documented check, of the test's own service.
HEALTH = yaml.safe_load((EXAMPLES / "inventory.example.yaml").read_text())["mptcp"]["vars"][
    "mptcp_keeper_rollout_health_command"].replace("('web.example.org', 443)", f"('{CONTROL}', 7000)")
NEW = with_config(limits={**LIMITS, "subflows": 6})
# The health check needs an MPTCP socket.
BROKEN = with_config(sysctl={"enabled": False, "add_addr_timeout": 60})
@pytest.fixture
def rollout(fleet):
    """Runs rollout.yml with a health check that connects to the control node by MPTCP. Afterwards all hosts have again
    what they had before."""
    before = fleet.machines["a"].path(DROP_IN).read_text()
    server = fleet.control.start(["python3", "-c", SERVER])
    server.wait_for("listening")

    def run(*options, **variables):
        return fleet.playbook("rollout.yml", *options, extra={
            **NEW, "mptcp_keeper_rollout_health_command": HEALTH, "mptcp_keeper_rollout_health_retries": 2,
            "mptcp_keeper_rollout_health_delay": 1, **variables})

    yield run
    server.stop()
    fleet.host_variables.clear()
    for machine in fleet.machines.values():
        machine.run(["mptcp-keeper", "revert"], check=False)
        machine.write(DROP_IN, before)
        machine.run(["mptcp-keeper", "apply"])


def is_pending(machine):
    shown = machine.run(["mptcp-keeper", "--json", "status"], check=False).stdout
    return json.loads(shown)["try"]["pending"]


def assert_as_before(fleet, *names):
    """The machines have what they had before a rollout, and keep it."""
    assert_configured(fleet, *names)
    for name in names:
        machine = fleet.machines[name]
        assert not is_pending(machine)
        assert "subflows: 4" in machine.path(DROP_IN).read_text() and machine.sysctl("net.mptcp.enabled") == "1"
        assert machine.run(["mptcp-keeper", "diff"], check=False).returncode == 0


def test_a_rollout_is_kept_where_the_host_is_healthy_and_reverted_elsewhere(fleet, rollout):
    fleet.host_variables["c"] = BROKEN
    run = rollout("--extra-vars", "rollout_serial=3")
    assert run.code == 2 and run.figures("failures") == {"a": 0, "b": 0, "c": 1}, run
    for name in ("a", "b"):
        assert run.of("Keep the configuration", name) is not None
        machine = fleet.machines[name]
        assert not is_pending(machine) and "subflows: 6" in machine.path(DROP_IN).read_text()
        assert machine.run(["mptcp-keeper", "diff"], check=False).returncode == 0
    assert_configured(fleet, "a", "b", limits={**LIMITS, "subflows": 6})
    reason = run.of("Fail with the reason", "c")["msg"]
    assert reason.startswith("Run the command that checks the health") and "previous state was restored" in reason
    assert_as_before(fleet, "c")
    assert all(leftovers(fleet.machines[name]) == [] for name in NAMES)

    again = rollout("--limit", "a,b", "--extra-vars", "rollout_serial=2")
    assert again.code == 0 and again.changed_tasks() == set(), again


def test_a_rollout_ends_after_the_first_batch_that_fails(fleet, rollout):
    fleet.host_variables["a"] = BROKEN
    run = rollout()
    assert run.code == 2 and set(run.stats) == {"a"}, run
    assert_as_before(fleet, *NAMES)


def test_a_deadline_that_passes_during_the_check_is_the_reason(fleet, rollout, tmp_path):
    """The check succeeds too late: it waits until the host has reverted."""
    machine = fleet.machines["a"]
    late = "until mptcp-keeper --json status | grep -q '\"pending\": false'; do sleep 0.2; done"
    (tmp_path / "health.yml").write_text(json.dumps([{"name": "Wait", "ansible.builtin.shell": {"cmd": late}}]))
    run = rollout("--limit", "a", mptcp_keeper_rollout_timeout=20, mptcp_keeper_rollout_connect_timeout=5,
                  mptcp_keeper_rollout_health_tasks=str(tmp_path / "health.yml"))
    assert run.code == 2, run
    reason = run.of("Fail with the reason", "a")["msg"]
    assert reason.startswith("Keep the configuration"), reason
    assert "the deadline has passed, and the host has restored its previous state" in reason
    assert "subflows: 4" in machine.path(DROP_IN).read_text()
    assert_as_before(fleet, "a")


def test_files_that_cannot_be_placed_after_the_confirmation_are_placed_by_the_next_run(fleet, rollout):
    machine = fleet.machines["a"]
    blocked = "/etc/mptcp-keeper/conf.d/70-folder.yaml"
    machine.path(blocked).mkdir()
    (machine.path(blocked) / "file").touch()
    drop_ins = [{"name": "70-folder.yaml", "content": "limits: {}\n"}]
    try:
        run = rollout("--limit", "a", mptcp_keeper_drop_ins=drop_ins)
        shutil.rmtree(machine.path(blocked))
        assert run.code == 2, run
        reason = run.of("Fail with the reason", "a")["msg"]
        assert "confirmed, but its files are not placed: run the playbook again" in reason
        again = rollout("--limit", "a", mptcp_keeper_drop_ins=drop_ins)
        assert again.code == 0 and again.of("Apply the candidate on trial", "a") is None, again
        assert_configured(fleet, "a", limits={**LIMITS, "subflows": 6})
        assert json.loads(machine.run(["mptcp-keeper", "--json", "status"]).stdout)["loaded"]
    finally:
        shutil.rmtree(machine.path(blocked), ignore_errors=True)
        machine.path(blocked).unlink(missing_ok=True)


def test_a_batch_that_takes_too_many_rounds_is_refused_before_the_first_trial(fleet, rollout):
    """Three hosts with one fork are three rounds of 30 + 10 + 2 * 1 seconds."""
    serial = ["--extra-vars", "rollout_serial=3"]
    run = rollout("--forks", "1", *serial)
    assert run.code == 2 and run.figures("failures") == dict.fromkeys(NAMES, 1) and run.changed_tasks() == set(), run
    task = "Refuse a batch whose first hosts would revert before the last ones were checked"
    assert "3 hosts with 1 forks is worked on in 3 rounds of up to 42 seconds" in run.of(task, "a")["msg"]
    for times in ({"mptcp_keeper_rollout_timeout": 30}, {"mptcp_keeper_rollout_timeout": 86401}):
        run = rollout("--limit", "a", **times)
        assert run.code == 2 and run.of("Refuse times that contradict each other", "a")["msg"], run
    assert_as_before(fleet, *NAMES)


def lose_connection(fleet, rollout, folder, *options, **variables):
    """Runs a rollout and cuts the cable of a while it is on trial: during the check if there is one, otherwise before.
    Returns the run when a has reverted."""
    machine = fleet.machines["a"]
    runs = folder / "runs" if "mptcp_keeper_rollout_health_tasks" in variables else folder
    with ThreadPoolExecutor() as pool:
        running = pool.submit(rollout, *options, **variables)
        try:
            wait_for(lambda: running.done() or (runs.exists() and machine.limits()["subflows"] == 6), 90, "the trial")
            assert is_pending(machine)
            machine.set_carrier("enp1s0", False)
            (folder / "cut").touch()
            run = running.result()
            assert run.code != 0 and run.of("Keep the configuration", "a") is None, run
            wait_for(lambda: not is_pending(machine), 90, "the revert at the deadline")
            assert machine.limits() == LIMITS
        finally:
            machine.set_carrier("enp1s0", True)
    machine.wait_for_address("enp1s0", fleet.address("a"))
    return run


def test_a_host_that_cannot_be_reached_any_more_reverts_by_itself(fleet, rollout, tmp_path):
    run = lose_connection(fleet, rollout, tmp_path, "--limit", "a", mptcp_keeper_rollout_timeout=30,
                          mptcp_keeper_rollout_connect_timeout=10)
    assert "the host restores it at the deadline" in run.of("Fail with the reason", "a")["msg"]
    assert_as_before(fleet, "a")


def test_a_host_that_is_lost_during_the_check_ends_the_rollout_after_its_batch(fleet, rollout, tmp_path):
    (tmp_path / "health.yml").write_text(CHECKS % (tmp_path, tmp_path))
    run = lose_connection(fleet, rollout, tmp_path, "--extra-vars", '{"rollout_serial": [2, "50%"]}',
                          mptcp_keeper_rollout_timeout=60,
                          mptcp_keeper_rollout_health_tasks=str(tmp_path / "health.yml"))
    assert run.figures("unreachable") == {"a": 1, "b": 0} and run.figures("failures") == {"a": 0, "b": 0}, run
    assert_configured(fleet, "b", limits={**LIMITS, "subflows": 6})
    assert_as_before(fleet, "a", "c")


def test_what_an_administrator_has_on_trial_is_left_alone(fleet, rollout):
    machine = fleet.machines["a"]
    machine.run(["mptcp-keeper", "try", "--detach"])
    for run in (fleet.playbook("site.yml", "--limit", "a", extra=NEW), rollout("--limit", "a")):
        assert run.code == 2 and run.changed_tasks() == set(), run
        assert "A configuration is on trial" in run.of("Refuse to interfere with a configuration on trial", "a")["msg"]
    assert is_pending(machine)
    machine.run(["mptcp-keeper", "confirm"])
    assert_as_before(fleet, "a")
