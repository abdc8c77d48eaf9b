# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs and units for the machines in this folder, and their sockets according to other tools."""

import contextlib
import os
import shlex
import subprocess
from pathlib import Path

import scenario
from node import wait_for

LISTENER = r"""
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof(here)) != 0 || listen(listener, 9) != 0)
        return 1;
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection >= 0)
            close(connection);
    }
}
"""
FOLDER = "/opt/listeners"  # the output of compile_into(): dynamic, static, setuid, libharmless.so
HARMLESS = f"{FOLDER}/libharmless.so"
WRAPPER = "libmptcpwrap.so"
ENVIRONMENTS = "/run/mptcp-keeper/env"
DROP_IN = "50-mptcp-keeper.conf"
GENERATED = "/run/systemd/generator"


def compile_into(machine):
    """Compiles programs that listen on a given port, on a machine that is off: a dynamic, a static and a setuid one.
    Also compiles a library that does nothing."""
    folder = machine.path(FOLDER)
    folder.mkdir(parents=True)
    compiler = ["cc", "-x", "c", "-", "-o"]
    for name, text, options in (("dynamic", LISTENER, []), ("static", LISTENER, ["-static"]),
                                ("libharmless.so", "int harmless;", ["-shared", "-fPIC", "-nostdlib"])):
        subprocess.run([*compiler, folder / name, *options], input=text, text=True, check=True)
    (folder / "setuid").write_bytes((folder / "dynamic").read_bytes())
    for name in ("dynamic", "static", "setuid"):
        (folder / name).chmod(0o4755 if name == "setuid" else 0o755)


def declare(machine, *units, never=()):
    """Writes the configuration with these units declared, and those that stay on TCP."""
    lists = [f"{key}: [{', '.join(names)}]" for key, names in (("units", units), ("never", never)) if names]
    declared = f"applications: {{{', '.join(lists)}}}\n" if lists else ""
    machine.write(scenario.FILE, scenario.CONFIG + declared)


def service(command, *lines):
    """The text of a service that runs a command."""
    return "\n".join(["[Service]", f"ExecStart={command}", *lines, ""])


def web(port, *lines):
    """The text of a service that is a small web server."""
    return service(f"/usr/bin/python3 -m http.server --directory /usr/share/doc {port}", *lines)


def add_units(machine, units):
    """Writes units to /etc: {name: text}."""
    for name, text in units.items():
        machine.write(f"/etc/systemd/system/{name}", text)


def want(machine, unit, target="multi-user.target"):
    """Enables a unit in any folder on a machine that is off."""
    folder = machine.path(f"/etc/systemd/system/{target}.wants")
    folder.mkdir(parents=True, exist_ok=True)
    file = unit.partition("@")[0] + "@." + unit.rpartition(".")[2] if "@" in unit else unit
    own = machine.path(f"/etc/systemd/system/{file}").exists()
    (folder / unit).symlink_to(f"{'/etc' if own else '/lib'}/systemd/system/{file}")


def pids_of(machine, unit):
    """The process IDs of a unit according to the kernel, as seen outside the machine."""
    group = machine.property(unit, "ControlGroup")
    file = machine.path(f"/sys/fs/cgroup{group}/cgroup.procs")
    return [int(pid) for pid in file.read_text().split()] if group and file.exists() else []


def protocols_of(process):
    """The protocols of the sockets of a process: {"TCP", "MPTCPv6", …}.
    `process` is its folder in some /proc."""
    found = set()
    with contextlib.suppress(OSError):  # the process may end or close descriptors in the meantime
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(os.getxattr(descriptor, "system.sockprotoname").rstrip(b"\0").decode())
    return {name for name in found if "TCP" in name}


def sockets_of(machine, unit):
    """The protocols of a unit: "TCP", "MPTCP", both joined by +, or "" if it has no sockets."""
    found = {name.removesuffix("v6") for pid in pids_of(machine, unit) for name in protocols_of(Path(f"/proc/{pid}"))}
    return "+".join(sorted(found))


def wait_until_listening(machine, unit):
    """Waits until the unit has its sockets, which it opens after systemd considers it started."""
    wait_for(lambda: sockets_of(machine, unit), 20, f"sockets of {unit}")


def wait_for_sockets(machine, unit, expected):
    """Waits until the unit has sockets, which must have that protocol."""
    wait_until_listening(machine, unit)
    assert sockets_of(machine, unit) == expected, unit


def environment_of(machine, unit):
    """The environment of the unit's first process."""
    pid = machine.property(unit, "MainPID")
    entries = machine.path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if entry)


def libraries_of(machine, unit):
    """The files that are mapped into the unit's first process."""
    maps = machine.path(f"/proc/{machine.property(unit, 'MainPID')}/maps").read_text()
    return {Path(line.split()[-1]).name for line in maps.splitlines() if "/" in line}


def wrappers(machine):
    """The installed files of libmptcpwrap."""
    found = machine.run(["find", "/usr/lib", "-name", f"{WRAPPER}*", "-type", "f"]).stdout
    return found.split()


def mptcp_listeners(machine):
    """The ports with an MPTCP listener according to ss."""
    shown = machine.run(["ss", "-MlnH"]).stdout
    return {int(line.split()[3].rpartition(":")[2]) for line in shown.splitlines()}


def counters(machine):
    """The kernel's MPTcpExt counters."""
    lines = [line.split() for line in machine.run(["cat", "/proc/net/netstat"]).stdout.splitlines()
             if line.startswith("MPTcpExt:")]
    return dict(zip(lines[0][1:], map(int, lines[1][1:])))


def drop_in(machine, unit):
    """The drop-in of mptcp-keeper that systemd has loaded for a unit, or None."""
    paths = shlex.split(machine.property(unit, "DropInPaths"))
    return next((path for path in paths if path.endswith(DROP_IN)), None)


def states(machine):
    """The units in mptcp-keeper status: {unit: state}."""
    return {one["unit"]: one["state"] for one in machine.keeper("status").json["units"]}
