# SPDX-License-Identifier: LGPL-2.1-or-later
"""An emulated machine: a kernel of another release, with an in-memory root, that runs one program.

The console is its log. The files in /results are returned over a second serial port.
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
INIT = """#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
for module in /modules/*.ko; do insmod "$module"; done
ip link set lo up
mkdir /results
COMMAND
stty -F /dev/ttyS1 raw
tar --create --gzip --directory=/results . | base64 >/dev/ttyS1
sync
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
    root.write("/init", INIT.replace("COMMAND", command), 0o755)
    with tempfile.TemporaryDirectory(prefix="mk-kernel-") as scratch:
        archive, console, port = (Path(scratch) / name for name in ("root.zst", "console", "port"))
        root.archive(archive)
        shutil.rmtree(root.folder)
        with console.open("wb") as log:
            process = subprocess.Popen(
                ["nice", "qemu-system-x86_64", "-machine", "accel=tcg", "-cpu", "max", "-m", "2048", "-smp",
                 str(min(2, os.cpu_count())), "-display", "none", "-monitor", "none", "-nodefaults", "-no-reboot",
                 "-kernel", str(kernel.image), "-initrd", str(archive), "-serial", "stdio", "-serial", f"file:{port}",
                 "-append", "console=ttyS0 quiet loglevel=3 panic=-1 rdinit=/init"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                process.wait(deadline)
            except subprocess.TimeoutExpired as error:
                raise LabError(f"{kernel.release} did not finish within {deadline} s:\n{tail(console)}") from error
            finally:
                end_group(process, 9)
        text = console.read_text(errors="replace").replace("\r", "")
        sent = port.read_bytes() if port.exists() else b""
        try:
            with tarfile.open(fileobj=io.BytesIO(base64.b64decode(sent))) as packed:
                packed.extractall(results)
        except (tarfile.TarError, ValueError, EOFError) as error:
            raise LabError(f"{kernel.release} sent no results ({error}):\n{text[-6000:]}") from error
        return text


def tail(file):
    """The end of a console."""
    return file.read_text(errors="replace").replace("\r", "")[-6000:]
