# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages in a booted Debian system on Debian's kernels, each booted once under emulation.

KEEPER_BOOTED_TESTS has the arguments of pytest in the machine, such as "-k commands" or "test_system.py".
"""

from test_kernel import check_results


def test_the_booted_system_works(booted):
    results = booted.results()
    if any(status == "failed" for status, _ in results.values()):
        print(f"--- the end of the journal ---\n{booted.journal()}")
    for name, text in booted.printed().items():
        print(f"printed inside: {name}: {text}")
    check_results(results)
