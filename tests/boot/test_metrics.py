# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sandboxed service writes metrics.textfile where node_exporter reads it."""

import os
import re

import scenario
from node import wait_for
from scenario import FILE, UNITS

FOLDER = "/var/lib/prometheus/node-exporter"
SYSTEM_ACCOUNT = 101


def config_for(path):
    return scenario.CONFIG + f"metrics: {{textfile: {path}}}\n"


def is_in_sync(machine, path):
    file = machine.path(path)
    return file.is_file() and "\nmptcp_keeper_in_sync 1\n" in file.read_text()


def warning(machine):
    lines = machine.run(["journalctl", "-b", "-u", "mptcp-keeper", "-o", "cat", "--no-pager"]).stdout.splitlines()
    return next((line for line in lines if line.startswith("metrics.textfile ")), None)


def test_the_service_writes_into_the_folder_of_node_exporter(machine):
    """Owners and modes are those of Debian's prometheus-node-exporter."""
    scenario.enable(machine, *UNITS[:2])
    machine.path(FOLDER).mkdir(parents=True)
    os.chown(machine.path(FOLDER).parent, SYSTEM_ACCOUNT, SYSTEM_ACCOUNT)
    machine.write(FILE, config_for(f"{FOLDER}/mptcp-keeper.prom"))
    machine.boot()
    wait_for(lambda: is_in_sync(machine, f"{FOLDER}/mptcp-keeper.prom"), 60, "the file", 0.2)
    assert warning(machine) is None
    machine.systemctl("stop", "mptcp-keeper")
    assert list(machine.path(FOLDER).iterdir()) == []


def test_another_folder_needs_the_drop_in_that_the_warning_contains(machine):
    scenario.enable(machine, *UNITS[:2])
    machine.path("/srv/my metrics").mkdir(parents=True)
    file = "/srv/my metrics/a%b.prom"
    machine.write(FILE, config_for(f'"{file}"'))
    machine.boot()
    line = wait_for(lambda: warning(machine), 60, "the warning", 0.2)
    command = re.search(r"`(mkdir .*systemctl restart mptcp-keeper)`", line)[1]
    assert not machine.path(file).exists()
    machine.run(["sh", "-c", command])
    wait_for(lambda: is_in_sync(machine, file), 60, "the file", 0.2)


def test_the_folder_of_the_service_needs_nothing(machine):
    scenario.enable(machine, *UNITS[:2])
    machine.write(FILE, config_for("/run/mptcp-keeper/metrics.prom"))
    machine.boot()
    command = ["cat", "/run/mptcp-keeper/metrics.prom"]
    wait_for(lambda: "\nmptcp_keeper_in_sync 1\n" in machine.run(command, check=False).stdout, 60, "the file", 0.2)
    owner = machine.run(["stat", "-c", "%U %a", command[1]]).stdout
    assert owner == "root 644\n"
