# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/puppet on a booted system: Puppet installs the package, places the file, enables and starts the units."""

import re
import shutil
import subprocess

import pytest
import roots
import scenario
from scenario import UNITS

EXAMPLES = roots.SOURCES / "examples/puppet"
FILE = "/etc/mptcp-keeper/conf.d/50-puppet.yaml"
SOURCES = "/etc/apt/sources.list.d/keeper.list"
REPOSITORY = "/srv/keeper"
CLASS = """class { 'mptcp_keeper':
  sysctl    => { 'enabled' => true, 'add_addr_timeout' => 60 },
  limits    => { 'subflows' => 4, 'add_addr_accepted' => 3 },
  profiles  => [{ 'match' => { 'name' => 'wan*' },
                  'mptcp-flags' => ['signal', 'subflow', 'also-without-default-route'] }],
  endpoints => [{ 'address' => '192.0.2.200', 'flags' => ['signal'] }],
}
"""


@pytest.fixture
def puppet_layers(debian):
    """The release without mptcp-keeper and with its Puppet."""
    if debian.name != roots.own_release():
        pytest.skip("only on the release of this machine: Puppet needs a root of its own")
    if shutil.which("dpkg-scanpackages") is None:
        pytest.skip("programs are missing: dpkg-scanpackages")
    with roots.made_once(f"{debian.base.parent.name}-puppet") as (layer, empty):
        if empty:
            apt = roots.APT
            roots.run_in([debian.base], empty, f"{apt} update && {apt} install puppet-agent && {apt} clean",
                         f"installing Puppet on {debian.name}")
    return [layer, debian.base]


def add_repository(machine, package, scratch):
    """A repository of packages with mptcp-keeper alone, made in an empty folder."""
    shutil.copy(package, scratch)
    listed = subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=scratch, check=True, capture_output=True,
                            text=True)
    (scratch / "Packages").write_text(listed.stdout)
    shutil.copytree(scratch, machine.path(REPOSITORY))
    machine.write(SOURCES, f"deb [trusted=yes] file:{REPOSITORY} ./\n")
    machine.run_as_service(["apt-get", "-q", "update", "-o", f"Dir::Etc::sourcelist={SOURCES}",
                            "-o", "Dir::Etc::sourceparts=-"], timeout=60)


def apply(machine, *options):
    """Runs `puppet apply`; the result has .events, the lines about resources of the class."""
    done = machine.run_as_service(["puppet", "apply", "--detailed-exitcodes", "--color", "false", "--modulepath",
                                   "/srv/puppet", *options, "/srv/site.pp"], check=False, timeout=180)
    done.text = done.stdout + done.stderr
    done.events = re.findall(r"^(?:Notice|Error): /Stage\[main\]/Mptcp_keeper/(.*)$", done.text, re.MULTILINE)
    return done


def test_puppet_installs_configures_and_starts(debian, machines, puppet_layers, tmp_path):
    machine = machines.machine(layers=puppet_layers)
    machine.write("/etc/machine-id", "5b1d0c5a6f0e4d0a9a4a3c1f5d2e7b60\n")
    machine.write("/etc/NetworkManager/conf.d/test.conf", scenario.NETWORK_MANAGER)
    for interface in ("enp1s0", "enp2s0"):
        machine.plug(interface, machines.segment(f"m{machine.number}lan{interface[3]}"))
        scenario.add_profile(machine, interface)
    machine.write("/srv/site.pp", CLASS)
    shutil.copytree(EXAMPLES, machine.path("/srv/puppet"))
    machine.boot()
    add_repository(machine, debian.package, tmp_path)
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")

    shown = apply(machine, "--noop")
    assert shown.returncode == 0 and "Error" not in shown.text, shown.text
    assert not machine.path("/usr/sbin/mptcp-keeper").exists()
    assert "Package[mptcp-keeper]/ensure: current_value 'purged', should be 'present' (noop)" in shown.events
    first = apply(machine)
    assert first.returncode == 2, first.text
    assert [machine.systemctl("is-enabled", unit, check=False) for unit in UNITS] == ["enabled", "enabled", "disabled"]
    assert machine.systemctl("is-active", *UNITS[:2], check=False).split() == ["active"] * 2
    scenario.wait_for_endpoints(machine, "enp1s0", "enp2s0")
    scenario.wait_until_in_sync(machine)
    assert machine.stored_flags("wan-enp1s0") == scenario.FLAGS

    second = apply(machine)
    assert (second.returncode, second.events) == (0, []), second.text

    # a running daemon takes a changed file over
    machine.write("/srv/site.pp", CLASS.replace("'subflows' => 4", "'subflows' => 5"))
    changed = apply(machine)
    assert changed.returncode == 2 and machine.limits()["subflows"] == 5, changed.text
    assert machine.keeper("status").json["daemon"]["running"]
    assert apply(machine).events == []
