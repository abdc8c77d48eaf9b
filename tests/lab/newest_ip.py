# SPDX-License-Identifier: LGPL-2.1-or-later
"""`ip` of Debian testing, whose monitor prints more than older releases: an oracle on every release.

KEEPER_NEWEST_IP is its command line where Debian packages are not available, as in an emulated machine.
"""

import functools
import os
import re
import subprocess

from debian import unpacked

FIRST_WITH_ALL_FIELDS = (7, 2)  # the release of iproute2


@functools.cache
def newest_ip():
    """Its command line: the `ip` of this machine if that is new enough. LabError if it is not available."""
    if given := os.environ.get("KEEPER_NEWEST_IP"):
        return given.split()
    shown = subprocess.run(["ip", "-V"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"iproute2-(\d+)\.(\d+)", shown)
    if version and tuple(map(int, version.groups())) >= FIRST_WITH_ALL_FIELDS:
        return ["ip"]
    root = unpacked("testing", "iproute2")
    # with its own dynamic linker, since the libraries here are too old for it
    linker = next(root.glob("usr/lib64/ld-linux-*"))
    folders = {file.parent for file in root.glob("usr/lib/*/lib*.so*")}
    return [str(linker), "--library-path", ":".join(map(str, sorted(folders))), str(root / "usr" / "bin" / "ip")]
