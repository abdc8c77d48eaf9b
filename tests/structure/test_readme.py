# SPDX-License-Identifier: LGPL-2.1-or-later
"""The README is correct: its YAML is valid, its commands and files exist. Links of all documents lead somewhere."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PROGRAM = Path(os.environ.get("MPTCP_KEEPER", ROOT / "build" / "mptcp-keeper"))
README = (ROOT / "README.md").read_text()
YAML_BLOCKS = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def program():
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM.name} was not built")
    return PROGRAM


@pytest.mark.parametrize("block", range(len(YAML_BLOCKS)))
def test_yaml_is_valid(program, block):
    done = subprocess.run([program, "check", "-"], input=YAML_BLOCKS[block], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_there_is_yaml_to_check():
    assert len(YAML_BLOCKS) >= 2


def test_commands_are_those_of_the_program(program):
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    offered = set(re.findall(r"^  ([a-z]+) {3,}", shown.split("Subcommands:")[1], re.MULTILINE))
    table = README.split("## Commands and exit codes")[1].split("## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)", table, re.MULTILINE)) == offered
    assert set(re.findall(r"^# mptcp-keeper ([a-z]+)", README, re.MULTILINE)) <= offered


def rows():
    """[(command, exits)] of the table of commands, row by row."""
    table = README.split("## Commands and exit codes")[1].split("## ")[0]
    return re.findall(r"^\| `([a-z]+).*\| ([^|]*) \|$", table, re.MULTILINE)


def test_each_command_is_listed_once():
    assert sorted(command for command, _ in rows()) == sorted({command for command, _ in rows()})


@pytest.mark.parametrize("command, exits", [row for row in rows() if row[0] != "run"])
def test_exit_codes_are_those_of_the_help(program, command, exits):
    shown = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True).stdout
    documented = (shown + "Exit codes: 0").split("Exit codes:")[1].split("\n\n")[0]
    assert set(re.findall(r"\b\d+\b", exits)) == set(re.findall(r"\b\d+\b", documented))


@pytest.mark.parametrize("document", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda path: path.stem)
def test_relative_links_lead_to_files_and_headings(document):
    dead = []
    for file, heading in re.findall(r"\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)", document.read_text()):
        target = document.parent / file if file else document
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if heading and target.exists() else []
        anchors = {re.sub(r"[^\w\s-]", "", text).lower().replace(" ", "-") for text in headings}
        if not target.exists() or (heading and heading not in anchors):
            dead.append(f"{file}#{heading}")
    assert dead == []


def test_files_that_it_names_exist():
    named = set(re.findall(r"(?<![\w./-])((?:examples|tests|docs)/[\w./-]*\w)", README))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
