# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor evaluates firewall rules and reports each one once."""

import shutil

import pytest
from doctor_host import doctor, paste

RULES = """table inet t {
    chain input {
        type filter hook input priority 0
        tcp dport 80 accept comment "reset tcp option mptcp"
        tcp option mptcp exists log prefix "drop " continue
        tcp option mptcp missing tcp dport 81 drop
        RULE
    }
}
"""


def found(host):
    return [one for one in doctor(host)[1]["findings"] if one["code"].startswith("FIREWALL")]


@pytest.mark.parametrize("rule", ["tcp option mptcp subtype 1 counter drop", "tcp flags syn reset tcp option mptcp"])
def test_only_the_rule_that_does_harm_is_found(client, rule):
    if not shutil.which("nft"):
        pytest.skip("nft is not installed")
    client.run(["nft", "-f", "-"], input=RULES.replace("RULE", ""))
    assert found(client) == []
    client.run(["nft", "-f", "-"], input="flush ruleset\n" + RULES.replace("RULE", rule))
    findings = found(client)
    assert len(findings) == 1, findings
    paste(client, findings[0])
    assert found(client) == []


@pytest.mark.parametrize("tool, rule", [
    ("iptables", "INPUT -p tcp --tcp-option 30 -j DROP"),
    ("ip6tables", "FORWARD -p tcp --tcp-option 30 -j REJECT --reject-with tcp-reset"),
])
def test_rule_of_iptables_is_reported_once(client, tool, rule):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    client.run([tool, "-A", *rule.split()])
    findings = found(client)
    assert [one["subject"] for one in findings] == [f"{tool} table filter chain {rule.split()[0]}"]
    paste(client, findings[0])
    assert found(client) == []
