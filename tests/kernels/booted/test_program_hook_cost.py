# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the hook costs: a short run of bench/program_hook.py, whose figures are printed."""

import os
import re
import sys

from hook_host import assert_detached, declared, requires_hook
from this_host import PROGRAMS, run

pytestmark = requires_hook
BENCHMARK = "/machine/tests/bench/program_hook.py"
ROUNDS = 2


def test_the_cost_of_a_socket():
    with declared("sysctl: {enabled: true}\n"):
        assert_detached()
        shown = run([sys.executable, "-B", BENCHMARK, "--rounds", ROUNDS, "--program", PROGRAMS / "socket-cost"]).stdout
        assert_detached()
    print(f"\nLinux {os.uname().release}, emulated:\n{shown}")
    ratios = dict(re.findall(r"\| (.*) \| ([\d.]+) \| [\d.]+ µs \|", shown))
    assert len(ratios) == 6 and all(0 < float(ratio) < 10 for ratio in ratios.values())
