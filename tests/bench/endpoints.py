#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What many endpoints cost `apply` with nothing to do, on the newest kernel under emulation. Requires root.

Older kernels allow 8 endpoints. An emulated machine of tests/kernels boots Debian's newest kernel. In it are two hosts,
one with 8 and one with 255 declared endpoints in place; `apply` runs on one after the other, and `ip mptcp endpoint
show` for comparison. Emulation makes everything slower, so only ratios count. Prints Markdown; it does not enforce the
targets. Requires Debian on x86_64, as tests/kernels does.
"""

import json
import shutil
import tempfile
from pathlib import Path

from bench_host import TESTS, Stopwatch, median_ms, options, parse, print_table, progress, ratio, run_benchmark
from emulation import run
from kernel_packages import fetch
from lab import Lab, LabError
from small_root import SmallRoot

FEW, MANY = 8, 255
# What the hosts of the lab, the INIT of the machine and Stopwatch run.
PROGRAMS = """bash sh base64 cat hostname insmod ip mkdir mount nsenter rm sleep stty sync tar gzip
              unshare""".split()
INSIDE = "/machine/tests/bench/endpoints.py"
RESULT = "/results/endpoints.json"


def measure_inside(program, rounds):
    """In the emulated machine: {name: (median milliseconds with few endpoints, with many, their ratio)}."""
    commands = {"apply": [program, "apply"], "ip": ["ip", "mptcp", "endpoint", "show"]}
    runs = {name: {FEW: [], MANY: []} for name in commands}
    with Lab() as lab:
        stopwatches = {}
        for number in (FEW, MANY):
            host = lab.host(f"host{number}")
            host.configure("endpoints:\n" + "".join(
                f"  - {{address: 10.9.0.{n}, flags: [signal]}}\n" for n in range(1, number + 1)))
            done = host.keeper("apply", timeout=300)
            if done.returncode != 0 or len(host.endpoints()) != number:
                raise LabError(f"{len(host.endpoints())} of {number} endpoints: {done.stdout}{done.stderr}")
            stopwatches[number] = Stopwatch(host)
        for number in range(rounds + 1):
            for name, command in commands.items():
                for endpoints, stopwatch in stopwatches.items():
                    run = stopwatch.measure(*command)
                    if number:  # the first round is not counted
                        runs[name][endpoints].append(run)
            progress(f"round {number} of {rounds}")
        for stopwatch in stopwatches.values():
            stopwatch.close()
    return {name: (median_ms(found[FEW]), median_ms(found[MANY]), ratio(found[MANY], found[FEW]))
            for name, found in runs.items()}


def machine_root(folder, program):
    """The root of the emulated machine, with the program, the lab and this benchmark."""
    root = SmallRoot(folder)
    root.add_programs(PROGRAMS)
    root.add_python("/usr/bin/python3", ["json", "statistics"])
    root.add_file(program, "/machine/mptcp-keeper")
    root.add_libraries_of(program)
    for name in ("bench", "integration", "kernels", "lab"):
        shutil.copytree(TESTS / name, root.folder / "machine/tests" / name,
                        ignore=shutil.ignore_patterns("__pycache__"))
    return root


def measure(program, rounds):
    """Boots the machine and measures in it; (release of the kernel, the result of measure_inside)."""
    progress("fetching the newest kernel, once a week")
    kernel = fetch("newest")
    with tempfile.TemporaryDirectory(prefix="mptcp-keeper-bench-") as scratch:
        progress("making the machine's root")
        root = machine_root(Path(scratch) / "root", program)
        results = Path(scratch) / "results"
        results.mkdir()
        progress(f"Linux {kernel.release}: booting and measuring")
        command = f"{INSIDE} --inside --program /machine/mptcp-keeper --rounds {rounds}"
        console = run(kernel, root, command, results, deadline=1200)
        file = results / Path(RESULT).name
        if not file.exists():
            raise LabError(f"the benchmark failed on Linux {kernel.release}:\n{console[-4000:]}")
        return kernel.release, json.loads(file.read_text())


def main():
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each command (default: %(default)s)")
    parser.add_argument("--inside", action="store_true", help="measure on this machine; write the result to " + RESULT)
    arguments = parse(parser)
    if arguments.inside:
        Path(RESULT).write_text(json.dumps(measure_inside(arguments.program, arguments.rounds)))
        return
    release, found = measure(arguments.program, arguments.rounds)
    rows = []
    for name, title, target in (("apply", "`apply` with nothing to do", "2"), ("ip", "`ip mptcp endpoint show`", "")):
        few, many, times = found[name]
        rows.append((f"{title}: {MANY} endpoints, relative to {FEW}", f"{times:.2f} ({many:.1f} ms, {few:.1f} ms; "
                     f"emulated Linux {release})", target))
    print_table(rows)


if __name__ == "__main__":
    run_benchmark(main)
