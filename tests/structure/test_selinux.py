# SPDX-License-Identifier: LGPL-2.1-or-later
"""The SELinux module of packaging/selinux compiles; tests/kernels/test_confined.py tries it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
MODULE = ROOT / "packaging/selinux"
MAKEFILE = Path("/usr/share/selinux/devel/Makefile")


@pytest.mark.skipif(not MAKEFILE.exists(), reason=f"{MAKEFILE} (package selinux-policy-dev) is missing")
def test_the_module_compiles(tmp_path):
    folder = shutil.copytree(MODULE, tmp_path / "module")
    done = subprocess.run(["make", "--silent", "--file", MAKEFILE, "mptcp_keeper.pp"], cwd=folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and (folder / "mptcp_keeper.pp").exists(), done.stdout + done.stderr


def test_every_type_of_a_file_is_documented():
    types = set(re.findall(r":(mptcp_keeper_\w+_t),", (MODULE / "mptcp_keeper.fc").read_text()))
    documented = set(re.findall(r"mptcp_keeper_\w+_t\b", (ROOT / "docs/security.md").read_text()))
    assert {name for name in types if not name.endswith("_exec_t")} <= documented


def test_every_domain_is_documented():
    domains = set(re.findall(r"^init_daemon_domain\((\w+),", (MODULE / "mptcp_keeper.te").read_text(), re.MULTILINE))
    documented = set(re.findall(r"mptcp_keeper_(?:\w+_)?t\b", (ROOT / "docs/security.md").read_text()))
    assert len(domains) == 5 and domains <= documented
