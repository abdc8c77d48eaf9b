# SPDX-License-Identifier: LGPL-2.1-or-later
"""The SELinux module of packaging/selinux in a booted Debian system on which SELinux is enforced, under emulation.

KEEPER_BOOTED_TESTS has the arguments of pytest in the machine, as for test_booted.py.
"""

from test_kernel import check_results


def test_the_policy_permits_what_is_needed_and_no_more(confined):
    results = confined.results()
    if any(status == "failed" for status, _ in results.values()):
        print(f"--- the end of the journal ---\n{confined.journal()}")
    check_results(results)
