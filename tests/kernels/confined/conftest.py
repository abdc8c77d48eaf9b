# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures of the tests in a machine on which SELinux is enforced. All tests share one boot."""

import pytest
import this_host


@pytest.fixture
def daemon():
    """The daemon runs during the test."""
    this_host.systemctl("start", "mptcp-keeper.service")
    yield "mptcp-keeper.service"
    this_host.systemctl("stop", "mptcp-keeper.service")


@pytest.fixture
def configure():
    """Writes the configuration. At the end, the one of the boot is there again and applied."""
    before = this_host.CONFIG.read_text()
    yield this_host.CONFIG.write_text
    this_host.keeper("revert")  # fails if no try is pending
    this_host.CONFIG.write_text(before)
    done = this_host.keeper("apply")
    assert done.returncode == 0, done.stdout + done.stderr
