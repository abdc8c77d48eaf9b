# SPDX-License-Identifier: LGPL-2.1-or-later
"""The booted machine on which the tests run: its programs, its units, and the protocols of their sockets.

The oracles are independent of mptcp-keeper: getsockopt(SO_PROTOCOL) in the program that creates the socket, and the
attribute system.sockprotoname of the open sockets of a unit.
"""

import json
import os
import subprocess
from pathlib import Path

from node import LabError, wait_for  # noqa: F401

CONFIG = Path("/etc/mptcp-keeper/config.yaml")
UNITS = Path("/run/systemd/system")
PROGRAMS = Path("/machine/programs")
TCP, MPTCP = 6, 262  # IPPROTO_TCP, IPPROTO_MPTCP
# Programs that print the protocol of a new TCP socket.
PYTHON = ["/usr/bin/python3", "-c",
          "import socket; s = socket.socket(); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL))"]
DYNAMIC, STATIC, IO_URING = ([PROGRAMS / name] for name in ("protocol", "protocol-static", "protocol-io-uring"))
# A command in namespaces of its own, as in a container.
CONTAINER = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--net", "--uts", "--ipc", "--cgroup"]


def run(command, check=True, timeout=120, **kwargs):
    """Runs a program until it ends. A failure raises its output as an error, unless check=False."""
    if "input" not in kwargs:
        kwargs.setdefault("stdin", subprocess.DEVNULL)
    command = list(map(str, command))
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **kwargs)
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def keeper(*arguments, **kwargs):
    """Runs mptcp-keeper --json; the result has .json (None without a document)."""
    done = run(["mptcp-keeper", "--json", *arguments], check=False, **kwargs)
    done.json = json.loads(done.stdout) if done.stdout.strip() else None
    return done


def systemctl(*words, **kwargs):
    """Runs systemctl; returns its output."""
    return run(["systemctl", *words], **kwargs).stdout.strip()


def unit_property(unit, name):
    """A property of a unit."""
    return systemctl("show", f"--property={name}", "--value", unit)


def sysctl(name, value=None):
    """Reads a sysctl ("net.mptcp.enabled") as the kernel shows it, or writes it."""
    file = Path("/proc/sys") / name.replace(".", "/")
    if value is not None:
        file.write_text(str(value))
    return file.read_text().strip()


def journal(unit):
    """The messages of a unit since the boot."""
    return run(["journalctl", "--boot", "--no-pager", "--output=cat", "--unit", unit]).stdout


# --- units --------------------------------------------------------------------------------------------------

def write_unit(name, text):
    """Writes a unit file and loads it."""
    UNITS.mkdir(parents=True, exist_ok=True)
    (UNITS / name).write_text(text)
    systemctl("daemon-reload")


def remove_unit(name):
    """Stops a unit of write_unit() or start_unit() and removes it."""
    systemctl("stop", name, check=False)
    systemctl("reset-failed", name, check=False)
    if (UNITS / name).exists():
        (UNITS / name).unlink()
        systemctl("daemon-reload")


def in_unit(command, *, unit=None, slice_name=None, user=None, properties=(), check=True):
    """Runs a program until it ends, as a transient service in that slice, as that user."""
    options = [f"--property={one}" for one in properties]
    for option, value in (("unit", unit), ("slice", slice_name), ("uid", user)):
        if value is not None:
            options.append(f"--{option}={value}")
    return run(["systemd-run", "--quiet", "--wait", "--pipe", "--collect", *options, *command], check=check)


def start_unit(name, command, *, slice_name="system.slice", properties=()):
    """Starts a program as a transient service, which remove_unit() ends."""
    run(["systemd-run", "--quiet", "--collect", "--service-type=exec", f"--unit={name}", f"--slice={slice_name}",
         *(f"--property={one}" for one in properties), *command])


# --- protocols ----------------------------------------------------------------------------------------------

def new_protocol(command=PYTHON, **kwargs):
    """The protocol that a program prints (TCP or MPTCP), run as in_unit() does."""
    return int(in_unit(command, **kwargs).stdout)


def processes_of(unit):
    """The process IDs in the control group of a unit."""
    group = unit_property(unit, "ControlGroup")
    files = Path(f"/sys/fs/cgroup{group}").rglob("cgroup.procs") if group else []
    return sorted(int(pid) for file in files for pid in file.read_text().split())


def socket_protocols(unit):
    """The protocols of the open TCP and MPTCP sockets of a unit's processes, such as ["MPTCP", "TCPv6"]."""
    found = []
    for pid in processes_of(unit):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            try:
                name = os.getxattr(file, "system.sockprotoname").rstrip(b"\0").decode()
            except OSError:  # not a socket, or closed
                continue
            if name.removesuffix("v6") in ("TCP", "MPTCP"):
                found.append(name)
    return sorted(found)


def wait_for_protocols(unit, deadline=60):
    """The protocols of the sockets of a unit, once it has any."""
    return wait_for(lambda: socket_protocols(unit), deadline, f"sockets of {unit}")
