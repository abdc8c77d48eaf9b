# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root in which packages are installed, without systemd running: an overlay above one that never changes."""

import os
import shutil
import subprocess
from pathlib import Path

from builders import run
from roots import overlay_options

MOUNTED = """
set -e
mount --make-rprivate /
mount -t overlay -o "$1" root "$2"
mount -t proc proc "$2/proc"
cp --remove-destination --dereference /etc/resolv.conf "$2/etc/resolv.conf" || true
shift 2
exec "$@"
"""


class Root:
    """`path` is the root while a command runs, and empty otherwise. The changes of all commands are kept until
    remove()."""

    def __init__(self, base, folder):
        self._folder = folder
        self.path, self._upper, work = folder / "root", folder / "upper", folder / "work"
        for one in (self.path, self._upper, work):
            one.mkdir(parents=True)
        self._options = overlay_options([base], self._upper, work)

    def run(self, *command, expected=0):
        """Runs a command of this machine to which the root is a folder; returns its output."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
                       "DEBIAN_FRONTEND": "noninteractive", "TMPDIR": os.environ.get("TMPDIR", "/tmp")}
        return run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", MOUNTED, "sh", self._options,
                   self.path, *command, expected=expected, env=environment)

    def inside(self, script, expected=0):
        """Runs a shell script in the root."""
        return self.run("chroot", self.path, "sh", "-e", "-c", script, expected=expected)

    def write(self, path, text):
        """Writes a file."""
        file = self._upper / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def copy_in(self, files):
        """Copies files to the folder /packages; returns their paths there."""
        (self._upper / "packages").mkdir(exist_ok=True)
        return [f"/packages/{Path(shutil.copy(file, self._upper / 'packages')).name}" for file in files]

    def remove(self):
        """Removes the root; nothing is mounted while no command runs."""
        subprocess.run(["rm", "-rf", "--one-file-system", str(self._folder)], check=False)
