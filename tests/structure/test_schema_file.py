# SPDX-License-Identifier: LGPL-2.1-or-later
"""The schema that packages install, and the line by which editors find it in a configuration."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("KEEPER_BUILD_DIR", ROOT / "build"))
PROGRAM = BUILD / "mptcp-keeper"
MODELINE = "# yaml-language-server: $schema=file:///usr/share/mptcp-keeper/schema.json"


def program(*arguments):
    if not PROGRAM.exists():
        pytest.skip("mptcp-keeper was not built")
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_schema_is_the_one_that_the_program_prints(tmp_path):
    printed = program("schema")
    subprocess.run(["cmake", "--install", BUILD, "--component", "core"], env={**os.environ, "DESTDIR": str(tmp_path)},
                   capture_output=True, check=True)
    assert (tmp_path / MODELINE.partition("file:///")[2]).read_text() == printed


def test_every_example_names_the_schema_in_its_first_line():
    examples = sorted([*(ROOT / "examples").glob("*.yaml"), *(ROOT / "examples").rglob("mptcp-keeper/conf.d/*.yaml")])
    assert examples
    assert [path.name for path in examples if path.read_text().split("\n", 1)[0] != MODELINE] == []


def test_an_export_names_the_schema_in_its_first_line(tmp_path):
    assert program("export", "--root", tmp_path).split("\n", 1)[0] == MODELINE
