"""Debian releases by name: packages from where this machine's own apt gets them, kept between runs.

As a program, `debian.py RELEASE FOLDER [PACKAGE...]`, it makes the smallest root of that release that has apt.

What takes long is kept in $KEEPER_CACHE (/var/cache/mptcp-keeper-tests), under names made of what it depends on.
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

CHANGING = ("forky", "testing", "sid", "unstable")  # releases that are not stable yet

def cache_folder():
    """Where roots are kept between runs."""
    return Path(os.environ.get("KEEPER_CACHE", "/var/cache/mptcp-keeper-tests"))


def scratch_folder():
    """A new folder for disks, where layers of an overlay can lie."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=cache_folder()))


def forget_old_things():
    """Removes from the cache what no run has used for a week."""
    for path in cache_folder().glob("*"):
        if time.time() - path.stat().st_mtime > 7 * 86400:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def digest(*parts):
    """A short name for what something depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@contextlib.contextmanager
def made_once(name):
    """A folder of the cache: yields (folder, an empty folder to fill or None where it is there already)."""
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
    """Runs a command; its output is shown where it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise LabError(f"{what} failed with {done.returncode}:\n{done.stdout[-6000:]}")


def own_release():
    """The code name of the Debian that runs here, or nothing."""
    text = Path("/etc/os-release").read_text()
    found = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    return found.get("VERSION_CODENAME") if found.get("ID") == "debian" else None


def apt_sources(release):
    """This machine's sources of Debian packages, {file name: text}, with the other release's name."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    texts = {file.name: file.read_text() for file in files if file.suffix in (".list", ".sources") and file.exists()}
    # Debian's own archives, and no other that happens to be there for this release
    suite = rf"\b(?:{own_release()}|testing|stable|oldstable)\b"
    own = re.compile(rf"/debian(-security)?/?\s.*{suite}.*\bmain\b", re.DOTALL)
    return {name: re.sub(suite, release, text) for name, text in texts.items() if own.search(text)}


def apt_options():
    """How this machine's apt fetches: proxies, dates and the like."""
    shown = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    skip = r"IndexTargets|Changelogs|cdrom|CompressionTypes|Gzip|Languages"
    return [line for line in shown.splitlines() if re.match(rf'Acquire::(?!{skip}).* "[^"]', line)]


def bootstrap(release, packages, root, *options):
    """Makes a root of that release with those packages, and what they depend on, in the empty folder."""
    sources = apt_sources(release)
    if not sources:
        raise LabError("this machine's apt has no source of Debian packages that another release could come from")
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for name, text in sources.items():
            files.append(Path(scratch) / name)
            files[-1].write_text(text)
        include = [f"--include={','.join(packages)}"] if packages else []
        try:
            quietly(["mmdebstrap", *include, *(f"--aptopt={one}" for one in apt_options()), *options,
                     release, str(root), *map(str, files)], f"making a root of Debian {release}")
        except LabError as error:
            if release not in CHANGING:
                raise
            raise LabError(f"{error}\nDebian {release} changes daily. Where apt reports above that packages cannot be "
                           "found or installed together, or that a list has expired, its archive is at fault and not "
                           "mptcp-keeper: try again later.") from None


def unpacked(release, *packages):
    """The folder with the unpacked files of those packages of that release, and of what they depend on: nothing
    is installed, no maintainer's script has run. LabError where that release cannot be had here."""
    if shutil.which("mmdebstrap") is None or own_release() is None:
        raise LabError(f"{' and '.join(packages)} of Debian {release} cannot be had: this needs Debian and mmdebstrap")
    with made_once(f"{release}-files-{digest(release, packages, apt_sources(release), apt_options())}") as (made, empty):
        if empty:
            bootstrap(release, packages, empty / "root", "--variant=extract")
    return made / "root"


def main():
    """Makes the root that the command line asks for."""
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
