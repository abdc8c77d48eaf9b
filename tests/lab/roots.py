# SPDX-License-Identifier: LGPL-2.1-or-later
"""Roots of Debian releases: a folder that never changes, with layers of an overlay above it.

The cache of lab/debian.py keeps the root with the packages of a machine, the layer with those for the build, and the
package of mptcp-keeper.
"""

import datetime
import os
import subprocess
import tempfile
from pathlib import Path

from debian import (CHANGING, apt_options, apt_sources, bootstrap, cache_folder, digest,  # noqa: F401
                    remove_unused_cache, made_once, own_release, quietly, scratch_folder)
from node import LabError

SOURCES = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILT = os.environ.get("KEEPER_BUILD_DIR")
RUNS = ["systemd-sysv", "mount", "dbus", "network-manager", "polkitd", "iproute2", "udev", "procps", "mptcpd",
        "mptcpd-plugins", "mptcpize", "iperf3", "python3"]
REPORTED = ["network-manager", "systemd", "iproute2", "mptcpd"]
BUILDS = ["cmake", "ninja-build", "g++", "ccache", "pkg-config", "libnm-dev", "libglib2.0-dev", "libmnl-dev",
          "libyaml-cpp-dev", "libexpected-dev", "libfmt-dev", "nlohmann-json3-dev", "libcli11-dev", "libsystemd-dev",
          "nettle-dev", "gzip", "dpkg-dev", "file", "clang", "libbpf-dev", "bpftool"]
PACKED = ["CMakeLists.txt", "CHANGELOG.md", "LICENSE", "README.md", "dispatcher.d", "docs/manual.md", "examples",
          "packaging", "src", "systemd"]

APT = "apt-get --quiet=2 --yes --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Use-Pty=0"
BUILD = f"""
set -e
export CCACHE_DIR=/ccache CCACHE_MAXSIZE=300M DEB_BUILD_OPTIONS=parallel=2
cmake -S /checkout -B /checkout/build -G Ninja -DBUILD_TESTING=OFF -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build /checkout/build --parallel 2
cd /checkout/build
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


def overlay_options(lower, upper, work):
    """The mount options of an overlay; the first folder in `lower` is the topmost."""
    return f"lowerdir={':'.join(map(str, lower))},upperdir={upper},workdir={work}"


def run_in(lower, upper, command, what, binds=()):
    """Runs a shell command in a root that consists of layers; its changes are in `upper`."""
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
        """The root with the packages of a machine; mptcpd is installed but disabled."""
        sources, options = apt_sources(self.name), apt_options()
        day = datetime.date.today() if self.name in CHANGING else None
        self._key = digest(self.name, RUNS, sources, options, day)
        with made_once(f"{self.name}-{self._key}") as (folder, empty):
            if empty:
                bootstrap(self.name, RUNS, empty / "root", "--variant=apt", "--skip=cleanup/apt/lists",
                          "--dpkgopt=force-unsafe-io",
                          '--customize-hook=systemctl --root="$1" disable mptcp.service')
        self.base = folder / "root"

    def make_layer(self, kind, packages):
        """A layer above the base with further packages."""
        with made_once(f"{self.name}-{self._key}-{kind}-{digest(packages)}") as (layer, empty):
            if empty:
                run_in([self.base], empty, f"{APT} update && {APT} install {' '.join(packages)} && {APT} clean",
                       f"installing {', '.join(packages)} on {self.name}")
        return layer

    def versions(self):
        """The versions of the packages of a machine, to report a failure."""
        shown = subprocess.run(["dpkg-query", f"--root={self.base}", "--show", "--showformat=${Package} ${Version}\\n",
                                *REPORTED], capture_output=True, text=True, check=True).stdout
        return ", ".join([*shown.splitlines(), f"Linux {os.uname().release}"])

    def make_packages(self, scratch):
        """{name: .deb} of the packages of the sources, built in this release, or of those in $KEEPER_BOOT_PACKAGE,
        which are separated by spaces.

        For the release of this machine it is created from the existing build, in a folder of `scratch`.
        """
        if "KEEPER_BOOT_PACKAGE" in os.environ:
            return by_name(map(Path, os.environ["KEEPER_BOOT_PACKAGE"].split()))
        if self.name == own_release() and BUILT is not None:
            packed = scratch / "packed"
            packed.mkdir()
            quietly(["cpack", "-G", "DEB", "-B", packed, "--config", f"{BUILT}/CPackConfig.cmake"],
                    f"packing what is built in {BUILT}")
            return by_name(packed.glob("*.deb"))
        build_layer = self.make_layer("build", BUILDS)
        with made_once(f"{self.name}-{self._key}-deb-{digest(hash_of_sources())}") as (folder, empty):
            if empty:
                ccache = cache_folder() / f"ccache-{self.name}"
                ccache.mkdir(exist_ok=True)
                with tempfile.TemporaryDirectory(prefix="mk-boot-", dir=cache_folder()) as scratch:
                    upper, build = Path(scratch) / "upper", Path(scratch) / "build"
                    upper.mkdir()
                    build.mkdir()
                    # the same paths as in tests/in_release.sh, to share its ccache
                    run_in([build_layer, self.base], upper, BUILD, f"building on {self.name}",
                           [(SOURCES, "/checkout"), (build, "/checkout/build"), (ccache, "/ccache"), (empty, "/out")])
        return by_name(folder.glob("*.deb"))

    def install(self, packages, upper):
        """Installs the .debs, which are in one folder, with apt in their own layer, as in an image."""
        upper.mkdir()
        names = " ".join(f"/deb/{file.name}" for file in packages)
        run_in([self.base], upper, f"{APT} install {names} && systemd-machine-id-setup",
               f"installing {names} on {self.name}", [(packages[0].parent, "/deb")])


def by_name(files):
    """{name of the package: file}."""
    found = {file.name.split("_")[0]: file for file in files}
    if "mptcp-keeper" not in found:
        raise LabError(f"cpack -G DEB created {sorted(found)} without mptcp-keeper")
    return found


def hash_of_sources():
    """A hash of all sources of the package."""
    parts = []
    for top in PACKED:
        path = SOURCES / top
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                parts.append((str(file.relative_to(SOURCES)), file.read_bytes(), file.stat().st_mode & 0o111))
    return parts
