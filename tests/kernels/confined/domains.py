# SPDX-License-Identifier: LGPL-2.1-or-later
"""The domains and denials of the machine. The oracles are the kernel's audit messages in the journal, the labels that
ps and stat print, and the policy in the kernel (selinuxexeccon).
"""

import fcntl
import json
import os
import re
from pathlib import Path

from this_host import journal, run, systemctl, unit_property, wait_for

# A copy of Python that starts in the domain of that executable's type.
PROBE = Path("/usr/local/bin/probe")
KEEPER, OTHER = "mptcp_keeper_exec_t", "systemd_hostnamed_exec_t"
READ = "open(path).read()"
# Makes all attempts and prints the error of each, or null.
ATTEMPTS = """
import json, os, socket, sys
def attempt(code, path):
    try:
        exec(code)
    except OSError as error:
        return error.strerror
print(json.dumps([attempt(code, path) for code, path in json.loads(sys.argv[1])]))
"""
# Below it is the folder of Debian's prometheus-node-exporter.
PROMETHEUS = Path("/var/lib/prometheus")
METRICS = "/run/mptcp-keeper/metrics.prom"
OURS = re.compile(r"context=\S+:mptcp_keeper_\w+:")
DENIAL = re.compile(r"avc: +denied .*")


def denials():
    """The denials since the boot that concern our types, as the kernel prints them."""
    shown = run(["journalctl", "--boot", "--no-pager", "--output=cat"]).stdout
    return sorted({found.group() for found in DENIAL.finditer(shown) if OURS.search(found.group())})


def process_of(unit):
    """The process ID of the command of a unit that runs, such as that of ExecStop=."""
    return next((pid for name in ("ControlPID", "MainPID") if (pid := unit_property(unit, name)) != "0"), "0")


def domain_of(unit):
    """The type of that process."""
    return run(["ps", "-o", "label=", "-p", process_of(unit)]).stdout.split(":")[2]


def domain_while_locked(unit, lock):
    """The type of the process of a unit that is started while another process has that lock, and the unit's result.
    A program of mptcp-keeper waits for it."""
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        systemctl("--no-block", "restart", unit)
        wait_for(lambda: waits_for(unit, lock), 240, f"{unit}, which waits for {lock}")
        found = domain_of(unit)
    wait_for(lambda: unit_property(unit, "ActiveState") not in ("activating", "deactivating"), 240, f"the end of {unit}")
    return found, unit_property(unit, "Result")


def waits_for(unit, lock):
    """Whether the process of the unit has that file open."""
    try:
        return any(os.path.samefile(file, lock) for file in Path(f"/proc/{process_of(unit)}/fd").glob("*"))
    except OSError:  # closed in the meantime
        return False


def domain_after(program, context):
    """The type of the process that executes this program in that context."""
    return run(["selinuxexeccon", program, context]).stdout.split(":")[2]


def type_of(path):
    """The type of a file."""
    return run(["stat", "--format=%C", path]).stdout.split(":")[2]


def wait_for_line(command, pattern, deadline=240):
    """The output of a command, once it contains the pattern."""
    def shown():
        text = run(command).stdout
        return text if re.search(pattern, text) else None
    return wait_for(shown, deadline, f"{pattern} in the output of {' '.join(command)}")


def errors_of(kind, attempts):
    """The error, or None, of each attempt (statement, path) of a program in the domain of that executable's type."""
    run(["cp", "/usr/bin/python3", PROBE])
    try:
        run(["chcon", "--type", kind, PROBE])
        # Through the journal: the domains may not write to the pipe of an administrator.
        unit = f"probe-{os.urandom(4).hex()}.service"
        run(["systemd-run", "--quiet", "--wait", "--collect", f"--unit={unit}",
             PROBE, "-ISB", "-c", ATTEMPTS, json.dumps(attempts)])
        return json.loads(next(line for line in journal(unit).splitlines() if line.startswith("[")))
    finally:
        PROBE.unlink()


def wait_for_metrics(file):
    """Waits until the daemon has written that file."""
    wait_for(lambda: Path(file).exists() and "mptcp_keeper_build_info" in Path(file).read_text(), 240, file)
