#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the program hook of mptcp-keeper-bpf costs in each socket(2). Requires root, systemd and Linux 6.6.

socket() is measured alternately, 2,000 calls at a time, by a C program (kernels/programs/socket_cost.c): as TCP without
the hook, as TCP with the hook in a cgroup that it does not concern, as TCP that the hook turns into MPTCP, and as MPTCP
that the program asks for itself. The hook is attached for a slice of its own that no program uses. Prints Markdown.

A hook that is attached already is in the way: run `mptcp-keeper reset` before.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LOADER = Path("/usr/lib/mptcp-keeper/program-hook")
FOLDER = Path("/run/mptcp-keeper/program-hook")
PINS = Path("/sys/fs/bpf/mptcp-keeper")
SOURCE = Path(__file__).resolve().parent.parent / "kernels/programs/socket_cost.c"
REQUEST = "mptcp-keeper-program-hook 1\nslice bench.slice\nexclude excluded.service\n"
CALLS, TCP, MPTCP = 2000, 6, 262
CASES = {  # name: (cgroup, whether the hook is attached, the protocol that the program asks for, the one that it gets)
    "TCP without the hook": ("bench.slice/chosen.service", False, 0, TCP),
    "TCP with the hook, not concerned": ("bench-other.slice/other.service", True, 0, TCP),
    "TCP with the hook, excluded": ("bench.slice/excluded.service", True, 0, TCP),
    "MPTCP by the hook": ("bench.slice/chosen.service", True, 0, MPTCP),
    "MPTCP by the program, without the hook": ("bench.slice/chosen.service", False, MPTCP, MPTCP),
    "MPTCP by the program, with the hook": ("bench.slice/chosen.service", True, MPTCP, MPTCP),
}


def run(*command, **kwargs):
    """Runs a program; returns its output."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **kwargs)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def attached(is_attached):
    """Attaches the hook, unless not."""
    if not is_attached:
        yield
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "request").write_text(REQUEST)
    try:
        run(LOADER, "attach")
        yield
    finally:
        run(LOADER, "detach")
        (FOLDER / "request").unlink()


@contextlib.contextmanager
def cgroups():
    """The cgroups of all cases."""
    top = Path("/sys/fs/cgroup")
    paths = sorted({top / case[0] for case in CASES.values()})
    for path in paths:
        path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for path in {*paths, *(path.parent for path in paths)}:
            with contextlib.suppress(FileNotFoundError):
                (path / "cgroup.kill").write_text("1")
        for path in [*paths, *sorted({path.parent for path in paths})]:
            path.rmdir()


def nanoseconds(program, name):
    """One measurement of a case: the average of its calls."""
    cgroup, _, asked, expected = CASES[name]
    join = f"echo $$ >/sys/fs/cgroup/{cgroup}/cgroup.procs; exec \"$@\""
    protocol, spent = map(int, run("sh", "-ec", join, "sh", program, CALLS, asked).split())
    if protocol != expected:
        raise OSError(f"{name}: the protocol is {protocol}, not {expected}; is another hook attached?")
    return spent


def measure(program, rounds):
    """{case: nanoseconds of each round}."""
    runs = {name: [] for name in CASES}
    with cgroups():
        for _ in range(rounds):
            for is_attached in (False, True):
                with attached(is_attached):
                    for name in (name for name, case in CASES.items() if case[1] == is_attached):
                        runs[name].append(nanoseconds(program, name))
    return runs


def table(runs):
    """The lines of a Markdown table."""
    base = statistics.median(runs["TCP without the hook"])
    yield "| socket() | relative | |"
    yield "|---|---|---|"
    for name, some in runs.items():
        median = statistics.median(some)
        yield f"| {name} | {median / base:.2f} | {median / 1000:.2f} µs |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, help="measurements of each case (default: %(default)s)")
    parser.add_argument("--program", type=Path, help="socket_cost.c, compiled (by default, cc compiles it)")
    arguments = parser.parse_args()
    if os.geteuid() != 0 or not LOADER.exists():
        sys.exit("program_hook.py: requires root and the package mptcp-keeper-bpf")
    if PINS.exists():
        sys.exit("program_hook.py: a program hook is attached; run `mptcp-keeper reset` before")
    with tempfile.TemporaryDirectory() as scratch:
        program = arguments.program
        if program is None:
            program = Path(scratch) / "socket-cost"
            run("cc", "-O1", "-o", program, SOURCE)
        print("\n".join(table(measure(program, arguments.rounds))))


if __name__ == "__main__":
    main()
