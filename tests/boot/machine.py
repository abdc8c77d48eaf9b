# SPDX-License-Identifier: LGPL-2.1-or-later
"""A booted Debian system with its own systemd, system bus, NetworkManager and journal.

Each boot depends on one process, like the nodes of the lab: when it ends, the kernel ends the rest. Each boot has a new
network namespace, since the kernel's MPTCP settings belong to it.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from host import Host
from node import LabError, end_group, only_child, wait_for
from roots import overlay_options

# The machine's cgroup is the root of its own hierarchy; the system inside sees only cgroup2.
# Interfaces are added to the network namespace before the boot, like hardware.
HOLD = """
set -e
mount --make-rprivate /
mount -t proc proc /proc
umount -R /sys
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$1"
echo 0 >"/sys/fs/cgroup/$1/cgroup.procs"
mount -t overlay -o "$2" machine "$3"
mount -t tmpfs -o mode=755 tmpfs /run
exec unshare --cgroup sh -ec '
  umount /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  ip link set lo up
  echo ready
  exec cat'
"""
# With "network", only the settings below /proc/sys/net can be written.
BOOT = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--network-namespace-path=/proc/self/ns/net",
        "--capability=CAP_NET_ADMIN", "--link-journal=no", "--resolv-conf=off", "--timezone=off",
        "--console=pipe", "--boot"]


def cgroup2_mount():
    """The mount point of the unified control group hierarchy, or None."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next((Path(folder) for _, folder, kind, *_ in mounts if kind == "cgroup2"), None)


def own_cgroup():
    """This process's group in the unified hierarchy, without the leading slash."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    return next(line[len("0::/"):] for line in lines if line.startswith("0::/"))


def remove_cgroup(folder):
    """Removes a group and its children; their processes have been killed and end soon."""
    def try_it():
        for inner, _, _ in os.walk(folder, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(inner)
        return not folder.exists()

    wait_for(try_it, 10, f"the end of all processes in {folder}")


class Machine(Host):
    """A Debian machine. Its disk is in `scratch` above the read-only `layers` and persists over reboots."""

    # start_bus() and the like of the lab are not used here: systemd starts the services.
    def __init__(self, name, layers, scratch, number):  # noqa: super().__init__ would make a node
        self.name = name
        self.number = number
        self._layers = layers
        self._scratch = Path(scratch) / f"{name}-{number}"
        self._upper = self._scratch / "disk"
        for folder in ("disk", "work", "root"):
            (self._scratch / folder).mkdir(parents=True)
        self._watchers = 0
        self._segments = {}
        self._cables = []
        self._cgroup = None
        self._holder = None
        self._container = None
        self._booted = False
        self.pid = None
        self.boots = 0
        self.kernel_defaults = {}  # sysctls at the start of the kernel, e.g. net.mptcp.enabled 0

    # --- hardware ---------------------------------------------------------------------------------------

    def plug(self, interface, segment):
        """Adds an interface: at once if the machine runs, and at every boot."""
        self._cables.append(interface)
        self._segments[interface] = segment
        if self._booted:
            segment.plug(self, interface)

    def unplug(self, interface):
        """Removes an interface, also for later boots."""
        self._cables.remove(interface)
        if self._booted:
            self.ip(f"link delete {interface}")

    def boot(self, deadline=40):
        """Boots the machine; returns the seconds until multi-user.target was reached."""
        started = time.monotonic()
        self._hold()
        for interface in self._cables:
            segment = self._segments[interface]
            # the kernel removes the network of the last boot asynchronously
            segment.node.ip(f"link delete {segment.port(self, interface)}", check=False)
            segment.plug(self, interface)
        for name, value in self.kernel_defaults.items():
            subprocess.run(["nsenter", "-t", str(self.pid), "-n", "-m", "sh", "-c",
                            f"echo {value} >/proc/sys/{name.replace('.', '/')}"], check=True)
        output = (self._scratch / f"console-{self.boots}.log").open("w")
        with output:
            self._container = subprocess.Popen(
                ["sh", "-c", 'echo $$ >"$0/cgroup.procs"; exec "$@"', str(self._cgroup),
                 "nsenter", "-t", str(self.pid), "-n", "-m", "-p", "-u", "-i", "-C", "--wd=/", "env",
                 "SYSTEMD_NSPAWN_API_VFS_WRITABLE=network", *BOOT, f"--machine=mk-boot-{self.number}",
                 f"--directory={self._scratch / 'root'}"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        self.boots += 1
        self.pid = wait_for(self._first_process, deadline, f"the first process of {self.name}")
        self._booted = True
        wait_for(self._is_up, deadline, f"multi-user.target on {self.name}", poll=0.1)
        return time.monotonic() - started

    def _hold(self):
        group = Path(own_cgroup()) / f"mk-boot-{os.getpid()}-{self.number}-{self.boots}"
        self._cgroup = cgroup2_mount() / group
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
             "--propagation", "unchanged", "sh", "-c", HOLD, "sh", str(group),
             overlay_options(self._layers, self._upper, self._scratch / "work"), str(self._scratch / "root")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        if self._holder.stdout.readline() != "ready\n":
            raise LabError(f"cannot set up the namespaces of {self.name}")
        self.pid = only_child(self._holder.pid)

    def _first_process(self):
        if self._container.poll() is not None:
            raise LabError(f"{self.name} does not boot:\n{self.console()}")
        processes = [*self._cgroup.glob("payload/init.scope/cgroup.procs"), *self._cgroup.glob("payload/cgroup.procs")]
        for file in processes:
            for pid in file.read_text().split():
                if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    return int(pid)
        return None

    def _is_up(self):
        if self._container.poll() is not None:
            raise LabError(f"{self.name} went down while booting:\n{self.console()}")
        return self.run(["systemctl", "is-active", "multi-user.target"], check=False).stdout.strip() == "active"

    def is_running(self):
        """Whether the machine runs."""
        return self._booted and self._container.poll() is None

    def console(self):
        """The console output of the last boot."""
        log = self._scratch / f"console-{self.boots - 1}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def shut_down(self, deadline=40):
        """Shuts the system down cleanly; if it does not end, kills it."""
        self._booted = False
        self.run(["systemctl", "poweroff"], check=False)
        try:
            self._container.wait(deadline)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{self.name} does not shut down:\n{self.console()}") from error
        finally:
            self.pull_the_plug()

    def pull_the_plug(self):
        """Kills everything at once."""
        self._booted = False
        if self._holder is not None:
            end_group(self._holder, 9)
            self._holder.stdin.close()
            self._holder.stdout.close()
            self._holder = None
        if self._container is not None:
            end_group(self._container, 9)
            self._container = None
        if self._cgroup is not None:
            remove_cgroup(self._cgroup)

    def close(self):
        """Kills the machine and removes its disk."""
        self.pull_the_plug()
        shutil.rmtree(self._scratch, ignore_errors=True)

    # --- the inside -------------------------------------------------------------------------------------

    def path(self, inside):
        """The path of a file of the machine, whether it runs or not. While it is off, only its own disk is
        visible, not the layers below."""
        base = Path(f"/proc/{self.pid}/root") if self._booted else self._upper
        return base / str(inside).lstrip("/")

    def enter(self, command):
        """The command line that runs `command` inside but not under systemd: to inspect things and for systemctl."""
        return ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "-r", "--wd=/", "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root", *map(str, command)]

    def run_as_service(self, command, **kwargs):
        """Runs a program until it ends as systemd does, with the privileges of the machine."""
        return self.run(["systemd-run", "--quiet", "--wait", "--pipe", "--collect", *command], **kwargs)

    def keeper(self, *arguments, **kwargs):
        """Runs mptcp-keeper --json; the result has .json (None without a document)."""
        done = self.run_as_service(["mptcp-keeper", "--json", *arguments], check=False, **kwargs)
        done.json = json.loads(done.stdout) if done.stdout.strip() else None
        return done

    def systemctl(self, *words, check=True):
        """Runs systemctl; returns its output."""
        return self.run(["systemctl", *words], check=check, timeout=60).stdout.strip()

    def property(self, unit, name):
        """A property of a unit."""
        return self.systemctl("show", f"--property={name}", "--value", unit)
