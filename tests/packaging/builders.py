# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds packages with dpkg-buildpackage, rpmbuild and cpack."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from debian import cache_folder

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("KEEPER_BUILD_DIR", ROOT / "build"))
PACKAGING = ROOT / "packaging"
HERE = Path(__file__).resolve().parent
SELINUX_MAKEFILE = Path("/usr/share/selinux/devel/Makefile")


def run(*command, expected=0, **options):
    """Runs a command; returns its output, without errors and warnings."""
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False, **options)
    shown = f"{' '.join(map(str, command))}\n{done.stdout[-8000:]}{done.stderr[-8000:]}"
    assert expected is None or done.returncode == expected, f"exit status {done.returncode} of {shown}"
    return done.stdout


def environment(folder):
    """The environment of a build: equal files are compiled once for all builds if there is a ccache."""
    kept = {name: value for name, value in os.environ.items()
            if not re.match(r"(CC|CXX|CMAKE|CCACHE|CFLAGS|CXXFLAGS|CPPFLAGS|LDFLAGS|DEB|DESTDIR|PYTHON)", name)}
    if shutil.which("ccache"):
        kept |= {"CMAKE_CXX_COMPILER_LAUNCHER": "ccache", "CCACHE_DIR": str(cache_folder() / "ccache-packaging"),
                 "CCACHE_BASEDIR": str(folder), "CCACHE_NOHASHDIR": "true", "CCACHE_SLOPPINESS": "locale",
                 "CCACHE_MAXSIZE": "500M"}
    return kept | {"LC_ALL": "C.UTF-8"}


def by_name(packages):
    """{name: file} of packages whose file names are NAME-VERSION… or NAME_VERSION…."""
    return {re.match(r"([a-z-]+?)[-_]\d", file.name)[1]: file for file in packages}


def jobs():
    """The number of compilers that run at once."""
    return min(os.cpu_count(), 8)


class Debian:
    """packaging/debian, built."""

    def __init__(self, folder, with_checks):
        run(PACKAGING / "debian" / "make_source", folder)
        self.source = next(folder.glob("*.dsc"))
        self.tree = next(path for path in folder.iterdir() if path.is_dir())
        options = [] if with_checks else ["nocheck"]
        variables = {"DEB_BUILD_OPTIONS": " ".join([*options, f"parallel={jobs()}"]),
                     "DEB_BUILD_PROFILES": "" if with_checks else "nocheck"}
        self.log = run("dpkg-buildpackage", "--no-sign", "--build=binary", cwd=self.tree,
                       env=environment(self.tree) | variables)
        self.changes = next(folder.glob("*.changes"))
        self.packages = by_name(path for path in folder.glob("*.deb") if "dbgsym" not in path.name)


class Fedora:
    """packaging/rpm/mptcp-keeper.spec, built with the macros that Debian's rpm lacks."""

    def __init__(self, folder, with_checks):
        self.folder = folder
        run(PACKAGING / "make_tarball", folder / "SOURCES")
        self.spec = PACKAGING / "rpm" / "mptcp-keeper.spec"
        self.has_selinux = SELINUX_MAKEFILE.exists() and (PACKAGING / "selinux").exists()
        self._conditions = [option for option, holds in (("check", with_checks), ("selinux", self.has_selinux))
                            if not holds for option in ("--without", option)]
        self.log = self._rpmbuild()
        self.packages = by_name((folder / "RPMS").rglob("*.rpm"))

    def _rpmbuild(self, *options):
        # The flags are those of Debian's builds, so that they share what ccache has.
        flags = run("sh", "-c", "cd / && dpkg-buildflags --get CXXFLAGS && dpkg-buildflags --get CPPFLAGS")
        tree = self.folder / "BUILD" / "mptcp-keeper-0.1.0"
        defined = {"_topdir": self.folder, "_smp_mflags": f"-j{jobs()}", "_buildshell": "/bin/bash",
                   "optflags": re.sub(r"-ffile-prefix-map=\S+", f"-ffile-prefix-map={tree}=.", " ".join(flags.split()))}
        defines = [word for name, value in defined.items() for word in ("--define", f"{name} {value}")]
        # The libraries are Debian's packages, of which rpm knows nothing.
        return run("rpmbuild", "-bb", "--nodeps", "--noclean", f"--load={HERE / 'fedora.macros'}", *self._conditions,
                   *defines, *options, self.spec, env=environment(tree))

    def next_release(self):
        """{name: package} of the next release: the same files, packed again."""
        before = next((self.folder / "BUILDROOT").iterdir())
        before.rename(before.parent / before.name.replace("-1.", "-1.next."))
        self._rpmbuild("--short-circuit", "--define", "dist .next")
        return by_name((self.folder / "RPMS").rglob("*.next.*.rpm"))


def cpack(generator, folder):
    """{name: package} of the program that was built already."""
    run("cpack", "-G", generator, "-B", folder, "--config", BUILD / "CPackConfig.cmake")
    return by_name(folder.glob(f"*.{generator.lower()}"))
