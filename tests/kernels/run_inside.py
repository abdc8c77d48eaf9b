# SPDX-License-Identifier: LGPL-2.1-or-later
"""One boot of an emulated machine, in which the contract suites and the tests of inside/ run."""

import json
import os
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from emulation import run
from small_root import SmallRoot

TESTS = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("KEEPER_BUILD_DIR", TESTS.parent / "build"))
# Built only if its tools are installed.
HOOK = BUILD / "lib" / "program-hook"
PROGRAMS = """apparmor_parser bash sh awk base64 basename bpftool cat chmod chroot cp cut dirname echo env false grep head
              hostname id insmod ip kill ln ls mkdir mktemp mount mptcpize mv nsenter nstat printf readlink rm
              rmdir sed seq setpriv sleep sort ss strace stty sync sysctl tail tar gzip timeout touch tr true
              umount uname unshare wc""".split()
# The suites of path manager, sysctls, connections, events and links. Locks and files work the same on every kernel.
SUITES = "PathManager*:RefusalOfAnOldKernel*:Sysctl*:*InKernel*:Host.*"
COMMAND = f"""
export KEEPER_NEWEST_IP="@IP@"
export MPTCP_KEEPER=/machine/mptcp-keeper PYTHONPATH=/machine/tests/lab:/machine/tests
cd /machine/tests
/machine/contract-tests --gtest_filter='{SUITES}' --gtest_output=json:/results/contract.json
/usr/bin/python3 -B -m pytest -p no:cacheprovider -q -o console_output_style=classic --durations=5 \
    --junit-xml=/results/program.xml kernels/inside
cat /proc/net/netstat >/results/netstat
"""


class RunInside:
    """The tests on one kernel and their results."""

    def __init__(self, kernel, scratch):
        self.release = kernel.release
        started = time.monotonic()
        root, newest_ip = self._root(scratch / "root")
        made = time.monotonic()
        results = scratch / "results"
        results.mkdir()
        self.console = run(kernel, root, COMMAND.replace("@IP@", newest_ip), results, deadline=1200)
        self.times = f"root {made - started:.1f} s, run {time.monotonic() - made:.1f} s"
        self._results = results

    @staticmethod
    def _root(folder):
        root = SmallRoot(folder)
        root.add_programs(PROGRAMS)
        newest_ip = root.add_newest_ip()
        root.add_python("/usr/bin/python3", ["ctypes", "pytest", "_pytest.junitxml", "_pytest.assertion.rewrite", "yaml"])
        for file in ("/etc/apparmor/parser.conf", "/usr/share/apparmor-features/features", "/etc/apparmor.d/abi/3.0",
                     *Path("/usr/lib").glob("*/mptcpize/*")):
            root.add_file(file)
        root.write("/etc/apparmor.d/local/README", "")
        for file, place in ((BUILD / "mptcp-keeper", "/machine/mptcp-keeper"),
                            (BUILD / "tests" / "contract-tests", "/machine/contract-tests")):
            root.add_file(file, place)
            root.add_libraries_of(file)
        if HOOK.exists():
            root.add_file(HOOK, "/usr/lib/mptcp-keeper/program-hook")
            root.add_libraries_of(HOOK)
            subprocess.run(["cc", "-static", "-o", root.folder / "machine/static-socket",
                            TESTS / "kernels/inside/static_socket.c"], check=True)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", root.folder / "machine/kill-at.so",
                            TESTS / "kernels/inside/kill_at.c"], check=True)
        for name in ("lab", "kernels/inside"):
            shutil.copytree(TESTS / name, root.folder / "machine/tests" / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
        return root, " ".join(newest_ip)

    def contract(self):
        """{test of the contract suites: (status, its messages)}; status is passed, failed or skipped."""
        shown = json.loads((self._results / "contract.json").read_text())
        found = {}
        for suite in shown["testsuites"]:
            for case in suite["testsuite"]:
                failures = [one["failure"] for one in case.get("failures", [])]
                skips = [one.get("message", "") for one in case.get("skipped", [])]
                status = "failed" if failures else "skipped" if case["result"] == "SKIPPED" else "passed"
                found[f"{suite['name']}.{case['name']}"] = (status, "\n".join(failures + skips))
        return found

    def program(self):
        """{test of inside/: (status, its messages)}."""
        return cases_of(self._results / "program.xml")


def cases_of(junit):
    """{test in a report of pytest: (status, its messages)}; status is passed, failed or skipped."""
    found = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        problem = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        status = "passed" if problem is None else "skipped" if problem.tag == "skipped" else "failed"
        name = f"{case.get('classname').split('.')[-1]}.{case.get('name')}"
        found[name] = (status, "" if problem is None else f"{problem.get('message')}\n{problem.text}")
    return found
