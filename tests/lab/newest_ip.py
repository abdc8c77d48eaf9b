"""`ip` of Debian testing, whose monitor prints more than that of older releases: an oracle for every release.

KEEPER_NEWEST_IP names its command line where Debian's packages cannot be had, as in an emulated machine.
"""

import functools
import os
import re
import subprocess

from debian import unpacked

FIRST_WITH_ALL_FIELDS = (7, 2)  # the release of iproute2


@functools.cache
def newest_ip():
    """The command line that runs it, this machine's own where that is new enough. LabError where it cannot be had."""
    if given := os.environ.get("KEEPER_NEWEST_IP"):
        return given.split()
    shown = subprocess.run(["ip", "-V"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"iproute2-(\d+)\.(\d+)", shown)
    if version and tuple(map(int, version.groups())) >= FIRST_WITH_ALL_FIELDS:
        return ["ip"]
    root = unpacked("testing", "iproute2")
    # its own dynamic linker: the libraries here are too old for it
    linker = next(root.glob("usr/lib64/ld-linux-*"))
    folders = {file.parent for file in root.glob("usr/lib/*/lib*.so*")}
    return [str(linker), "--library-path", ":".join(map(str, sorted(folders))), str(root / "usr" / "bin" / "ip")]
