"""Roots of Debian releases: as a folder that is never changed, with layers of an overlay above it.

What takes long is kept in $KEEPER_CACHE (/var/cache/mptcp-keeper-tests), under names made of what it depends on:
the root with the packages that a machine runs with, the layer with those that building needs, and the package of
mptcp-keeper itself. Packages come from where this machine's own apt gets them.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from machine import overlay_options
from node import LabError

SOURCES = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
RUNS = ["systemd-sysv", "dbus", "network-manager", "iproute2", "udev", "procps", "mptcpd",
        "mptcpd-plugins", "mptcpize", "iperf3", "python3"]
BUILDS = ["cmake", "ninja-build", "g++", "ccache", "pkg-config", "libnm-dev", "libmnl-dev", "libyaml-cpp-dev",
          "libexpected-dev", "libfmt-dev", "nlohmann-json3-dev", "libcli11-dev", "libsystemd-dev", "gzip",
          "dpkg-dev", "file"]
PACKED = ["CMakeLists.txt", "LICENSE", "README.md", "dispatcher.d", "docs/man", "examples", "packaging", "src",
          "systemd"]

APT = "apt-get --quiet=2 --yes --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Use-Pty=0"
BUILD = f"""
set -e
export CCACHE_DIR=/ccache CCACHE_MAXSIZE=300M DEB_BUILD_OPTIONS=parallel=2
cmake -S /src -B /build -G Ninja -DBUILD_TESTING=OFF -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build /build --parallel 2
cd /build
cpack -G DEB
cp *.deb /out/
"""
IN_ROOT = """
set -e
mount --make-rprivate /
mount -t overlay -o "$1" root "$2"
mount -t proc proc "$2/proc"
cp --remove-destination --dereference /etc/resolv.conf "$2/etc/resolv.conf" || true
shift 2
root=$1 command=$2
shift 2
while [ $# -gt 0 ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  shift 2
done
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
  chroot "$root" sh -c "$command"
"""


def cache_folder():
    """Where roots are kept between runs."""
    return Path(os.environ.get("KEEPER_CACHE", "/var/cache/mptcp-keeper-tests"))


def scratch_folder():
    """A new folder for disks, where layers of an overlay can lie."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=cache_folder()))


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
    own = re.compile(rf"/debian(-security)?/?\s.*\b{own_release()}\b.*\bmain\b", re.DOTALL)
    return {name: re.sub(rf"\b{own_release()}\b", release, text) for name, text in texts.items() if own.search(text)}


def apt_options():
    """How this machine's apt fetches: proxies, dates and the like."""
    shown = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    skip = r"IndexTargets|Changelogs|cdrom|CompressionTypes|Gzip|Languages"
    return [line for line in shown.splitlines() if re.match(rf'Acquire::(?!{skip}).* "[^"]', line)]


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


def run_in(lower, upper, command, what, binds=()):
    """Runs a shell command in a root made of layers; what it changes is found in `upper`."""
    with tempfile.TemporaryDirectory(prefix="mk-boot-", dir=upper.parent) as scratch:
        root, work = Path(scratch) / "root", Path(scratch) / "work"
        root.mkdir()
        work.mkdir()
        pairs = [str(word) for pair in binds for word in pair]
        quietly(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", IN_ROOT, "sh",
                 overlay_options(lower, upper, work), str(root), str(root), command, *pairs], what)


class Release:
    """A Debian release by its code name."""

    def __init__(self, name):
        self.name = name
        self.base = None

    def make_base(self):
        """The root with what a machine runs with; mptcpd is there, but disabled."""
        sources, options = apt_sources(self.name), apt_options()
        self._key = digest(self.name, RUNS, sources, options)
        with made_once(f"{self.name}-{self._key}") as (folder, empty):
            if empty:
                with tempfile.TemporaryDirectory() as scratch:
                    files = []
                    for name, text in sources.items():
                        files.append(Path(scratch) / name)
                        files[-1].write_text(text)
                    quietly(["mmdebstrap", "--variant=apt", "--skip=cleanup/apt/lists", f"--include={','.join(RUNS)}",
                             *(f"--aptopt={option}" for option in options), "--dpkgopt=force-unsafe-io",
                             '--customize-hook=systemctl --root="$1" disable mptcp.service', self.name,
                             str(empty / "root"), *map(str, files)], f"mmdebstrap {self.name}")
        self.base = folder / "root"

    def make_package(self):
        """The .deb of the sources, built in this release; None is never returned."""
        with made_once(f"{self.name}-{self._key}-build-{digest(BUILDS)}") as (build_layer, empty):
            if empty:
                run_in([self.base], empty, f"{APT} update && {APT} install {' '.join(BUILDS)} && {APT} clean",
                       f"installing what building on {self.name} needs")
        with made_once(f"{self.name}-{self._key}-deb-{digest(hash_of_sources())}") as (folder, empty):
            if empty:
                ccache = cache_folder() / f"ccache-{self.name}"
                ccache.mkdir(exist_ok=True)
                with tempfile.TemporaryDirectory(prefix="mk-boot-", dir=cache_folder()) as upper:
                    run_in([build_layer, self.base], Path(upper), BUILD, f"building on {self.name}",
                           [(SOURCES, "/src"), (ccache, "/ccache"), (empty, "/out")])
        packages = list(folder.glob("*.deb"))
        if len(packages) != 1:
            raise LabError(f"cpack -G DEB made {[file.name for file in packages]}, not one package")
        return packages[0]

    def install(self, package, upper):
        """Installs the package with apt in a layer of its own, as in an image that is being made."""
        upper.mkdir()
        run_in([self.base], upper, f"{APT} install /deb/{package.name} && systemd-machine-id-setup",
               f"installing {package.name} on {self.name}", [(package.parent, "/deb")])


def hash_of_sources():
    """A name for the state of everything that goes into the package."""
    parts = []
    for top in PACKED:
        path = SOURCES / top
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                parts.append((str(file.relative_to(SOURCES)), file.read_bytes(), file.stat().st_mode & 0o111))
    return parts
