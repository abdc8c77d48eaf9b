# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Debian system with the packages of mptcp-keeper, booted by systemd on a kernel of another release, in which the
tests of booted/ run.

Its root consists of archives that the kernel unpacks over each other: the release of this machine without its
documentation, which is kept in the cache; what the installation of the packages changes; the tests, their programs and
the modules of the kernel.
"""

import os
import re
import shlex
import shutil
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import roots
from debian import digest, made_once, own_release, quietly, unpacked
from emulation import SEND, boot
from node import LabError
from run_inside import TESTS, cases_of
from small_root import Files, pack

MODULES = ["llc", "stp", "bridge", "overlay", "veth", "dummy", "inet_diag", "tcp_diag", "mptcp_diag"]
# What no test needs.
UNUSED = ["boot/*", "dev/*", "proc/*", "run/*", "sys/*", "tmp/*", "usr/lib/udev/hwdb*", "usr/lib/*/gconv",
          "usr/lib/*/perl", "usr/lib/*/libperl.so*", "usr/share/bug", "usr/share/doc", "usr/share/info",
          "usr/share/lintian", "usr/share/locale", "usr/share/man", "usr/share/perl", "var/cache/*",
          "var/lib/apt/lists", "var/log/*"]
# Units that delay the boot or the end, or that use processor time in the background.
MASKED = ["NetworkManager-wait-online.service", "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer",
          "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer", "getty@tty1.service",
          "modprobe@.service", "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service"]
# Each reload of systemd runs these, which take seconds under emulation.
MASKED_GENERATORS = ["bless-boot", "cryptsetup", "debug", "fstab", "getty", "gpt-auto", "hibernate-resume",
                     "integritysetup", "rc-local", "run", "system-update", "sysv", "veritysetup"]
ENABLED = ["mptcp-keeper-boot.service"]
# The programs of programs/ and how they are compiled.
COMPILED = {"protocol": ("protocol.c",), "protocol-static": ("protocol.c", "-static"),
            "protocol-io-uring": ("protocol_io_uring.c",), "socket-loop": ("socket_loop.c", "-pthread"),
            "socket-cost": ("socket_cost.c",)}
# Units that are started at boot.
AT_BOOT = {"early.service": "[Service]\nExecStart=/machine/programs/protocol wait\nSlice=early.slice\n",
           "other.service": "[Service]\nExecStart=/machine/programs/protocol wait\n"}
# Go programs of Debian: {package: release}. webhook uses the net package of Go 1.24, websocketd its own sockets.
GO_PROGRAMS = {"webhook": "trixie", "websocketd": "trixie"}
SYSTEMD = "/usr/lib/systemd/systemd"
SECONDS = 900
UNIT = f"""[Unit]
Description=Tests of mptcp-keeper
After=multi-user.target
[Service]
# not oneshot: the start of the system ends when the tests begin
Type=exec
Environment=HOME=/root TERM=dumb LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
Environment=PYTHONPATH=/machine/tests/lab:/machine/tests/kernels/booted
ExecStartPre=/bin/cp /proc/uptime /results/started
ExecStart=/bin/bash /machine/run
ExecStopPost=/bin/bash /machine/end
StandardOutput=journal+console
StandardError=inherit
RuntimeMaxSec={SECONDS}
"""
RUN = """export PATH=/usr/sbin:/usr/bin:/sbin:/bin KEEPER_KERNEL_RELEASE=@RELEASE@
cd /machine/tests/kernels/@TESTS@
exec /usr/bin/python3 -B -m pytest -p no:cacheprovider -q -o console_output_style=classic -o faulthandler_timeout=240 \\
  -o junit_logging=system-out \\
  --durations=5 --junit-xml=/results/tests.xml @ARGUMENTS@
"""
END = f"""cp /proc/uptime /results/ended
cp /proc/meminfo /results/memory
journalctl --boot --no-pager --output=short-monotonic >/results/journal
{SEND}
systemctl poweroff --force --force
"""


class System:
    """The archives of the root that are the same for all kernels."""

    # The folder of the tests, the first program, and further arguments of the kernel.
    tests = "booted"
    init = SYSTEMD
    arguments = ""

    def __init__(self, scratch):
        started = time.monotonic()
        release = roots.Release(own_release())
        release.make_base()
        installed = scratch / "installed"
        self.packages = list(release.make_packages(scratch).values())
        release.install(self.packages, installed)
        made = time.monotonic()
        self.archives = [base_archive(release), scratch / "installed.zst"]
        pack(installed, self.archives[1], ["proc", "sys", "var/cache/*", "var/lib/apt/lists", "var/log/*"])
        self.times = f"packages {made - started:.1f} s, packed {time.monotonic() - made:.1f} s"

    def add_files(self, files):
        """Adds what the machine needs besides the tests and their programs."""


def base_archive(release):
    """The archive of the release's root, packed once."""
    with made_once(f"{release.base.parent.name}-initramfs-{digest(UNUSED)}") as (folder, empty):
        if empty:
            pack(release.base, empty / "base.zst", UNUSED)
    return folder / "base.zst"


def test_files(kernel, folder, system, arguments):
    """The files that this kernel's machine has in addition to the system."""
    files = Files(folder)
    for name in MODULES:
        if file := kernel.module(name):
            files.add_file(file, f"/usr/lib/modules/{kernel.release}/{file.name}")
    quietly(["depmod", "--basedir", str(files.folder / "usr"), kernel.release], "depmod")
    files.write("/etc/modules-load.d/tests.conf", "\n".join(MODULES))
    for unit in MASKED:
        files.link(f"/etc/systemd/system/{unit}", "/dev/null")
    for name in MASKED_GENERATORS:
        files.link(f"/etc/systemd/system-generators/systemd-{name}-generator", "/dev/null")
    files.write("/etc/systemd/system/tests.service", UNIT)
    wants = "/etc/systemd/system/multi-user.target.wants"
    files.link(f"{wants}/tests.service", "../tests.service")
    for unit in ENABLED:
        files.link(f"{wants}/{unit}", f"/usr/lib/systemd/system/{unit}")
    for unit, text in AT_BOOT.items():
        files.write(f"/etc/systemd/system/{unit}", text)
        files.link(f"{wants}/{unit}", f"../{unit}")
    for package in system.packages:
        files.add_file(package, f"/machine/packages/{package.name}")
    files.write("/etc/systemd/journald.conf.d/tests.conf", "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n")
    files.write("/etc/mptcp-keeper/config.yaml", (TESTS / "kernels" / system.tests / "at_boot.yaml").read_text())
    files.write("/machine/run", RUN.replace("@RELEASE@", kernel.release).replace("@TESTS@", system.tests)
                .replace("@ARGUMENTS@", arguments))
    files.write("/machine/end", END)
    (files.folder / "results").mkdir()
    files.add_python_packages("/usr/bin/python3", ["pytest", "_pytest.junitxml", "_pytest.assertion.rewrite", "yaml"])
    files.add_programs(["modprobe"])
    files.add_file(unpacked(own_release(), "bpftool") / "usr/sbin/bpftool", "/usr/sbin/bpftool")
    add_test_programs(files)
    files.add_file(TESTS / "bench/program_hook.py", "/machine/tests/bench/program_hook.py")
    system.add_files(files)
    for name in {"lab", "kernels/booted", f"kernels/{system.tests}"}:
        shutil.copytree(TESTS / name, files.folder / "machine/tests" / name,
                        ignore=shutil.ignore_patterns("__pycache__"))
    return files


def add_test_programs(files):
    """Adds the programs of programs/ and those in Go, in /machine/programs."""
    folder = files.folder / "machine/programs"
    folder.mkdir(parents=True)
    for name, (source, *options) in COMPILED.items():
        quietly(["cc", "-O1", "-Wall", "-Wextra", *options, "-o", str(folder / name),
                 str(TESTS / "kernels/programs" / source)], f"compiling {source}")
    for name, release in GO_PROGRAMS.items():
        try:
            shutil.copy2(unpacked(release, name) / "usr/bin" / name, folder / name)
        except LabError as error:
            (folder / f"{name}.missing").write_text(str(error))


class BootedTests:
    """One boot of a system with that kernel, and the results of the tests."""

    def __init__(self, kernel, system, scratch):
        self.release = kernel.release
        self._results = scratch / "results"
        self._results.mkdir()
        started = time.monotonic()
        additional = scratch / "tests.zst"
        arguments = shlex.join(shlex.split(os.environ.get("KEEPER_BOOTED_TESTS", "")))
        test_files(kernel, scratch / "tests", system, arguments).archive(additional)
        archives = [*system.archives, additional]
        packed = time.monotonic()
        # "auto" prints the state of units only if the boot is slow or a unit fails
        self.console = boot(kernel, archives, f"rdinit={system.init} systemd.show_status=auto systemd.getty_auto=no "
                            f"{system.arguments}", self._results, deadline=SECONDS + 300)
        sizes = " + ".join(f"{file.stat().st_size / 2**20:.1f}" for file in archives)
        self.figures = (f"root {sizes} MiB, {system.times}, tests packed {packed - started:.1f} s, "
                        f"machine {time.monotonic() - packed:.1f} s, of which tests began after "
                        f"{self._uptime('started')} s and ended after {self._uptime('ended')} s; {self._memory()}")

    def _uptime(self, name):
        return (self._results / name).read_text().split()[0]

    def _memory(self):
        lines = (line.split() for line in (self._results / "memory").read_text().splitlines())
        free = {name: int(size) // 1024 for name, size, *_ in lines}
        return f"{free['MemAvailable:']} of {free['MemTotal:']} MiB memory available at the end"

    def results(self):
        """{test of booted/: (status, its messages)}."""
        file = self._results / "tests.xml"
        if not file.exists():
            raise LabError(f"the tests on {self.release} did not end:\n{self.journal()}")
        return cases_of(file)

    def printed(self):
        """{test of booted/: what it has printed}, without those that have printed nothing."""
        cases = ElementTree.parse(self._results / "tests.xml").iter("testcase")
        found = {case.get("name"): re.sub(r"^-+ Captured .* -+\n", "", case.findtext("system-out") or "").strip()
                 for case in cases}
        return {name: text for name, text in found.items() if text}

    def journal(self):
        """The end of the journal of the boot, and where the complete one is."""
        file = self._results / "journal"
        return f"{file.read_text(errors='replace')[-12000:]}\nThe complete journal is {file}"
