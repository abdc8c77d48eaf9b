# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint is declared that NetworkManager creates itself: the rule in the message can be pasted."""

import textwrap

from host import keeper_program


def test_rule_to_paste_makes_the_endpoint(host):
    host.add_profile("wan1", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    config = "endpoints:\n  - {address: 192.0.2.1, flags: [signal]}\n"
    assert host.keeper("apply", config=config).returncode == 1
    shown = host.run([keeper_program(), "diff"], check=False).stdout
    rule = shown.partition("declare the profile instead:\n")[2].partition("\n1 cannot be applied")[0]
    done = host.keeper("apply", config=textwrap.dedent(rule) + "\n")
    assert done.returncode == 0, (rule, done.stderr)
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}
    assert host.stored_flags("wan1") == {"signal", "subflow", "also-without-default-route"}
