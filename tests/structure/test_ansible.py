# SPDX-License-Identifier: LGPL-2.1-or-later
"""The role of examples/ansible: clean for ansible-lint and yamllint, its variables are described, and it accepts what
mptcp-keeper accepts. tests/boot/test_ansible.py runs it."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="needs python3-yaml")

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PROGRAM = Path(os.environ.get("MPTCP_KEEPER", ROOT / "build" / "mptcp-keeper"))
PYTHON = "/usr/bin/python3"  # of the distribution, which has ansible-core
FOLDER = "/etc/mptcp-keeper/conf.d"
EXAMPLES = ROOT / "examples" / "ansible"
ROLE = EXAMPLES / "roles" / "mptcp_keeper"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
VARIABLES = SPECS["rollout"]["options"]


def keeper(*arguments, **kwargs):
    """Runs the program; the test is skipped if it was not built."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM.name} was not built")
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False, **kwargs)


@pytest.mark.parametrize("command", [["ansible-lint", "--offline", "-q", "--profile", "production", "--nocolor"],
                                     ["yamllint", "--strict", "."]], ids=lambda command: command[0])
def test_the_examples_are_clean(command, tmp_path):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    copy = shutil.copytree(EXAMPLES, tmp_path / "ansible")  # ansible-lint writes into the project
    found = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                           env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"})
    assert (found.returncode, found.stdout) == (0, ""), found.stdout + found.stderr


def test_defaults_are_those_of_the_specification():
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults == {name: option["default"] for name, option in VARIABLES.items()}
    main = SPECS["main"]["options"]
    assert main == {name: option for name, option in VARIABLES.items() if not name.startswith("mptcp_keeper_rollout")}


def test_the_readme_describes_every_variable():
    described = re.findall(r"^\| `(mptcp_keeper_\w+)`", (ROLE / "README.md").read_text(), re.MULTILINE)
    assert sorted(described) == sorted(VARIABLES)


def keys(schema, path=()):
    """The keys that the JSON Schema of the configuration allows, as paths; those of sysctl are left out."""
    for name, inner in schema.get("properties", {}).items():
        yield (*path, name)
        if name != "sysctl":
            yield from keys(inner, (*path, name))
    for inner in [schema.get("items"), *schema.get("anyOf", []), *schema.get("oneOf", [])]:
        if isinstance(inner, dict):
            yield from keys(inner, path)


def is_accepted(path):
    """Whether the specification of the variables accepts that key."""
    option = VARIABLES["mptcp_keeper_config"]
    for name in path:
        if name not in option.get("options", {}):
            return False
        option = option["options"][name]
    return True


def test_every_key_of_the_configuration_is_accepted():
    found = set(keys(json.loads(keeper("schema").stdout)))
    assert ("profiles", "match", "name") in found and ("endpoints", "address") in found
    assert [".".join(path) for path in sorted(found) if not is_accepted(path)] == []
    refused = [(*path, "unheard-of") for path in found]
    assert [path for path in [("unheard-of",), *refused] if is_accepted(path)] == []


def dicts(option, path=()):
    """(path, whether its keys are listed) of each dict below an option."""
    if option["type"] == "dict" or option.get("elements") == "dict":
        yield ".".join(path), "options" in option
    for name, inner in option.get("options", {}).items():
        yield from dicts(inner, (*path, name))


def test_only_sysctl_accepts_unknown_keys():
    assert [path for path, is_listed in dicts(VARIABLES["mptcp_keeper_config"]) if not is_listed] == ["sysctl"]


def run_module(check_mode=True, **parameters):
    """The result of the role's module."""
    if subprocess.run([PYTHON, "-c", "import ansible"], capture_output=True, check=False).returncode != 0:
        pytest.skip("ansible-core is not installed")
    arguments = {"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": check_mode, **parameters}}
    done = subprocess.run([PYTHON, "-B", ROLE / "library" / "mptcp_keeper_apply.py"], input=json.dumps(arguments),
                          capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["../../../../../../{}/escaped.yaml", "{}/escaped.yaml", ".hidden.yaml", "..yaml",
                                  "50-a.yaml\n", "50-a.conf", "50-a", ".yaml", ""])
def test_the_module_and_the_role_refuse_names_that_are_none_of_drop_ins(name, tmp_path):
    name = name.format(str(tmp_path))
    victim = tmp_path / "escaped.yaml"
    victim.write_text("kept")
    for parameters in ({"files": {name: ""}}, {"absent": [name]}):
        result = run_module(program="/bin/false", **parameters)
        assert result["failed"] and "no names of drop-ins" in result["msg"]
    assert victim.read_text() == "kept"
    task, = yaml.safe_load((ROLE / "tasks" / "names.yml").read_text())
    pattern = re.search(r"'match', '(.*?)'", task["ansible.builtin.assert"]["that"])[1]
    assert re.match(pattern, name) is None
    assert all(re.match(pattern, good) for good in ("50-a.yaml", "a.yml", "50.a.yml"))


def test_the_module_names_the_declaring_file():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    keeper("--version")  # skips the test if there is no program
    name = f"{FOLDER}/97-only-a-test.yaml"
    text = "limits:\n  subflows: 5\n  add_addr_accepted: 7\napplications:\n  units: [bird.service]\n"
    result = run_module(program=str(PROGRAM), files={Path(name).name: text})
    sources = {change["key"]: change["source"] for change in result["changes"] if change["resource"] == "limit"}
    assert sources == {"subflows": f"{name}:2", "add_addr_accepted": f"{name}:3"}
    warned, = [warning for warning in result["warnings"] if "TCP_MD5SIG" in warning]
    assert warned.startswith(f"{name}:5: bird.service")
    assert "/mptcp-keeper-" not in json.dumps(result["warnings"])


def test_the_configurations_of_the_inventory_are_valid():
    group = yaml.safe_load((EXAMPLES / "inventory.example.yaml").read_text())["mptcp"]
    configs = [scope["mptcp_keeper_config"] for scope in [group["vars"], *filter(None, group["hosts"].values())]]
    assert len(configs) == 2
    for config in configs:
        checked = keeper("check", "-", input=yaml.safe_dump(config))
        assert (checked.returncode, checked.stderr) == (0, "")
