#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a clean build costs, in units of one file that uses what is most expensive to include.

    tests/bench/build.py [--rounds N] [--generator NAME] [SOURCE...]

The unit is the compilation, with the program's own flags, of one file that uses nlohmann/json.hpp, yaml-cpp and
<regex> once each. Each round compiles it, builds the program alone (BUILD_TESTING=OFF) and then the tests, everything clean and in
a folder of its own, so that the ratios hold on a slow or busy machine too. SOURCE is a source tree to compare with
others, this one by default. Prints Markdown: CPU seconds of all processes, units, and wall-clock seconds with one
job per CPU.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT = """#include <regex>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>
std::string use(const std::string& text) {
    const auto json = nlohmann::ordered_json::parse(text);
    const YAML::Node node = YAML::Load(text);
    return json.dump(2) + node.as<std::string>() + std::regex_replace(text, std::regex("a+"), "b");
}
"""
FLAGS = ["-std=c++20", "-O2", "-DNDEBUG", "-fPIE", "-Wall", "-Wextra", "-fstack-protector-strong",
         "-ffunction-sections", "-fdata-sections"]


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command):
    """CPU and wall-clock seconds of a command; its output is shown where it fails."""
    cpu, start = cpu_of_children(), time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env={**os.environ, "CCACHE_DISABLE": "1"})
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}")
    return cpu_of_children() - cpu, time.monotonic() - start


def unit(scratch):
    """CPU seconds of the unit."""
    file = Path(scratch) / "unit.cpp"
    file.write_text(UNIT)
    return measured([os.environ.get("CXX", "c++"), *FLAGS, "-c", file, "-o", Path(scratch) / "unit.o"])[0]


def one_round(source, generator):
    """(unit, program, wall of the program, tests, wall of the tests) of a clean build."""
    jobs = f"-j{os.cpu_count()}"
    with tempfile.TemporaryDirectory(prefix="keeper-build-") as scratch:
        reference = unit(scratch)
        build = Path(scratch) / "build"
        configure = ["cmake", "-S", source, "-B", build, "-G", generator]
        measured([*configure, "-DBUILD_TESTING=OFF"])
        program, program_wall = measured(["cmake", "--build", build, jobs])
        measured([*configure, "-DBUILD_TESTING=ON"])
        tests, tests_wall = measured(["cmake", "--build", build, jobs])
        return reference, program, program_wall, tests, tests_wall


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--generator", default="Ninja")
    parser.add_argument("sources", nargs="*", metavar="SOURCE", default=[str(ROOT)])
    options = parser.parse_args()
    results = {source: [] for source in options.sources}
    for _ in range(options.rounds):
        for source in options.sources:
            results[source].append(one_round(source, options.generator))
    print("| source | unit, CPU s | program, CPU s | units | wall s | tests, CPU s | units | wall s |")
    print("|---|---|---|---|---|---|---|---|")
    for source, rounds in results.items():
        reference, program, program_wall, tests, tests_wall = (statistics.median(column) for column in zip(*rounds))
        print(f"| {Path(source).name} | {reference:.1f} | {program:.0f} | {program / reference:.1f} | {program_wall:.0f} "
              f"| {tests:.0f} | {tests / reference:.1f} | {tests_wall:.0f} |")


if __name__ == "__main__":
    main()
