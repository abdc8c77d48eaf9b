#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the manual recipe with `mptcp-keeper apply`, alternating, on one lab host. Requires root.

The recipe is an administrator's shell script: sysctl -p, ip mptcp limits set, and for each profile nmcli connection
modify and nmcli device reapply. Both sides change the same values back and forth between the same two sets, and nmcli
verifies each change. Prints Markdown; it does not enforce the targets.
"""

from bench_host import Stopwatch, bench_host, median_ms, options, parse, progress, run_benchmark, wait_until_quiet
from lab import Lab, LabError

SETS = {  # the two states that both sides switch between
    "a": {"flags": ["subflow"], "bits": "0x20", "timeout": 110, "subflows": 4},
    "b": {"flags": ["signal"], "bits": "0x10", "timeout": 120, "subflows": 8},
}
WITH_ENDPOINTS = {"a": {"flags": ["also-without-default-route", "subflow"], "bits": "0x28"},
                  "b": {"flags": ["also-without-default-route", "signal"], "bits": "0x18"}}
ROUNDS = {1: 20, 20: 7, 100: 3}
TARGETS = {(1, "changed"): "1/2", (100, "changed"): "1/36", (100, "nothing"): "1/150"}
TARGETS_WITH_ENDPOINTS = {**TARGETS, (1, "changed"): "0.6 (1/1.7)"}


def host_of_both(lab, profiles):
    """Creates a host with that many active profiles and the files of both sides."""
    host = bench_host(lab, profiles, bits=SETS["a"]["bits"])
    names = [f"eth{number}" for number in range(profiles)]
    for key, values in SETS.items():
        commands = ["set -e", f"sysctl -q -p /etc/sysctl.d/90-mptcp-{key}.conf",
                    f"ip mptcp limits set subflows {values['subflows']} add_addr_accepted {values['subflows']}"]
        for name in names:
            commands += [f"nmcli connection modify {name} connection.mptcp-flags {','.join(values['flags'])}",
                         f"nmcli device reapply {name}"]
        host.write(f"/etc/sysctl.d/90-mptcp-{key}.conf",
                   f"net.mptcp.enabled=1\nnet.mptcp.add_addr_timeout={values['timeout']}\n")
        host.write(f"/run/recipe-{key}.sh", "\n".join(commands) + "\n")
        host.write(f"/run/keeper-{key}.yaml",
                   f"sysctl: {{enabled: true, add_addr_timeout: {values['timeout']}}}\n"
                   f"limits: {{subflows: {values['subflows']}, add_addr_accepted: {values['subflows']}}}\n"
                   f"profiles:\n  - match: {{name: 'eth*'}}\n    mptcp-flags: [{', '.join(values['flags'])}]\n")
    return host, names


def check_state(host, names, key):
    """Verifies with nmcli, ip and the kernel that the host is in that state."""
    values = SETS[key]
    stored = host.nmcli(["-g", "connection.mptcp-flags", "connection", "show", *names]).stdout.split()
    if stored != [values["bits"]] * len(names):
        raise LabError(f"not all profiles have the flags of set {key}: {set(stored)}")
    limits = host.limits()
    timeout = host.sysctl("net.mptcp.add_addr_timeout")
    if timeout != str(values["timeout"]) or set(limits.values()) != {values["subflows"]}:
        raise LabError(f"the kernel's values are not those of set {key}: {timeout}, {limits}")


def side_by_side(profiles, rounds, program):
    """Runs both sides, with changes and with nothing to do. The peak memory of the recipe is that of nmcli."""
    with Lab() as lab:
        host, names = host_of_both(lab, profiles)
        runs = {(side, case): [] for side in ("recipe", "keeper") for case in ("changed", "nothing")}
        with Stopwatch(host) as stopwatch:
            sides = {"recipe": lambda key: ("sh", f"/run/recipe-{key}.sh"),
                     "keeper": lambda key: (program, "--config", f"/run/keeper-{key}.yaml", "apply")}
            order, target = ["recipe", "keeper"], "b"
            # an uncounted first round warms both up
            for number in range(rounds + 1):
                for side in order:
                    for case in ("changed", "nothing"):
                        wait_until_quiet(host.network_manager_pid, seconds=0.1)
                        run = stopwatch.measure(*sides[side](target))
                        if number:
                            runs[side, case].append(run)
                    check_state(host, names, target)
                    target = "a" if target == "b" else "b"
                order.reverse()
                progress(f"{profiles} profiles: round {number} of {rounds}")
        return runs


def quick(rounds, program):
    """Measures what does not use NetworkManager: the kernel part, and check of a long file."""
    with Lab() as lab:
        host = lab.host("bench")
        for key, values in SETS.items():
            host.write(f"/run/keeper-{key}.yaml",
                       f"sysctl: {{add_addr_timeout: {values['timeout']}}}\n"
                       f"limits: {{subflows: {values['subflows']}, add_addr_accepted: {values['subflows']}}}\n")
        host.write("/run/rules.yaml", "profiles:\n" + "".join(
            f"  - match: {{name: 'site{n}-*', type: ethernet}}\n    mptcp-flags: [signal, subflow]\n" for n in range(500)))
        found = {"changed": [], "nothing": [], "check": [], "version": [], "delete": []}
        with Stopwatch(host) as stopwatch:
            for number in range(rounds):
                key = "ab"[number % 2]
                for case in ("changed", "nothing"):
                    found[case].append(stopwatch.measure(
                        program, "--config", f"/run/keeper-{key}.yaml", "apply", "--only", "sysctl,limits"))
                found["check"].append(stopwatch.measure(program, "check", "/run/rules.yaml"))
                found["version"].append(stopwatch.measure(program, "--version"))
            for _ in range(rounds // 4):
                host.ip("mptcp endpoint add 203.0.113.9 id 9 signal")
                found["delete"].append(stopwatch.measure("ip", "mptcp", "endpoint", "delete", "id", "9"))
        return found


def print_quick(found):
    print("| command | median | fastest | target |\n|---|---|---|---|")
    for case, title, target in (("changed", "`apply --only sysctl,limits`, changed", "5 ms"),
                                ("nothing", "`apply --only sysctl,limits`, nothing to do", "5 ms"),
                                ("check", "`check` of a file with 500 rules", "20 ms"),
                                ("version", "`--version` (loading the program)", ""),
                                ("delete", "`ip mptcp endpoint delete`, for comparison", "")):
        fastest = min(run["seconds"] for run in found[case]) * 1000
        print(f"| {title} | {median_ms(found[case]):.1f} ms | {fastest:.1f} ms | {target} |")


def print_row(profiles, runs, targets):
    for case, title in (("changed", "changed"), ("nothing", "nothing to do")):
        recipe, keeper = median_ms(runs["recipe", case]), median_ms(runs["keeper", case])
        target = targets.get((profiles, case), "")
        print(f"| {profiles} | {title} | {recipe:.1f} ms | {keeper:.1f} ms | 1/{recipe / keeper:.1f} | {target} |")

    def peak(side, what="peak_kib"):
        return max(run[what] for case in ("changed", "nothing") for run in runs[side, case])

    return profiles, peak("keeper"), peak("recipe"), peak("keeper", "floor_kib")


def main():
    parser = options(__doc__)
    parser.add_argument("--profiles", default="1,20,100", help="numbers of active profiles (default: %(default)s)")
    parser.add_argument("--rounds", type=int, help="rounds for each number (default: 20 for 1, 7 for 20, 3 for 100)")
    parser.add_argument("--with-endpoints", action="store_true",
                        help="use flags with which NetworkManager creates endpoints: the change then includes the "
                             "kernel's work on them, which apply waits for and the recipe does not")
    parser.add_argument("--only-quick", action="store_true", help="only what does not use NetworkManager")
    arguments = parse(parser)
    program, targets = arguments.program, TARGETS_WITH_ENDPOINTS if arguments.with_endpoints else TARGETS
    if arguments.with_endpoints:
        for key, flags in WITH_ENDPOINTS.items():
            SETS[key].update(flags)
    print_quick(quick(arguments.rounds or 100, program))
    if arguments.only_quick:
        return
    print("\n| active profiles | case | recipe | apply | ratio | target |\n|---|---|---|---|---|---|")
    peaks = []
    for profiles in map(int, arguments.profiles.split(",")):
        rounds = arguments.rounds or ROUNDS.get(profiles, 5)
        peaks.append(print_row(profiles, side_by_side(profiles, rounds, program), targets))
    print("\n| active profiles | peak memory of apply | of nmcli | ratio | target |\n|---|---|---|---|---|")
    for profiles, peak, nmcli, floor in peaks:
        caution = "" if min(peak, nmcli) > floor else f" (below the {floor} KiB that can be measured)"
        print(f"| {profiles} | {peak} KiB | {nmcli} KiB | {peak / nmcli:.2f}{caution} | 1.25 |")


if __name__ == "__main__":
    run_benchmark(main)
