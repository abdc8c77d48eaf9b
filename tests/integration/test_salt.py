# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/salt, rendered with Jinja2 and PyYAML, which Salt uses too: Debian has no Salt to run. The filters yaml and
json and the function pillar.get stand for those of Salt, and return what its documentation says."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from host import keeper_program

jinja2 = pytest.importorskip("jinja2")
EXAMPLES = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2])) / "examples/salt"
PILLAR = yaml.safe_load((EXAMPLES / "pillar.example").read_text())
FILE = "mptcp-keeper-configuration"


def render(pillar):
    """The states, {id: {function: {argument: value}}}."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(EXAMPLES), undefined=jinja2.StrictUndefined)
    environment.filters["yaml"] = lambda value, flow_style=True: yaml.safe_dump(value, default_flow_style=flow_style)
    environment.filters["json"] = json.dumps
    text = environment.get_template("mptcp_keeper/init.sls").render(salt={"pillar.get": pillar.get})
    states = yaml.safe_load(text)
    merged = {}
    for name, functions in states.items():
        for function, arguments in functions.items():
            names = [key for argument in arguments for key in argument]
            assert len(names) == len(set(names)), f"{name}: an argument twice"
            merged.setdefault(name, {})[function] = {key: value for one in arguments for key, value in one.items()}
    return merged


def with_settings(**settings):
    return {"mptcp_keeper": {**PILLAR["mptcp_keeper"], **settings}}


def test_the_states_and_their_order():
    states = render(PILLAR)
    assert list(states) == ["mptcp-keeper-package", FILE, "mptcp-keeper-apply", "mptcp-keeper-drift",
                            "mptcp-keeper-boot-service", "mptcp-keeper-service"]
    assert states["mptcp-keeper-package"]["pkg.installed"]["require_in"] == [{"file": FILE}]
    managed = states[FILE]["file.managed"]
    assert managed["name"] == "/etc/mptcp-keeper/conf.d/50-salt.yaml"
    assert (managed["user"], managed["mode"]) == ("root", "0644")
    assert managed["check_cmd"] == "/usr/sbin/mptcp-keeper check"
    assert states["mptcp-keeper-apply"]["cmd.run"] == {"name": "/usr/sbin/mptcp-keeper apply",
                                                       "onchanges": [{"file": FILE}]}
    assert states["mptcp-keeper-drift"]["cmd.run"]["unless"] == (
        "/usr/sbin/mptcp-keeper diff && ! /usr/sbin/mptcp-keeper --json status | grep -q '\"loaded\": false'")
    for unit in ("mptcp-keeper", "mptcp-keeper-boot"):
        service = states[f"{unit}-service"]["service.running"]
        assert (service["name"], service["enable"]) == (unit, True)


def test_every_requisite_names_a_state():
    states = render(PILLAR)
    for functions in states.values():
        for arguments in functions.values():
            for requisite in ("require", "require_in", "onchanges"):
                for one in arguments.get(requisite, []):
                    (module, target), = one.items()
                    assert any(function.startswith(f"{module}.") for function in states[target]), one


@pytest.mark.parametrize("config", [
    PILLAR["mptcp_keeper"]["config"],
    {"limits": {"subflows": None}, "profiles": [{"match": {"name": "a: 'b'\""}, "mptcp-flags": None}]},
    {},
])
def test_the_file_is_valid_and_means_what_the_pillar_says(tmp_path, config):
    contents = render(with_settings(config=config))[FILE]["file.managed"]["contents"]
    assert contents.startswith("# Managed by Salt")
    assert (yaml.safe_load(contents) or {}) == config
    file = tmp_path / "50-salt.yaml"
    file.write_text(contents)
    states = render(with_settings(config=config, program=keeper_program()))
    words = [*states[FILE]["file.managed"]["check_cmd"].split(), file]  # Salt appends the name of the file
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_wrong_pillar_is_refused_by_the_check(tmp_path):
    states = render(with_settings(config={"limits": {"subflow": 1}}, program=keeper_program()))
    file = tmp_path / "50-salt.yaml"
    file.write_text(states[FILE]["file.managed"]["contents"])
    done = subprocess.run([*states[FILE]["file.managed"]["check_cmd"].split(), file], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == 65 and "did you mean subflows?" in done.stderr


def test_parts_can_be_left_to_something_else():
    states = render(with_settings(manage_package=False, manage_service=False, repair_drift=False))
    assert list(states) == [FILE, "mptcp-keeper-apply"]
    assert list(render({})) == list(render(PILLAR)), "also without a pillar"
