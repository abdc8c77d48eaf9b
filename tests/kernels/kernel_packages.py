# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's kernels by the name of their test, from the archives that apt uses on this machine.

A kernel is fetched once a week and kept in the cache of lab/debian.py.
"""

import datetime
import re
import subprocess
from pathlib import Path

from debian import apt_sources, digest, made_once, quietly
from node import LabError

# {name of the test: (release, suite)}. The cloud flavour is the smallest one and boots under emulation.
KERNELS = {"6.1": ("bookworm", "bookworm"), "6.12": ("trixie", "trixie"), "newest": ("trixie", "trixie-backports")}
IMAGE = "linux-image-cloud-amd64"


def suite_sources(release, suite):
    """This machine's apt sources of Debian, {file name: text}, for one suite of that release."""
    found = {}
    for name, text in apt_sources(release).items():
        # per stanza or line, without the security archive, which has no backports
        kept = [part for part in re.split(r"\n{2,}" if name.endswith(".sources") else r"\n", text)
                if suite == release or not re.search(rf"{release}[-/]security|debian-security", part)]
        found[name] = re.sub(rf"\b{release}(-updates|-proposed-updates)?(?=[\s/])", suite, "\n\n".join(kept)) \
            if suite != release else text
    return found


class Apt:
    """apt with its own sources, lists and cache, and without installed packages."""

    def __init__(self, folder, sources):
        (folder / "sources.list.d").mkdir()
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "status").touch()
        for name, text in sources.items():
            (folder / "sources.list.d" / name).write_text(text)
        self._folder = folder
        self._options = [f"-o{option}" for option in [
            f"Dir::Etc::sourceparts={folder}/sources.list.d", "Dir::Etc::sourcelist=/dev/null",
            f"Dir::State::lists={folder}/lists", f"Dir::State::status={folder}/status", f"Dir::Cache={folder}",
            "APT::Sandbox::User=root", "Acquire::Retries=3"]]

    def update(self):
        """Fetches the package lists."""
        quietly(["apt-get", *self._options, "--quiet=2", "update"], "apt-get update for the kernel's suite")

    def dependencies(self, package):
        """The names of the package and of its dependencies."""
        shown = subprocess.run(
            ["apt-cache", *self._options, "depends", "--recurse", "--no-recommends", "--no-suggests",
             "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", package],
            capture_output=True, text=True, check=True).stdout
        return {line for line in shown.splitlines() if line and line[0] not in " <"}

    def unpack(self, packages, target):
        """Downloads the packages and unpacks their files without running their scripts."""
        done = subprocess.run(["apt-get", *self._options, "--quiet=2", "download", *sorted(packages)],
                              cwd=self._folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"cannot download {' '.join(sorted(packages))}:\n{done.stdout}{done.stderr}")
        for file in self._folder.glob("*.deb"):
            quietly(["dpkg", "--extract", str(file), str(target)], f"unpacking {file.name}")
            file.unlink()


class Kernel:
    """A kernel's image, and its modules by name."""

    def __init__(self, files):
        self.image = next(file for file in files.rglob("vmlinuz*") if file.stat().st_size > 0)
        self._modules = next(path for path in files.rglob("lib/modules/*") if path.is_dir())
        self.release = self._modules.name

    def module(self, name):
        """The file of a module, compressed or not; None if it is built in or missing."""
        return next(self._modules.rglob(f"{name}.ko*"), None)


def fetch(name):
    """The kernel of that test; fetches it if this week's is not cached."""
    release, suite = KERNELS[name]
    sources = suite_sources(release, suite)
    week = "{0}-{1:02}".format(*datetime.date.today().isocalendar()[:2])
    with made_once(f"kernel-{suite}-{week}-{digest(sources)}") as (folder, empty):
        if empty:
            work = empty / "apt"
            work.mkdir()
            apt = Apt(work, sources)
            apt.update()
            wanted = re.compile(r"linux-(image|binary|modules)-\d.*")
            apt.unpack(filter(wanted.fullmatch, apt.dependencies(IMAGE)), empty / "files")
            quietly(["rm", "-rf", str(work)], "removing apt's lists")
    return Kernel(Path(folder) / "files")
