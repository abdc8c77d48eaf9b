# SPDX-License-Identifier: LGPL-2.1-or-later
"""--root: an unbooted tree, and a missing one."""

import subprocess

import pytest
from host import keeper_program


def keeper_in(tree, *arguments):
    return subprocess.run([keeper_program(), "--root", str(tree), *arguments], capture_output=True, text=True,
                          check=False, timeout=60)


@pytest.mark.parametrize("command, code", [("export", 1), ("check", 65), ("config", 65)])
def test_a_root_that_is_not_there_is_refused(tmp_path, command, code):
    done = keeper_in(tmp_path / "typo", command)
    assert (done.returncode, done.stdout) == (code, "")
    assert f"there is no directory {tmp_path}/typo" in done.stderr


def test_a_tree_without_configuration_is_named_with_its_root(tmp_path):
    done = keeper_in(tmp_path, "check")
    assert done.returncode == 0
    assert done.stderr.startswith(f"{tmp_path}/etc/mptcp-keeper/config.yaml:1:1: warning: ")
