# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of examples/prometheus and the dashboards of examples/grafana, run by a real Prometheus that scrapes a real
node_exporter on each host of a fleet; `ip mptcp`, ss and /proc/net/netstat are the oracles."""

import contextlib
import os
import re
import shutil
import signal
import time
from collections import Counter
from xml.etree import ElementTree

import pytest
import yaml
from host import keeper_program
from lab import Lab
from monitored_fleet import MPTCP_PORT, TCP_PORT, Fleet
from monitoring import EXAMPLES, PROGRAMS, RULES, TEXTFILE, Prometheus, dashboard, dashboard_queries
from node import LabError, wait_for

DASHBOARDS = ("mptcp-keeper-fleet", "mptcp-keeper-host")
VARIABLES = {"job": "node", "instance": "client1", "role": ".*"}
# A metric in an expression, with its matchers.
NAME = r"(?<![:\w])(?:mptcp_keeper|node)_\w+(?![:\w])"
SELECTOR = re.compile(NAME + r"(?:\{[^}]*\})?")
EXPECTED = "groups: [{{name: expected, rules: [{{record: 'mptcp_keeper:config_expected', expr: vector(1), labels: {}}}]}}]"


def wait_for_value(read, expected, deadline=90):
    """Waits until read() returns the expected value; otherwise, the failure shows what it returned."""
    with contextlib.suppress(LabError):
        wait_for(lambda: read() == expected, deadline)
    assert read() == expected


def rules_without_delays():
    """The rules of the example, whose alerts fire at once and compare with a few seconds ago."""
    text = re.sub(r"\bfor: \w+", "for: 0s", RULES.read_text())
    assert text.count("offset 1h") == 2
    return text.replace("offset 1h", "offset 5s")


@pytest.fixture(scope="module")
def fleet():
    """The disturbed fleet with connections, and Prometheus, which has their metrics."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"programs are missing: {' '.join(missing)}")
    keeper_program()
    with Lab() as lab:
        made = Fleet(lab)
        made.expected = made.hosts["client1"].keeper("check").json["config"]["hash"]
        made.prometheus = Prometheus(lab.network, made.targets, [rules_without_delays(), EXPECTED.format(
            f"{{role: client, hash: '{made.expected}'}}")])
        made.open_connections("client1", MPTCP_PORT, 3)
        made.open_connections("client1", TCP_PORT, 1)
        made.open_connections("server1", MPTCP_PORT, 1)
        made.open_connections("server1", TCP_PORT, 12)
        made.disturb()
        made.open_connections("client2", MPTCP_PORT, 2)
        wait_for(lambda: made.prometheus.value("count(mptcp_keeper_connections > 0)") == 3, 90, "metrics of all hosts")
        yield made


def dashboard_expressions():
    """The expressions of both dashboards, for client1."""
    return sorted({expression for name in DASHBOARDS for expression in dashboard_queries(dashboard(name), VARIABLES)})


def rule_expressions():
    """{name of the rule: expression}."""
    return {rule.get("alert") or rule["record"]: rule["expr"]
            for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}


def kernel_counters(fleet):
    """{name: value} of the kernel's MPTCP counters on client1."""
    lines = fleet.hosts["client1"].run(["grep", "^MPTcpExt:", "/proc/net/netstat"]).stdout.splitlines()
    return dict(zip(*(line.split()[1:] for line in lines)))


def without_missing_counters(fleet, expressions):
    """The expressions, without those that need a counter that the running kernel does not have."""
    known = kernel_counters(fleet)
    return [expression for expression in expressions
            if all(name in known for name in re.findall(r'(?:MPTcpExt_|counter=")(\w+)', expression))]


def exported(fleet):
    """{name: type} of the metrics that the program exports, from its TYPE lines; each has a HELP line too."""
    text = fleet.metrics("client1")
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert set(re.findall(r"^# HELP (\w+) \S", text, re.MULTILINE)) == set(types) != set()
    return types


def test_the_output_is_what_the_daemon_writes_and_sound(fleet):
    text = fleet.metrics("client1")
    checked = fleet.network.run(["promtool", "check", "metrics"], input=text)
    assert checked.stdout + checked.stderr == ""
    written = fleet.hosts["client1"].path(TEXTFILE).read_text()
    samples = [set(re.findall(r"^(\w+(?:\{.*\})?) ", one, re.MULTILINE)) for one in (text, written)]
    assert samples[0] == samples[1] != set()


def test_every_name_in_the_queries_is_exported_and_every_exported_one_is_used(fleet):
    text = " ".join([*dashboard_expressions(), *rule_expressions().values()])
    used = {name for name in re.findall(NAME, text) if name.startswith("mptcp_keeper_")}
    assert used == set(exported(fleet))


def test_variables_of_the_dashboards_name_what_is_exported(fleet):
    queries = [variable["definition"] for name in DASHBOARDS for variable in dashboard(name)["templating"]["list"]
               if variable["type"] == "query"]
    named = {re.fullmatch(r"label_values\((\w+).*, (\w+)\)", query).groups() for query in queries}
    assert named == {("mptcp_keeper_build_info", label) for label in ("job", "instance", "role")}
    for label in ("job", "instance", "role"):
        assert fleet.prometheus.query(f"count by ({label}) (mptcp_keeper_build_info{{{label}!=''}})") != []


def test_every_query_of_the_dashboards_returns_data(fleet):
    expressions = without_missing_counters(fleet, dashboard_expressions())
    assert len(expressions) >= 40
    answers = fleet.prometheus.query_all(expressions)
    assert [expression for expression, found in answers.items() if not found] == []


def test_every_selector_returns_data(fleet):
    """Also those behind an `or`, and those of alerts that do not fire."""
    text = "\n".join([*dashboard_expressions(), *rule_expressions().values()])
    selectors = without_missing_counters(fleet, sorted(set(SELECTOR.findall(text))))
    assert len(selectors) >= 30
    answers = fleet.prometheus.query_all(selectors)
    assert [selector for selector, found in answers.items() if not found] == []


def test_every_recording_rule_returns_data(fleet):
    names = [name for name in rule_expressions() if ":" in name]
    assert len(names) >= 5
    # Rules are evaluated at an interval, after the values that they need were scraped.
    wait_for(lambda: all(fleet.prometheus.query_all(names).values()), 60, f"data of {names}")


def test_the_alerts_that_should_fire(fleet):
    expected = {("MptcpKeeperNotInSync", "client2"), ("MptcpKeeperNotInSync", "server1"),
                ("MptcpKeeperConfigNotLoaded", "client2"), ("MptcpKeeperConfigUnexpected", "client2"),
                ("MptcpKeeperConfigsDiffer", None), ("MptcpKeeperFewSubflows", "client2"),
                ("MptcpKeeperApplyFailed", "server1"), ("MptcpKeeperConflict", "server1"),
                ("MptcpKeeperConfigInvalid", "server1"), ("MptcpKeeperFallbacks", "server1")}
    wait_for_value(fleet.prometheus.firing, expected)


def by_label(fleet, label, expression):
    """{value of the label: value} of an expression."""
    return {labels[label]: value for labels, value in fleet.prometheus.query(expression)}


def test_endpoints_and_limits_are_those_of_ip(fleet):
    for name, host in fleet.hosts.items():
        flags = [flag for endpoint in host.endpoints().values() for flag in endpoint["flags"]]
        query = f'sum by (flag) (mptcp_keeper_endpoints{{instance="{name}"}}) > 0'
        wait_for_value(lambda query=query: by_label(fleet, "flag", query), dict(Counter(flags)))
    for name in ("client1", "client2"):  # those of server1 keep changing
        query = f'mptcp_keeper_limit{{instance="{name}"}}'
        wait_for_value(lambda query=query: by_label(fleet, "name", query), fleet.hosts[name].limits())


def test_connections_and_subflows_are_those_of_ss(fleet):
    for name, host in fleet.hosts.items():
        connections = host.mptcp_connections()
        subflows = sum(kinds["M"] + kinds["J"] for kinds in connections.values())
        # with `ss -M`, connections that fell back are listed too
        sockets = host.run(["ss", "-MnH", "state", "established"]).stdout.splitlines()
        queries = [f'mptcp_keeper_connections{{instance="{name}"}}',
                   f'mptcp_keeper_subflows{{instance="{name}", state="established"}}',
                   f'mptcp_keeper_fallbacks{{instance="{name}"}}']
        fallbacks = len(sockets) - len(connections)
        assert fallbacks == {"client1": 1, "client2": 0, "server1": 12}[name]
        wait_for_value(lambda queries=queries: [fleet.prometheus.value(query) for query in queries],
                       [len(connections), subflows, fallbacks])


def test_both_sources_of_the_kernels_counters_agree(fleet):
    counters = kernel_counters(fleet)
    # the connections of this test are open, so that these counters do not change
    for name in ("MPCapableSYNTX", "MPCapableSYNACKRX", "MPJoinSynAckRx", "MPCapableFallbackSYNACK"):
        queries = [f'node_netstat_MPTcpExt_{name}{{instance="client1"}}',
                   f'mptcp_keeper_mptcpext_total{{instance="client1", counter="{name}"}}']
        wait_for_value(lambda queries=queries: [fleet.prometheus.value(query) for query in queries],
                       [int(counters[name])] * 2)
    assert counters["MPCapableSYNTX"] == "4" and counters["MPCapableFallbackSYNACK"] == "1"


def test_the_pictures_of_the_documents_are_drawn_from_the_same_queries(fleet, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES.parent / "docs"))
    from dashboards import pictures
    texts = {name: [element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text")]
             for name, svg in pictures(fleet.prometheus, time.time()).items()}
    titles = {name: [panel["title"] for panel in dashboard(f"mptcp-keeper-{name}")["panels"]] for name in texts}
    assert set(texts) == {"fleet", "host"}
    assert [title for name in texts for title in titles[name] if title not in texts[name]] == []
    assert {*fleet.hosts, "not loaded", "refused", fleet.expected} <= set(texts["fleet"])
    assert {"no", "refused"} <= set(texts["host"]), "server1"


def test_a_killed_daemon_a_stopped_one_and_an_unreadable_file(fleet):
    fleet.daemons["client2"].stop(signal.SIGKILL)
    eleven_minutes_ago = time.time() - 660
    os.utime(fleet.hosts["client2"].path(TEXTFILE), (eleven_minutes_ago, eleven_minutes_ago))
    fleet.daemons["server1"].stop()
    assert not fleet.hosts["server1"].path(TEXTFILE).exists()
    fleet.hosts["client1"].path(TEXTFILE).with_name("broken.prom").write_text("not a metric\n")
    expected = {("MptcpKeeperTextfileStale", "client2"), ("MptcpKeeperMetricsMissing", "server1"),
                ("MptcpKeeperTextfileUnreadable", "client1")}
    seen = set()  # one of them ends by itself, since it compares with a few seconds ago

    def seen_of_expected():
        seen.update(fleet.prometheus.firing())
        return {alert for alert in seen if alert[0] in {name for name, _ in expected}}
    wait_for_value(seen_of_expected, expected)
