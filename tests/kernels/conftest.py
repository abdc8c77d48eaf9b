# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernels of Debian releases under emulation. KEEPER_KERNEL=6.1,6.12,newest selects them."""

import os
import platform
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from debian import own_release, remove_unused_cache, scratch_folder  # noqa: E402
from kernel_packages import KERNELS, fetch  # noqa: E402
from prerequisites import skip_all, what_is_missing  # noqa: E402
from run_inside import RunInside  # noqa: E402
from selinux_machine import MAKEFILE, ConfinedSystem  # noqa: E402
from systemd_machine import BootedTests, System  # noqa: E402

collect_ignore = ["inside", "booted", "confined"]
PROGRAMS = ["apt-get", "cpio", "insmod", "qemu-system-x86_64", "zstd"]
PROGRAMS_OF_BOOTED = ["apt-config", "cc", "depmod", "mmdebstrap", "unshare"]
# One kernel is enough for the policy: it is about the programs.
CONFINED = os.environ.get("KEEPER_KERNEL", "6.12").split(",")
NAMES = os.environ.get("KEEPER_KERNEL", ",".join(KERNELS)).split(",")


def why_nothing_boots():
    """Why no kernel can be fetched and booted here, or None."""
    if missing := what_is_missing("it packs the root of an emulated machine", PROGRAMS):
        return missing
    if platform.machine() != "x86_64":
        return f"the machines are emulated for x86_64, and this is {platform.machine()}"
    if own_release() is None:
        return "this is not Debian: where Debian's kernels can be had from here is not known"
    return None


def pytest_configure(config):
    """Handles SIGTERM like Ctrl-C, so that the machine is switched off."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", 143))


def pytest_collection_modifyitems(items):
    """Skips all tests, with the reason, if no machine can boot."""
    skip_all(items, why_nothing_boots())
    skip_all([item for item in items if {"booted", "confined"} & set(item.fixturenames)],
             what_is_missing("it installs packages in the root of an emulated machine", PROGRAMS_OF_BOOTED))
    if not Path(MAKEFILE).exists():
        skip_all([item for item in items if "confined" in item.fixturenames],
                 f"it compiles the SELinux module: {MAKEFILE} is missing (package selinux-policy-dev)")


@pytest.fixture(scope="session", params=NAMES)
def inside(request, tmp_path_factory):
    """The results of everything that ran on that kernel, in one boot."""
    remove_unused_cache()
    started = time.monotonic()
    kernel = fetch(request.param)
    fetched = time.monotonic()
    made = RunInside(kernel, tmp_path_factory.mktemp(f"kernel-{request.param}"))
    print(f"\nLinux {kernel.release}: fetched {fetched - started:.1f} s, {made.times}")
    return made


@pytest.fixture(scope="session")
def system():
    """The Debian system of this machine's release. Its layer is in the folder of the cache: an overlay cannot be on an
    overlay."""
    remove_unused_cache()
    scratch = scratch_folder()
    try:
        yield System(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture(scope="session", params=NAMES)
def booted(request, system, tmp_path_factory):
    """The results of everything that ran in the system on that kernel, in one boot."""
    made = BootedTests(fetch(request.param), system, tmp_path_factory.mktemp(f"booted-{request.param}"))
    print(f"\nLinux {made.release}: {made.figures}")
    return made


@pytest.fixture(scope="session", params=CONFINED)
def confined(request, tmp_path_factory):
    """The results of everything that ran in the system with SELinux, in one boot."""
    remove_unused_cache()
    scratch = scratch_folder()
    try:
        made = BootedTests(fetch(request.param), ConfinedSystem(scratch), tmp_path_factory.mktemp("confined"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"\nLinux {made.release}: {made.figures}")
    return made
