# SPDX-License-Identifier: LGPL-2.1-or-later
"""The system of systemd_machine.py with Debian's SELinux policy and our module, enforced from the first process.

The files get their labels in the machine, before its systemd starts: an archive of the kernel has none.
"""

import shutil
import time

import roots
from debian import digest, made_once, own_release, quietly
from run_inside import TESTS
from small_root import pack
from systemd_machine import SYSTEMD, UNUSED, System

PACKAGES = ["selinux-policy-default", "policycoreutils"]
MAKEFILE = "/usr/share/selinux/devel/Makefile"
MODULE = TESTS.parent / "packaging/selinux"
# What Debian's policy lacks for this machine and its tests, and has nothing to do with ours: the root is in memory and
# has the label of an initial root; systemd-run passes descriptors over the bus, and starts a program in a user's
# domain.
ADDITIONS = """(allow file_type root_t (filesystem (associate)))
(allow domain root_t (filesystem (getattr)))
(allow system_dbusd_t unconfined_t (fd (use)))
(allow system_dbusd_t unconfined_t (fifo_file (getattr read write)))
(allow init_t user_t (process (transition)))
"""
LABEL = f"""#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# The policy in effect decides which labels can be set, and must not deny that.
load_policy -i 2>/dev/null
setfiles -F /etc/selinux/default/contexts/files/file_contexts /etc /usr /var /root /machine /results
sed -i s/^SELINUX=.*/SELINUX=enforcing/ /etc/selinux/config
exec {SYSTEMD}
"""


def compiled_module(folder):
    """The policy module, compiled in that folder."""
    shutil.copytree(MODULE, folder)
    quietly(["make", "--silent", "--directory", str(folder), "--file", MAKEFILE, "mptcp_keeper.pp"],
            "compiling the policy module")
    return folder / "mptcp_keeper.pp"


class ConfinedSystem(System):
    """The archives of the root, with the policy."""

    tests = "confined"
    init = "/machine/label"
    # The journal has the kernel's messages about denials.
    arguments = "security=selinux audit=1 audit_backlog_limit=8192"

    def __init__(self, scratch):
        super().__init__(scratch)
        release = roots.Release(own_release())
        release.make_base()
        started = time.monotonic()
        with made_once(f"{release.base.parent.name}-selinux-{digest(PACKAGES)}") as (policy, empty):
            if empty:
                roots.run_in([release.base], empty, f"{roots.APT} update && {roots.APT} install {' '.join(PACKAGES)}",
                             f"installing {' '.join(PACKAGES)}")
        with made_once(f"{policy.name}-initramfs-{digest(UNUSED)}") as (packed, empty):
            if empty:
                pack(policy, empty / "policy.zst", UNUSED)
        module = compiled_module(scratch / "module")
        (module.parent / "additions.cil").write_text(ADDITIONS)
        loaded = scratch / "loaded"
        loaded.mkdir()
        roots.run_in([policy, scratch / "installed", release.base], loaded,
                     "semodule --noreload --install /module/*.pp /module/*.cil", "loading the policy module",
                     [(module.parent, "/module")])
        self.archives += [packed / "policy.zst", scratch / "loaded.zst"]
        pack(loaded, self.archives[-1], ["proc", "sys", "var/cache/*", "var/log/*"])
        self.times += f", policy {time.monotonic() - started:.1f} s"

    def add_files(self, files):
        files.write("/machine/label", LABEL, 0o755)
        files.write("/etc/systemd/system/declared.service", "[Service]\nExecStart=/machine/programs/protocol wait\n")
        files.write("/etc/systemd/system/tests.service.d/administrator.conf",
                    "[Service]\nSELinuxContext=unconfined_u:unconfined_r:unconfined_t:s0\n")
