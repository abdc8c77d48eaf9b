# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs and measures commands inside the lab host, so that the measurement excludes entering it.

Reads one JSON list of arguments per line and prints {"exit", "seconds", "cpu", "peak_kib", "floor_kib", "errors"} per
line. cpu is the CPU time of the command and its children, in seconds. peak_kib is the largest resident size of one process of the command, including children. It is never below the size of
this program at the start of the command, which is floor_kib.
"""

import json
import os
import resource
import sys
import time


def measure(command, log):
    """Measures a command; the time is from before the process exists until it has been waited for."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
               (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    with open(log, encoding="utf-8", errors="replace") as file:
        errors = file.read(2000)
    return {"exit": os.waitstatus_to_exitcode(status), "seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime,
            "peak_kib": usage.ru_maxrss,
            "floor_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "errors": errors}


for line in sys.stdin:
    print(json.dumps(measure(json.loads(line), "/run/stopwatch.log")), flush=True)
