# SPDX-License-Identifier: LGPL-2.1-or-later
"""The contract suites and the program on Debian's kernels, each booted once under emulation."""


def check_results(results):
    """Fails with the messages of what failed; prints what was skipped."""
    assert results
    for name, (status, text) in results.items():
        if status == "skipped":
            print(f"skipped inside: {name}: {text}")
    failed = "\n\n".join(f"{name}: {text}" for name, (status, text) in results.items() if status == "failed")
    assert not failed, failed


def test_the_contract_suites_pass(inside):
    check_results(inside.contract())


def test_the_program_works(inside):
    check_results(inside.program())
