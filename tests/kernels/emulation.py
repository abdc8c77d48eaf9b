# SPDX-License-Identifier: LGPL-2.1-or-later
"""An emulated machine: a kernel of another release, with an in-memory root.

The console is its log. The files in /results are returned over a second serial port. run() starts one program instead
of an init system; systemd_machine.py boots a Debian system.
"""

import base64
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

from node import LabError, end_group
from small_root import SmallRoot

# In the order in which they are loaded.
MODULES = ["llc", "stp", "bridge", "overlay", "veth", "dummy", "inet_diag", "tcp_diag", "mptcp_diag"]
MEMORY = 2048  # MiB
# How a machine returns its results.
SEND = """stty -F /dev/ttyS1 raw
tar --create --gzip --directory=/results . | base64 >/dev/ttyS1
sync"""
INIT = """#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
mount -t bpf -o mode=700 bpf /sys/fs/bpf
for module in /modules/*.ko; do insmod "$module"; done
ip link set lo up
mkdir /results
COMMAND
SEND
echo o >/proc/sysrq-trigger
sleep 60
"""


def unpack_module(file, target):
    """Copies a module in the format that insmod requires."""
    tool = {".xz": ["xz", "-dc"], ".zst": ["zstd", "-dcq"]}.get(file.suffix, ["cat"])
    with target.open("wb") as out:
        subprocess.run([*tool, str(file)], stdout=out, check=True)


def run(kernel, root: SmallRoot, command, results, deadline):
    """Boots the kernel with that root, runs the shell command and copies its files in /results to the folder
    `results`. Returns the console output."""
    (root.folder / "modules").mkdir()
    for number, name in enumerate(MODULES):
        if file := kernel.module(name):
            unpack_module(file, root.folder / "modules" / f"{number:02}-{name}.ko")
    root.write("/init", INIT.replace("COMMAND", command).replace("SEND", SEND), 0o755)
    with tempfile.TemporaryDirectory(prefix="mk-kernel-") as scratch:
        archive = Path(scratch) / "root.zst"
        root.archive(archive)
        shutil.rmtree(root.folder)
        return boot(kernel, [archive], "rdinit=/init", results, deadline)


def boot(kernel, archives, arguments, results, deadline):
    """Boots the kernel with those archives, each unpacked over the ones before it. The machine runs until it switches
    itself off; its files in /results are copied to the folder `results`. Returns the console output."""
    with tempfile.TemporaryDirectory(prefix="mk-kernel-") as scratch:
        initrd, console, port = (Path(scratch) / name for name in ("initrd", "console", "port"))
        join(archives, initrd)
        with console.open("wb") as log:
            process = subprocess.Popen(
                # With a thread for each processor, QEMU before 8.1 can go on executing an instruction that another
                # processor has replaced, such as the int3 of a function to which a BPF program is being attached.
                ["nice", "qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "max", "-m", str(MEMORY), "-smp",
                 str(min(2, os.cpu_count())), "-display", "none", "-monitor", "none", "-nodefaults", "-no-reboot",
                 "-kernel", str(kernel.image), "-initrd", str(initrd), "-serial", "stdio", "-serial", f"file:{port}",
                 "-append", f"console=ttyS0 quiet loglevel=3 panic=-1 {arguments}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                process.wait(deadline)
            except subprocess.TimeoutExpired as error:
                raise LabError(f"{kernel.release} did not finish within {deadline} s:\n{tail(console)}") from error
            finally:
                end_group(process, 9)
        try:
            sent = base64.b64decode(port.read_bytes() if port.exists() else b"")
            with tarfile.open(fileobj=io.BytesIO(sent)) as packed:
                packed.extractall(results)
        except (tarfile.TarError, ValueError, EOFError) as error:
            raise LabError(f"{kernel.release} sent no results ({error}):\n{tail(console)}") from error
        return console.read_text(errors="replace").replace("\r", "")


def join(archives, initrd):
    """Concatenates the archives; the kernel expects each at a multiple of four bytes."""
    with initrd.open("wb") as out:
        for archive in archives:
            with archive.open("rb") as file:
                shutil.copyfileobj(file, out)
            out.write(bytes(-out.tell() % 4))


def tail(file):
    """The end of a console."""
    return file.read_text(errors="replace").replace("\r", "")[-6000:]
