"""Runs commands and measures them, inside the laboratory host, so that entering it costs nobody anything.

Reads one JSON list of words a line; answers with {"exit", "seconds", "peak_kib", "errors"} a line. peak_kib
is the largest resident size of one process of the command, children included. It cannot be told apart from
this program's own size at the start of the command, so "floor_kib" names that.
"""

import json
import os
import resource
import sys
import time


def measure(words, log):
    """Wall time from before the process exists until it has been waited for."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
               (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    start = time.perf_counter()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    with open(log, encoding="utf-8", errors="replace") as file:
        errors = file.read(2000)
    return {"exit": os.waitstatus_to_exitcode(status), "seconds": seconds, "peak_kib": usage.ru_maxrss,
            "floor_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "errors": errors}


for line in sys.stdin:
    print(json.dumps(measure(json.loads(line), "/run/stopwatch.log")), flush=True)
