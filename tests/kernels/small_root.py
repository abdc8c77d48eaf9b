# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root for an emulated machine, made of programs of this machine and the libraries that they load, so that programs
built here run there on any release; or an addition to the root of a Debian system of this release.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from newest_ip import newest_ip
from node import LabError

# Folders that are links if /usr is merged.
MERGED = ["bin", "sbin", "lib", "lib64"]
UNUSED_PYTHON = shutil.ignore_patterns("test", "tests", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtledemo",
                                       "config-*", "dist-packages", "site-packages", "pydoc_data", "distutils")


class Files:
    """A folder that is packed, and whose files become part of the root of a machine."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _place(self, path):
        parts = Path(str(path).lstrip("/")).parts
        place = self.folder.joinpath(*(["usr"] if parts[0] in MERGED else []), *parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def add_file(self, path, place=None):
        """Copies a file, to the same path or another one; links are followed."""
        target = self._place(place or path)
        if not target.exists():
            shutil.copy2(path, target)

    def add_libraries_of(self, *files):
        """Copies the libraries that the dynamic linker loads for these programs."""
        # like ldd, without a shell for each; scripts are rejected, and need no libraries
        listed = 'for file in "$@"; do "$0" --list "$file" 2>/dev/null; done; true'
        linker = next(Path("/lib64").glob("ld-linux-*"))
        shown = subprocess.run(["sh", "-c", listed, str(linker), *map(str, files)],
                               capture_output=True, text=True, check=True).stdout
        missing = re.findall(r"(\S+) => not found", shown)
        if missing:
            raise LabError(f"libraries are missing: {' '.join(missing)}")
        for path in sorted(set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", shown, re.MULTILINE))):
            self.add_file(path)
        self.add_file(linker)

    def add_newest_ip(self):
        """Copies `ip` of Debian testing with its own libraries; returns its command line."""
        command = newest_ip()
        self.add_programs(["ip"])
        if len(command) > 1:
            *linker, program = command
            shown = subprocess.run([*linker, "--list", program], capture_output=True, text=True, check=True).stdout
            for path in [linker[0], program, *re.findall(r"=> (/\S+) \(0x", shown)]:
                self.add_file(path)
        return command

    def add_programs(self, names):
        """Copies programs by name, with their libraries. They are scripts or dynamically linked."""
        files = {name: shutil.which(name) for name in names}
        if missing := [name for name, file in files.items() if file is None]:
            raise LabError(f"programs are missing: {' '.join(missing)}")
        for name, file in files.items():
            self.add_file(file, f"/usr/bin/{name}")
        self.add_libraries_of(*files.values())

    def add_python_packages(self, python, modules):
        """Copies the packages that importing `modules` loads, and their libraries; returns the folder of the standard
        library."""
        code = f"import sys, {', '.join(modules)}; print('\\n'.join({{m.__file__ for m in list(sys.modules.values()) " \
               "if getattr(m, '__file__', None)}))"
        shown = subprocess.run([python, "-B", "-c", f"{code}; import sysconfig; print(sysconfig.get_path('stdlib'))"],
                               capture_output=True, text=True, check=True).stdout.splitlines()
        library = Path(shown.pop())
        self.add_libraries_of(python, *(file for file in shown if file.endswith(".so")))
        found = set()
        for file in map(Path, shown):
            packages = next((p for p in file.parents if p.name in ("dist-packages", "site-packages")), None)
            if packages is not None:
                found.add(packages / file.relative_to(packages).parts[0])
        for top in found:
            if top.is_dir():
                shutil.copytree(top, self._place(top), dirs_exist_ok=True)
            else:
                self.add_file(top)
        return library

    def write(self, inside, text, mode=0o644):
        """Writes a file."""
        place = self._place(inside)
        place.write_text(text)
        place.chmod(mode)

    def link(self, inside, target):
        """Creates a symbolic link."""
        self._place(inside).symlink_to(target)

    def archive(self, file):
        """Packs the files in the format of an initramfs; they belong to root."""
        pack(self.folder, file, owner="0:0")


def pack(folder, file, without=(), owner=None):
    """Packs a folder in the format of an initramfs, without these folders and files in it, and without the character
    devices by which an overlay marks what it has removed."""
    left_out = [word for name in without for word in ("-path", f"./{name}", "-prune", "-o")]
    owners = [f"--owner={owner}"] if owner else []
    script = 'find . "$@" ! -type c -print0 | cpio --null --create --quiet --format=newc $owners | ' \
             'zstd -1 -T0 -q -f -o "$file"'
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script, "bash", *left_out], cwd=folder,
                          env={**os.environ, "file": str(file), "owners": " ".join(owners)},
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"cannot pack {folder}: {done.stderr}")


class SmallRoot(Files):
    """A complete root: the folders that programs expect, and nothing else."""

    def __init__(self, folder):
        super().__init__(folder)
        for name in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "proc", "sys", "dev", "run", "tmp",
                     "root", "var/lib"):
            (self.folder / name).mkdir(parents=True)
        for name in MERGED:
            (self.folder / name).symlink_to(f"usr/{name}")
        (self.folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
        (self.folder / "etc/group").write_text("root:x:0:\n")

    def add_python(self, python, modules):
        """Copies Python with its standard library and the packages that importing `modules` loads."""
        library = self.add_python_packages(python, modules)
        shutil.copytree(library, self._place(library), symlinks=True, ignore=UNUSED_PYTHON, dirs_exist_ok=True)
        self.add_file(python, "/usr/bin/python3")
