# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks share: options, lab hosts, clocks and Markdown.

Every benchmark requires root, works in namespaces of the lab only, compares alternately in one run, prints Markdown on
standard output and its progress on standard error, and does not enforce its targets.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
for folder in ("lab", "integration", "kernels"):
    sys.path.insert(0, str(TESTS / folder))
from daemon_host import Daemon  # noqa: E402
from host import flag_names  # noqa: E402
from lab import LabError, wait_for  # noqa: E402

PROFILE = """[connection]
id={name}
uuid=00000000-0000-4000-8000-{number:012}
type=ethernet
interface-name={name}
autoconnect={autoconnect}
mptcp-flags={bits}
[ipv4]
method=manual
address1=10.{high}.{low}.1/24
[ipv6]
method=disabled
"""
FLAGS = "[also-without-default-route, signal, subflow]"  # what a configuration declares to match FLAG_BITS
FLAG_BITS = "0x38"
# The two processes of `ss` that list what mptcp-keeper lists.
SS = ["sh", "-c", "ss -tiMHnp; ss -tinHp"]


def options(description):
    """The parser of a benchmark's options, with --program."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.environ.get("MPTCP_KEEPER", str(TESTS.parent / "build/mptcp-keeper")),
                        help="the mptcp-keeper to measure (default: %(default)s)")
    return parser


def parse(parser):
    """The options; the lab uses the same program."""
    arguments = parser.parse_args()
    arguments.program = os.environ["MPTCP_KEEPER"] = str(Path(arguments.program).resolve())
    return arguments


def run_benchmark(main):
    """Runs the benchmark. However it ends, the lab is cleaned up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))
    try:
        main()
    except LabError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")


def progress(text):
    """Shows what is being measured."""
    print(text, file=sys.stderr, flush=True)


def print_table(rows):
    """Prints the rows, each a case, what was measured and the target."""
    print("| case | measured | target |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def median_ms(runs):
    """The median time of runs of a Stopwatch."""
    return statistics.median(run["seconds"] for run in runs) * 1000


def ratio(runs, base):
    """The median of how long each run took relative to the base's run of the same round: the load of a busy machine
    changes from round to round."""
    return statistics.median(run["seconds"] / other["seconds"] for run, other in zip(runs, base))


# --- hosts ------------------------------------------------------------------------------------------------


def bench_host(lab, profiles, active=None, bits=FLAG_BITS, name="bench", extra=""):
    """Creates a host with that many static profiles eth0, eth1, ..., the first `active` of them (default: all) with an
    interface and active. `extra` is appended to NetworkManager's configuration."""
    active = profiles if active is None else active
    host, lan = lab.host(name), lab.segment(f"lan-{name}")
    for number in range(profiles):
        interface = f"eth{number}"
        if number < active:
            host.plug(interface, lan)
        host.write(f"/etc/NetworkManager/system-connections/{interface}.nmconnection",
                   PROFILE.format(name=interface, number=number, high=number // 250, low=number % 250, bits=bits,
                                  autoconnect="true" if number < active else "false"), mode=0o600)
    host.start_network_manager(extra)
    wait_for(lambda: host.nmcli("-t -f STATE device").stdout.splitlines().count("connected") == active, 60,
             f"{active} active profiles")
    return host


def start_daemon(host, config):
    """Writes the configuration and starts the daemon; returns it when it has applied that."""
    daemon = Daemon(host, config)
    if daemon.record() is None:
        raise LabError(f"the daemon did not start:\n{daemon.watcher.text()}")
    daemon.wait_until_idle()
    return daemon


def fresh(daemon):
    """Reloads the daemon, which clears its repair history, so that it does not back off."""
    daemon.reload()
    daemon.wait_until_idle()
    wait_until_quiet(daemon.pid, seconds=0.1)


def hold_connections(node, count):
    """Opens and holds MPTCP connections with both ends in the node: `count` sockets, count/2 pairs."""
    node.sysctl("net.ipv4.ip_local_port_range", "1024 65000")
    peer = node.start(["/usr/bin/python3", "-B", TESTS / "lab" / "mptcp_peer.py", "pairs", 999, count // 2])
    peer.wait_for("ready", 120)


# --- clocks -----------------------------------------------------------------------------------------------


class Stopwatch:
    """Measures commands on the host."""

    def __init__(self, host):
        self._process = subprocess.Popen(host.enter(["/usr/bin/python3", "-S", TESTS / "bench" / "stopwatch.py"]),
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the process that measures."""
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def measure(self, *words, expected=(0,)):
        """Measures one run; fails if the exit code is not one of the expected ones."""
        self._process.stdin.write(json.dumps(list(map(str, words))) + "\n")
        self._process.stdin.flush()
        result = json.loads(self._process.stdout.readline())
        if result["exit"] not in expected:
            raise LabError(f"{' '.join(map(str, words))}: exit {result['exit']}\n{result['errors']}")
        return result

    def alternate(self, commands, rounds, what, expected=(0,)):
        """{name: runs} of each command, one after the other in each round. A first round is not counted."""
        runs = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                run = self.measure(*command, expected=expected)
                if number:
                    runs[name].append(run)
            if number % max(1, rounds // 5) == 0:
                progress(f"{what}: round {number} of {rounds}")
        return runs


class Updates:
    """The times of a profile's `Updated` signals, in seconds, as dbus-monitor prints them."""

    RULE = "type='signal',interface='org.freedesktop.NetworkManager.Settings.Connection',member='Updated'"

    def __init__(self, host, profile):
        shown = host.nmcli(["-g", "NAME,DBUS-PATH", "connection", "show"]).stdout
        path = dict(line.split(":", 1) for line in shown.splitlines())[profile]
        self._line = re.compile(rf"^sig\t([0-9.]+)\t.*\t{path}\t", re.MULTILINE)
        self._seen = 0
        self._monitor = host.start(["dbus-monitor", "--system", "--profile", self.RULE])
        self._monitor.wait_for("NameAcquired")

    def new(self, count):
        """Waits for that many new signals; returns their times."""
        def times():
            return list(map(float, self._line.findall(self._monitor.text())))[self._seen:]

        found = wait_for(lambda: times() if len(times()) >= count else None, 10, f"{count} signals of a profile")
        self._seen += len(found)
        if len(found) > count:
            raise LabError(f"{len(found)} changes of the profile instead of {count}")
        return found

    def stop(self):
        """Ends the monitor."""
        self._monitor.stop()


def repair_of_profile(host, daemon, updates, stopwatch):
    """Lets nmcli change the declared profile eth0; returns its run, and how long it then takes the daemon to change the
    profile back."""
    fresh(daemon)
    wait_until_quiet(host.network_manager_pid, seconds=0.1)
    change = stopwatch.measure("nmcli", "connection", "modify", "eth0", "connection.mptcp-flags", "subflow")
    first, second = updates.new(2)
    if host.stored_flags("eth0") != flag_names(int(FLAG_BITS, 16)):
        raise LabError("the second change of the profile was not the daemon's repair")
    daemon.wait_until_idle()
    return change, {"seconds": second - first}


def cpu_seconds(pid):
    """CPU time of all threads of a process so far, including ended ones: its clock of clock_getcpuclockid(3)."""
    return time.clock_gettime(~pid << 3 | 2)


def resident_mib(pid):
    """The resident memory of a process."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def wait_until_quiet(*pids, seconds=3.0, deadline=120):
    """Waits until each process has used less than 1/300 of a CPU for that long."""
    window = [time.monotonic(), list(map(cpu_seconds, pids))]

    def is_quiet():
        now, used = time.monotonic(), list(map(cpu_seconds, pids))
        if any(new - old >= seconds / 300 for new, old in zip(used, window[1])):
            window[:] = [now, used]
        return now - window[0] >= seconds

    wait_for(is_quiet, deadline, f"processes {pids} to be idle", poll=0.05)
