# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/tools/build_progress.sh: what examples/demo.sh and tests/run.sh show of a build, with a fake cmake."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
MAKE = ["-- Configuring done", "Scanning dependencies of target a", "make[2]: Entering directory '/b'",
        *(f"[{percent:3}%] Building CXX object a/{percent}.o" for percent in range(2, 101, 2)), "[100%] Built target a"]
NINJA = ["[0/1] Re-checking globbed directories...", "[1/2] Re-running CMake...",
         *(f"[{done}/68] Building CXX object a/{done}.o" for done in range(1, 69))]
EVERY_TENTH = [str(percent) for percent in range(10, 101, 10)]


def command(tmp_path, lines, status=0):
    """A shell that builds tmp_path with a cmake that prints these lines and exits with that status."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "output").write_text("".join(f"{line}\n" for line in lines))
    fake = tmp_path / "bin" / "cmake"
    fake.write_text(f"#!/bin/sh\ncat {tmp_path}/output >&2\nexit {status}\n")
    fake.chmod(0o755)
    script = (f"set -eu; PATH={tmp_path}/bin:$PATH; . {ROOT}/tests/tools/build_progress.sh; "
              f"build_with_progress {tmp_path}")
    return ["bash", "-c", script]


def build(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("lines", [MAKE, NINJA], ids=["make", "ninja"])
def test_prints_a_line_every_tenth_and_keeps_the_whole_output(tmp_path, lines):
    done = build(tmp_path, lines)
    shown = re.findall(r"^building in .*: (\d+) % after \d+ s$", done.stdout, re.MULTILINE)
    assert (done.returncode, done.stderr, len(shown) + 1) == (0, "", len(done.stdout.splitlines()))
    assert re.fullmatch(r"building in .*: ended after \d+ s", done.stdout.splitlines()[-1])
    assert [percent[:-1] for percent in shown if percent[:-1]] == [percent[:-1] for percent in EVERY_TENTH]
    assert (tmp_path / "build.log").read_text().splitlines() == lines


def test_shows_errors_and_returns_the_status(tmp_path):
    error = ["a.cpp:1:1: error: expected ';'", "    1 | x", "      | ^", "make: *** [Makefile:9: all] Error 2"]
    done = build(tmp_path, [*MAKE[:9], *error, MAKE[9]], 2)
    assert done.returncode == 2
    assert [line for line in done.stdout.splitlines() if not line.startswith("building in ")] == error
    assert f"{tmp_path}/build.log" in done.stderr


def test_rewrites_one_line_on_a_terminal(tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen(command(tmp_path, [*MAKE, "a.cpp:1:1: warning: unused"]), stdout=slave, stderr=slave,
                               stdin=slave)
    os.close(slave)
    output = b""
    try:
        while part := os.read(master, 4096):
            output += part
    except OSError:  # the other end is closed
        pass
    os.close(master)
    assert process.wait(10) == 0
    lines = output.decode().split("\r\n")
    assert [re.sub(r".*\r\x1b\[K", "", line) for line in lines] == ["a.cpp:1:1: warning: unused", ""]
    assert output.count(b"\r\x1b[Kbuilding in ") == 51
