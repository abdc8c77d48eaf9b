# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables of programs in src/applications and in the manual name the same programs."""

import os
import re
from pathlib import Path

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
MANUAL = (ROOT / "docs" / "manual.md").read_text().partition("## PROGRAMS")[2].partition("\n## ")[0]


def values(file, key):
    """The strings that the table in that file has for a key."""
    text = (ROOT / "src" / "applications" / file).read_text()
    return [value.replace('\\"', '"') for value in re.findall(rf'\.{key} =\s*"((?:[^"\\]|\\.)*)"', text)]


def test_the_manual_lists_the_options_of_programs_that_speak_mptcp():
    options = values("native_programs.cpp", "option")
    assert options and [option for option in options if f"`{option}`" not in MANUAL] == []
    versions = [version.split()[0] for version in values("native_programs.cpp", "version")]
    assert [version for version in versions if version not in MANUAL] == []


def test_the_manual_lists_the_programs_that_do_not_work_with_mptcp():
    names = {part for name in values("incompatible_programs.cpp", "name") for part in name.split(" or ")}
    assert names and [name for name in sorted(names) if name not in MANUAL] == []
