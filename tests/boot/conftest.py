# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian machines for the tests in this folder: created once per release, booted for each test.

KEEPER_BOOT_RELEASE=bookworm,trixie,forky selects the releases.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import roots  # noqa: E402
import scenario  # noqa: E402
from lab import Lab  # noqa: E402
from machine import Machine, cgroup2_mount  # noqa: E402
from prerequisites import skip_all, what_is_missing  # noqa: E402

PROGRAMS = ["apt-config", "ip", "mmdebstrap", "nsenter", "systemctl", "systemd-nspawn", "unshare"]
RELEASES = os.environ.get("KEEPER_BOOT_RELEASE", "bookworm,trixie,forky").split(",")


def why_nothing_boots():
    """Why no Debian can be created and booted here, or None."""
    if missing := what_is_missing("it makes Debian roots and boots them in namespaces", PROGRAMS):
        return missing
    probe = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        return f"namespaces are refused here: {probe.stderr.decode().strip()}"
    if cgroup2_mount() is None:
        return "no cgroup2 hierarchy is mounted, and systemd does not boot without"
    if roots.own_release() is None:
        return "this is no Debian: it is not known where Debian's packages come from here"
    return None


def pytest_configure(config):
    """Handles SIGTERM like Ctrl-C, so that the machines are shut down."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))


def pytest_collection_modifyitems(items):
    """Skips all tests, with the reason, if no machine can boot."""
    skip_all(items, why_nothing_boots())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Shows the logs of the machines with a failure."""
    report = (yield).get_result()
    if report.failed and "machines" in getattr(item, "funcargs", {}):
        for machine in item.funcargs["machines"].made:
            if machine.is_running():
                log = machine.run(["journalctl", "-b", "--no-pager", "-o", "short-precise", "-n", "250"], check=False)
                report.sections.append((f"journal of {machine.name} {machine.number}", log.stdout))
            report.sections.append((f"console of {machine.name} {machine.number}", machine.console()[-3000:]))


class Debian:
    """A release that is ready to boot, with the package of mptcp-keeper installed."""

    def __init__(self, name, scratch):
        started = time.monotonic()
        release = roots.Release(name)
        release.make_base()
        made = time.monotonic()
        self.name = name
        self.release = release
        packages = release.make_packages(scratch)
        self.package = packages["mptcp-keeper"]
        built = time.monotonic()
        self.base = release.base
        installed = scratch / "installed"
        release.install(list(packages.values()), installed)
        self.layers = [installed, self.base]
        print(f"\n{name}: {release.versions()}")
        print(f"{name}: root {made - started:.1f} s, package {built - made:.1f} s, "
              f"installed {time.monotonic() - built:.1f} s")


class Machines:
    """Creates machines of one release and shuts them down."""

    def __init__(self, debian, scratch):
        self.debian = debian
        self.lab = Lab()
        self.made = []
        self._scratch = scratch
        self._segments = {}

    @classmethod
    @contextlib.contextmanager
    def of(cls, debian):
        """The machines of one test or of one file of tests."""
        scratch = roots.scratch_folder()
        made = cls(debian, scratch)
        try:
            yield made
        finally:
            made.close()
            shutil.rmtree(scratch, ignore_errors=True)

    def segment(self, name):
        """The segment of that name, created at its first use."""
        if name not in self._segments:
            self._segments[name] = self.lab.segment(name)
        return self._segments[name]

    def machine(self, layers=None):
        """A machine that is off and has no interface yet."""
        made = Machine(self.debian.name, layers or self.debian.layers, self._scratch, len(self.made) + 1)
        self.made.append(made)
        return made

    def close(self):
        """Switches all off."""
        for machine in self.made:
            machine.close()
        self.lab.close()


@pytest.fixture(scope="session", params=RELEASES)
def debian(request, tmp_path_factory):
    """The release under test. Its layers are on the file system of the cache: an overlay cannot be on an overlay."""
    scratch = roots.scratch_folder()
    roots.remove_unused_cache()
    yield Debian(request.param, scratch)
    shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture
def machines(debian):
    """Creates machines with machines.machine()."""
    with Machines.of(debian) as made:
        yield made


@pytest.fixture
def machine(machines):
    """A machine with enp1s0 and enp2s0, a static profile on each, and a configuration; it is off."""
    return scenario.furnish(machines)
