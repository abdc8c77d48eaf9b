# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packages built from their sources as distributions build them, once for all tests in this folder.

KEEPER_PACKAGE_CHECKS=yes also compiles and runs the unit tests in both builds, as builders of packages do. Debian's
packages are built first: with ccache, the RPMs are then built in a fraction of the time.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lab"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import builders  # noqa: E402
import roots  # noqa: E402
from prerequisites import skip_all, what_is_missing  # noqa: E402
from root import Root  # noqa: E402

PROGRAMS = ["autopkgtest", "cpack", "dh", "dpkg-buildpackage", "file", "lintian", "mmdebstrap", "ninja", "rpm",
            "rpmbuild", "rpmlint", "unshare"]


def why_nothing_builds():
    """Why no packages can be built and installed here, or None."""
    if missing := what_is_missing("it builds packages and installs them in namespaces", PROGRAMS):
        return missing
    if roots.own_release() is None:
        return "this is no Debian: Debian's packages cannot be built here"
    return None


def pytest_collection_modifyitems(items):
    """Skips all tests, with the reason, if no package can be built."""
    skip_all(items, why_nothing_builds())


@pytest.fixture(scope="session")
def scratch():
    """A folder on a disk file system, on which overlays can be mounted."""
    folder = roots.scratch_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def base():
    """A root of this Debian release with systemd, which never changes."""
    release = roots.Release(roots.own_release())
    release.make_base()
    return release.base


@pytest.fixture
def root(base, scratch):
    """Creates roots to install packages in: root()."""
    made = []

    def make():
        made.append(Root(base, scratch / f"root-{len(made)}"))
        return made[-1]

    yield make
    for one in made:
        one.remove()


@pytest.fixture(scope="session")
def debian(scratch):
    """The source package and its binary packages, built by dpkg-buildpackage."""
    return builders.Debian(scratch / "debian", os.environ.get("KEEPER_PACKAGE_CHECKS") == "yes")


@pytest.fixture(scope="session")
def fedora(debian, scratch):
    """The packages of the spec, built by rpmbuild."""
    assert debian.packages, "what was compiled for them is in the cache"
    return builders.Fedora(scratch / "fedora", os.environ.get("KEEPER_PACKAGE_CHECKS") == "yes")


@pytest.fixture(scope="session")
def cpack(scratch):
    """{generator: {name: package}} of cpack."""
    return {generator: builders.cpack(generator, scratch / generator) for generator in ("DEB", "RPM")}
