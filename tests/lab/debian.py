# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian releases by name: their packages, from the archives that apt uses on this machine, cached between runs.

As a program, `debian.py RELEASE FOLDER [PACKAGE...]`, it creates the smallest root of that release that has apt.

The cache is $KEEPER_CACHE (/var/cache/mptcp-keeper-tests); its names are derived from what the content depends on.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from node import LabError

CHANGING = ("forky", "testing", "sid", "unstable")  # not stable yet

def cache_folder():
    """The folder that caches roots between runs."""
    return Path(os.environ.get("KEEPER_CACHE", "/var/cache/mptcp-keeper-tests"))


def scratch_folder():
    """A new folder on a disk file system, which can hold the layers of an overlay."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=cache_folder()))


def remove_unused_cache():
    """Removes everything from the cache that no run has used for a week."""
    for path in cache_folder().glob("*"):
        if time.time() - path.stat().st_mtime > 7 * 86400:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def digest(*parts):
    """A short hash of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@contextlib.contextmanager
def made_once(name):
    """A folder of the cache: yields (folder, an empty folder to fill, or None if it exists already)."""
    folder = cache_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            os.utime(folder)
            yield folder, None
            return
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        yield folder, part
        part.rename(folder)


def quietly(command, what):
    """Runs a command and shows its output only if it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise LabError(f"{what} failed with {done.returncode}:\n{done.stdout[-6000:]}")


def own_release():
    """The code name of the Debian release on this machine, or None."""
    text = Path("/etc/os-release").read_text()
    found = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    return found.get("VERSION_CODENAME") if found.get("ID") == "debian" else None


def apt_sources(release):
    """This machine's apt sources of Debian, {file name: text}, changed to the other release."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    texts = {file.name: file.read_text() for file in files if file.suffix in (".list", ".sources") and file.exists()}
    # only Debian's own archives, not third-party ones for this release
    suite = rf"\b(?:{own_release()}|testing|stable|oldstable)\b"
    own = re.compile(rf"/debian(-security)?/?\s.*{suite}.*\bmain\b", re.DOTALL)
    return {name: re.sub(suite, release, text) for name, text in texts.items() if own.search(text)}


def apt_options():
    """The download options of apt on this machine, such as proxies."""
    shown = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    skip = r"IndexTargets|Changelogs|cdrom|CompressionTypes|Gzip|Languages"
    return [line for line in shown.splitlines() if re.match(rf'Acquire::(?!{skip}).* "[^"]', line)]


def bootstrap(release, packages, root, *options):
    """Creates a root of that release with those packages and their dependencies in the empty folder."""
    sources = apt_sources(release)
    if not sources:
        raise LabError("apt on this machine has no Debian archive from which another release can be installed")
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for name, text in sources.items():
            files.append(Path(scratch) / name)
            files[-1].write_text(text)
        include = [f"--include={','.join(packages)}"] if packages else []
        try:
            quietly(["mmdebstrap", *include, *(f"--aptopt={one}" for one in apt_options()), *options,
                     release, str(root), *map(str, files)], f"creating a root of Debian {release}")
        except LabError as error:
            if release not in CHANGING:
                raise
            raise LabError(f"{error}\nDebian {release} changes daily. If apt reports above that packages cannot be "
                           "found or installed together, or that a list has expired, the archive is the cause, not "
                           "mptcp-keeper: try again later.") from None


def unpacked(release, *packages):
    """The folder with the unpacked files of those packages of that release and their dependencies. Nothing is
    installed, and no maintainer script has run. LabError if that release is not available here."""
    if shutil.which("mmdebstrap") is None or own_release() is None:
        raise LabError(f"{' and '.join(packages)} of Debian {release} is not available: requires Debian and mmdebstrap")
    with made_once(f"{release}-files-{digest(release, packages, apt_sources(release), apt_options())}") as (made, empty):
        if empty:
            bootstrap(release, packages, empty / "root", "--variant=extract")
    return made / "root"


def main():
    """Creates the root that the command line describes."""
    if len(sys.argv) < 3:
        sys.exit(f"usage: {Path(sys.argv[0]).name} RELEASE FOLDER [PACKAGE...]")
    release, root, *packages = sys.argv[1:]
    if any("https:" in text for text in apt_sources(release).values()):
        packages.append("ca-certificates")
    try:
        bootstrap(release, packages, root, "--variant=minbase", "--dpkgopt=force-unsafe-io")
    except LabError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")


if __name__ == "__main__":
    main()
