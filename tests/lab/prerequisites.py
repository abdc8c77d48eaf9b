# SPDX-License-Identifier: LGPL-2.1-or-later
"""What this machine needs to run tests in namespaces; shared by the conftest.py of several folders."""

import os
import shutil
from pathlib import Path

import pytest


def what_is_missing(purpose, programs):
    """Why the tests cannot run here, or None. `purpose` is what root is required for."""
    if os.geteuid() != 0:
        return f"needs root: {purpose}"
    if not Path("/proc/sys/net/mptcp/enabled").exists():
        return f"the running kernel, {os.uname().release}, has no MPTCP"
    missing = [name for name in programs if shutil.which(name) is None]
    return f"programs are missing: {' '.join(missing)}" if missing else None


def skip_all(items, reason):
    """Skips every test with the reason, if there is one."""
    for item in items if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason))
