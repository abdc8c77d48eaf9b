# SPDX-License-Identifier: LGPL-2.1-or-later
"""A NetworkManager that is installed but stopped stays stopped, even if the message bus could start it."""

import pytest
from daemon_host import KERNEL, CONFIG, Daemon, kernel_is_right
from node import wait_for

MARK = "/run/was-started"
SERVICE = f"""[D-BUS Service]
Name=org.freedesktop.NetworkManager
Exec=/bin/touch {MARK}
"""


@pytest.fixture
def host(lab):
    """A host where any call to NetworkManager that may start it leaves a mark."""
    made = lab.host()
    made.write("/run/dbus/services/org.freedesktop.NetworkManager.service", SERVICE)
    made.start_bus()
    yield made
    assert not made.path(MARK).exists()
    made.run(["busctl", "--timeout=2", "call", "org.freedesktop.NetworkManager", "/", "org.freedesktop.DBus.Peer",
              "Ping"], check=False)
    wait_for(made.path(MARK).exists, 5, "the witness: the bus starts it for others")


@pytest.mark.parametrize("config", [KERNEL, CONFIG], ids=["without-profiles", "with-profiles"])
def test_by_no_command(host, config):
    host.configure(config)
    for command in ("apply", "diff", "status", "doctor", "export", "connections", "reset"):
        done = host.keeper(command)
        needs_it = config == CONFIG or command == "export"
        assert ("NetworkManager is not running" in done.stderr) <= needs_it


@pytest.mark.parametrize("config", [KERNEL, CONFIG], ids=["without-profiles", "with-profiles"])
def test_by_no_daemon(host, config):
    daemon = Daemon(host, config)
    wait_for(lambda: kernel_is_right(host), 5, "the kernel's part")
    host.path("/run/mptcp-keeper/poke").write_text("")
    host.ip("mptcp limits set subflows 1")
    wait_for(lambda: kernel_is_right(host), 5, "the repair")
    assert any("NetworkManager is not running" in line for line in daemon.log()) == (config == CONFIG)
    assert daemon.stop() == 0
