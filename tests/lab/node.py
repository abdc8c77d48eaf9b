# SPDX-License-Identifier: LGPL-2.1-or-later
"""A node: the namespaces of one machine, held by one process.

The holder is process 1 of the node's PID namespace. When it ends, the kernel kills every process of the node and
removes its mounts and its network. It ends when its standard input closes, so a killed lab leaves nothing behind: no
named namespace, no mount, no folder.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

# /etc, /usr/lib and /var/lib are copy-on-write and /run is new, so that no node changes the machine. /sys is read-only:
# NetworkManager then assumes a container and does not wait for udev to announce its devices.
SET_UP = """
set -e
mount --make-rprivate / 2>/dev/null || true
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
for tree in /etc /usr/lib /var/lib; do
  mkdir -p /run/.lab/upper$tree /run/.lab/work$tree
  mount -t overlay -o lowerdir=$tree,upperdir=/run/.lab/upper$tree,workdir=/run/.lab/work$tree lab $tree
done
for folder in /etc/NetworkManager /var/lib/NetworkManager /etc/mptcp-keeper /var/lib/mptcp-keeper \
              /usr/lib/mptcp-keeper/conf.d; do
  mkdir -p $folder
  mount -t tmpfs -o mode=755 tmpfs $folder
done
mkdir -p /etc/NetworkManager/conf.d /etc/NetworkManager/system-connections
rm -rf /usr/lib/NetworkManager/conf.d /usr/lib/NetworkManager/system-connections
mkdir -p /usr/lib/NetworkManager/system-connections
ip link set lo up
hostname "$1"
echo ready
exec cat
"""

# Programs of another release on a node: its files with changes kept in memory, and the node's /proc, /sys and /run.
MOUNT_ROOT = """
set -e
mkdir -p "$2/upper" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" root "$2/root"
cd "$2/root"
mkdir -p proc sys run dev tmp var
for folder in proc sys run dev; do mount --rbind /$folder $folder; done
ln -sfn /run var/run
"""


class LabError(RuntimeError):
    """The lab itself failed, not what is tested in it."""


def wait_for(condition, deadline=5.0, what=None, poll=0.02):
    """Calls `condition` until it returns a true value, and returns that. LabError after `deadline` s."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"timed out after {deadline} s waiting for {what or condition}; last value: {value!r}")
        time.sleep(poll)


class Watcher:
    """A program that runs during a test and whose output is collected, such as `ip monitor`."""

    def __init__(self, process, output):
        self.process = process
        self._output = output

    def send(self, number):
        """Sends the program a signal."""
        os.kill(only_child(self.process.pid), number)
        if number == signal.SIGCONT:
            self.process.send_signal(number)  # nsenter has stopped itself with the program

    def text(self):
        """The output so far."""
        return self._output.read_text(errors="replace")

    def wait_for(self, needle, deadline=5.0):
        """Waits until the output contains `needle`; returns the output so far."""
        wait_for(lambda: needle in self.text(), deadline, f"{needle!r} in the output of {self.process.args}")
        return self.text()

    def stop(self, with_signal=signal.SIGTERM):
        """Ends the program and returns its output."""
        end_group(self.process, with_signal)
        return self.text()


def end_group(process, first_signal=signal.SIGTERM, patience=3.0):
    """Ends a process that leads a process group, and the group; with SIGKILL after `patience` s."""
    for number in (first_signal, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass


def only_child(pid):
    """The process started by `unshare --fork` or nsenter."""
    return int(wait_for(Path(f"/proc/{pid}/task/{pid}/children").read_text, 5, f"a child of process {pid}"))


class Node:
    """A network namespace with its own mounts, host name and process IDs. Close it, or use it in `with`."""

    def __init__(self, name, scratch):
        self.name = name
        self._scratch = Path(scratch)
        self._watchers = 0
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
             "--propagation", "unchanged", "sh", "-c", SET_UP, "sh", name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            if self._holder.stdout.readline() != "ready\n":
                self._holder.stdin.close()
                raise LabError(f"cannot set up the namespaces of {name}: {self._holder.stderr.read().strip()}\n"
                               "(requires root, overlayfs, and the packages iproute2, mount and hostname)")
            self.pid = only_child(self._holder.pid)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends every process of the node, and thereby its namespaces."""
        if self._holder.poll() is None:
            end_group(self._holder, signal.SIGKILL)
        for pipe in (self._holder.stdin, self._holder.stdout, self._holder.stderr):
            pipe.close()

    def path(self, inside):
        """The path by which this process can open the node's file `inside`."""
        return Path(f"/proc/{self.pid}/root") / str(inside).lstrip("/")

    def write(self, inside, text, mode=0o644):
        """Writes a file in the node and creates its folders; returns its name in the node."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        # create it with the mode: NetworkManager refuses profiles that others can read
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
        return str(inside)

    def enter(self, command):
        """The command line that runs `command` in the node."""
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "-p", "-u", "-i", "-r", "--wd=/", *map(str, command)]

    def cable(self, own_name, other, other_name):
        """Creates a veth pair between two nodes. Both ends are created in place, never on the machine."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "-n", "ip", "link", "add", "name", own_name, "type", "veth",
             "peer", "name", other_name, "netns", str(other.pid)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"cannot connect {self.name} to {other.name}: {done.stderr}")

    def run(self, command, check=True, timeout=30, **kwargs):
        """Runs a program in the node until it ends. A failure raises its output as an error, unless check=False."""
        if "input" not in kwargs:
            kwargs.setdefault("stdin", subprocess.DEVNULL)
        else:
            kwargs["stdin"] = subprocess.PIPE
        text_in = kwargs.pop("input", None)
        process = subprocess.Popen(self.enter(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True, **kwargs)
        try:
            out, err = process.communicate(text_in, timeout)
        except BaseException:
            end_group(process, signal.SIGKILL)
            raise
        done = subprocess.CompletedProcess(command, process.returncode, out, err)
        if check and done.returncode != 0:
            raise LabError(f"{' '.join(map(str, command))} on {self.name}: exit {done.returncode}\n{out}{err}")
        return done

    def start(self, command, **kwargs):
        """Starts a program in the node; returns a Watcher over its output."""
        self._watchers += 1
        output = self._scratch / f"{self.name}-{self._watchers}.log"
        with output.open("w") as file:
            process = subprocess.Popen(self.enter(command), stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, start_new_session=True, **kwargs)
        return Watcher(process, output)

    def ip(self, arguments, **kwargs):
        """Runs `ip` with the arguments in a string."""
        return self.run(["ip", *arguments.split()], **kwargs)

    def mount_root(self, root):
        """Mounts the files of another release as a root; returns the name of that folder in the node."""
        place = f"/run/{Path(root).parent.name}"
        self.run(["sh", "-c", MOUNT_ROOT, "sh", str(root), place])
        return f"{place}/root"

    def sysctl(self, name, value=None):
        """Reads a sysctl ("net.mptcp.enabled") as the kernel shows it, or writes it."""
        file = "/proc/sys/" + name.replace(".", "/")
        if value is not None:
            self.run(["sh", "-c", f'printf %s "$1" > {file}', "sh", str(value)])
        return self.run(["cat", file]).stdout.strip()
