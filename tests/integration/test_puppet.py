# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/puppet: Debian's `puppet apply` on a lab host. The host has no systemd, so the class neither installs the
package nor starts the services here; tests/boot has a machine for that."""

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from host import keeper_program

EXAMPLES = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2])) / "examples/puppet"
FILE = "/etc/mptcp-keeper/conf.d/50-puppet.yaml"
CLASS = """class { 'mptcp_keeper':
  sysctl    => { 'enabled' => true, 'add_addr_timeout' => 60 },
  limits    => { 'subflows' => %s, 'add_addr_accepted' => 3 },
  profiles  => [
    { 'match' => { 'name' => ['wan*', 'lte'] }, 'mptcp-flags' => ['signal', 'subflow', 'also-without-default-route'] },
    { 'match' => { 'name' => 'wan2' }, 'mptcp-flags' => undef },
  ],
  endpoints => [{ 'address' => '203.0.113.7', 'flags' => ['signal'] }],
  %s
}
"""
pytestmark = pytest.mark.skipif(not shutil.which("puppet"), reason="puppet is not installed")


class Site:
    """A host on which `puppet apply` runs."""

    def __init__(self, host):
        self.host = host
        self.flags_before = host.stored_flags("wan2")

    def apply(self, *options, subflows=4, other=""):
        """Runs puppet; the result has .text without colours, and .events, the lines about resources of the class."""
        extra = f"program => '{keeper_program()}', manage_package => false, manage_service => false, {other}"
        self.host.write("/run/site.pp", CLASS % (subflows, extra))
        done = self.host.run(["puppet", "apply", "--detailed-exitcodes", "--show_diff", "--color", "false",
                              "--modulepath", EXAMPLES, "--confdir", "/run/puppet/conf", "--vardir", "/run/puppet/var",
                              "--logdir", "/run/puppet/log", "--rundir", "/run/puppet/run", *options, "/run/site.pp"],
                             check=False, timeout=120)
        done.text = done.stdout + done.stderr
        done.events = re.findall(r"^(?:Notice|Error): /Stage\[main\]/Mptcp_keeper/(.*)$", done.text, re.MULTILINE)
        return done

    def kernel(self):
        """What the configuration has set in the kernel."""
        return self.host.limits(), set(self.host.endpoints()), self.host.sysctl("net.mptcp.add_addr_timeout")


@pytest.fixture
def site(wan):
    return Site(wan)


AS_DECLARED = ({"subflows": 4, "add_addr_accepted": 3}, "203.0.113.7", "60")


def assert_as_declared(site):
    limits, endpoints, timeout = site.kernel()
    assert (limits, timeout) == (AS_DECLARED[0], AS_DECLARED[2]) and AS_DECLARED[1] in endpoints
    assert site.host.stored_flags("wan1") == {"signal", "subflow", "also-without-default-route"}
    assert site.host.stored_flags("wan2") == site.flags_before, "the last rule leaves it untouched"


def test_the_first_run_changes_the_host_and_the_second_nothing(site):
    before = site.kernel()
    shown = site.apply("--noop")
    assert (shown.returncode, site.kernel()) == (0, before)
    assert not site.host.path(FILE).exists()
    assert f"File[{FILE}]/ensure: current_value 'absent', should be 'file' (noop)" in shown.events
    assert any("apply the new configuration]: Would have triggered 'refresh'" in event for event in shown.events)

    first = site.apply()
    assert first.returncode == 2, first.text
    assert_as_declared(site)
    text = site.host.path(FILE).read_text()
    assert text.startswith("# Managed by Puppet") and "\n---" not in text
    assert yaml.safe_load(text)["profiles"][1] == {"match": {"name": "wan2"}, "mptcp-flags": None}

    second = site.apply()
    assert (second.returncode, second.events) == (0, []), second.text
    assert_as_declared(site)


def test_a_changed_parameter_is_shown_then_applied(site):
    assert site.apply().returncode == 2
    shown = site.apply("--noop", subflows=5)
    assert "-  subflows: 4\n+  subflows: 5\n" in shown.text
    assert_as_declared(site)
    assert site.apply(subflows=5).returncode == 2
    assert site.host.limits()["subflows"] == 5


def test_drift_is_reported_and_repaired(site):
    assert site.apply().returncode == 2
    site.host.ip("mptcp limits set subflows 1")
    shown = site.apply("--noop")
    assert shown.events == ["Exec[mptcp-keeper: repair drift]/returns: current_value 'notrun', should be ['0'] (noop)"]
    assert site.host.limits()["subflows"] == 1
    kept = site.apply(other="repair_drift => false")
    assert (kept.returncode, kept.events, site.host.limits()["subflows"]) == (0, [], 1)
    repaired = site.apply()
    assert repaired.returncode == 2
    assert_as_declared(site)


@pytest.mark.parametrize("parameters", [
    {"subflows": "'many'"},
    {"subflows": 65},
    {"other": "reconcile => { 'mode' => 'sometimes' },"},
    {"other": "file => '/etc/passwd',"},
])
def test_a_parameter_of_a_wrong_type_is_refused_before_anything_is_placed(site, parameters):
    done = site.apply(**parameters)
    assert done.returncode == 1 and "expects" in done.text, done.text
    assert done.events == []
    assert not site.host.path(FILE).exists()


def test_a_file_that_the_keeper_refuses_does_not_replace_the_old_one(site):
    assert site.apply().returncode == 2
    text = site.host.path(FILE).read_text()
    done = site.apply(other="other => { 'limit' => { 'subflows' => 1 } },")
    assert done.returncode & 4, done.text
    assert 'unknown key "limit"' in done.text
    assert site.host.path(FILE).read_text() == text
    assert_as_declared(site)
