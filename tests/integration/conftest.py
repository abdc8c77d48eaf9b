"""What every integration test needs: the rights, the programs, and a laboratory that is always taken down."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))
from host import keeper_program  # noqa: E402
from lab import Lab  # noqa: E402

PROGRAMS = ["NetworkManager", "busctl", "dbus-daemon", "dbus-monitor", "dbus-send", "dnsmasq", "ip", "iperf3",
            "mptcpize", "nmcli", "nsenter", "setpriv", "ss", "strace", "unshare"]


def what_is_missing():
    """Why the laboratory cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "needs root: it makes network namespaces and runs NetworkManager in them"
    if not Path("/proc/sys/net/mptcp/enabled").exists():
        return f"the running kernel, {os.uname().release}, has no MPTCP"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"programs are missing: {' '.join(missing)}" if missing else None


def pytest_configure(config):
    """Ends like after Ctrl-C when it is told to end, so that the laboratory is taken down."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def pytest_collection_modifyitems(items):
    """Skips everything, with the reason, where the laboratory cannot run."""
    reason = what_is_missing()
    for item in items if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Shows what NetworkManager logged beside a failure."""
    report = (yield).get_result()
    if report.failed and "lab" in getattr(item, "funcargs", {}):
        for host in item.funcargs["lab"].hosts:
            report.sections.append((f"NetworkManager on {host.name}", host.network_manager_log[-8000:]))


@pytest.fixture
def lab():
    """A laboratory without any host."""
    keeper_program()
    with Lab() as made:
        yield made


@pytest.fixture
def host(lab):
    """A host with three interfaces, enp1s0 to enp3s0, each on its own segment, and NetworkManager."""
    made = lab.host("host")
    for number in (1, 2, 3):
        made.plug(f"enp{number}s0", lab.segment(f"lan{number}"))
    made.start_network_manager()
    return made
