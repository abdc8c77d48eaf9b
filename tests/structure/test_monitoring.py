# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of examples/prometheus pass promtool and their own tests, and the dashboards of examples/grafana are sound."""

import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PROMETHEUS = ROOT / "examples" / "prometheus"
DASHBOARDS = sorted((ROOT / "examples" / "grafana").glob("*.json"))
PROGRAM = Path(os.environ.get("MPTCP_KEEPER", ROOT / "build" / "mptcp-keeper"))
README = (PROMETHEUS / "README.md").read_text()
RULES = yaml.safe_load((PROMETHEUS / "mptcp-keeper.rules.yaml").read_text())
TESTS = yaml.safe_load((PROMETHEUS / "mptcp-keeper.rules.test.yaml").read_text())["tests"]
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule}


def promtool(command):
    """What a command line prints, run in the folder of the rules."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    done = subprocess.run(command.split(), cwd=PROMETHEUS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_sessions_of_the_readme_are_real():
    session = re.search(r"^```\n(\$ promtool .*?)^```", README, re.MULTILINE | re.DOTALL)[1]
    commands = re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]
    assert [command.partition("\n")[0] for command in commands] == [
        "promtool check config prometheus.yaml", "promtool test rules mptcp-keeper.rules.test.yaml"]
    for command in commands:
        line, _, shown = command.partition("\n")
        assert promtool(line) == shown


def test_every_alert_says_what_to_run():
    for name, alert in ALERTS.items():
        assert alert["labels"]["severity"] in ("warning", "critical"), name
        assert set(alert["annotations"]) == {"summary", "description"}, name
        commands = re.findall(r"`mptcp-keeper ([a-z]+)", alert["annotations"]["description"])
        assert commands, name


def test_the_commands_in_the_alerts_exist():
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM.name} was not built")
    shown = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    offered = set(re.findall(r"^  ([a-z]+) {3,}", shown.split("Subcommands:")[1], re.MULTILINE))
    text = " ".join(alert["annotations"]["description"] for alert in ALERTS.values())
    assert set(re.findall(r"`mptcp-keeper (?:--\S+ (?:FILE )?)*([a-z]+)", text)) <= offered


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_firing_and_a_silent_case(name):
    test = next(test for test in TESTS if test["name"] == name)
    silent, firing = test["alert_rule_test"]
    assert silent["alertname"] == firing["alertname"] == name
    assert "exp_alerts" not in silent and firing["exp_alerts"]
    instances = {re.search(r'instance="(\w+)"', series["series"])[1] for series in test["input_series"]
                 if "instance=" in series["series"]}
    fired = {alert["exp_labels"].get("instance", "bad") for alert in firing["exp_alerts"]}
    assert fired == {"bad"} and {"bad", "good"} <= instances


def test_the_readme_lists_the_alerts_and_their_delays():
    table = dict(re.findall(r"^\| (MptcpKeeper\w+) \|.*\| ([^|]*) \|$", README, re.MULTILINE))
    assert table == {name: re.sub(r"(\d+)(m|h)", lambda found: f"{found[1]} {'min' if found[2] == 'm' else 'h'}",
                                  alert["for"]) for name, alert in ALERTS.items()}


def panels(path):
    return json.loads(path.read_text())["panels"]


def test_there_are_two_dashboards_with_different_names():
    documents = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert [(document["uid"], path.stem) for path, document in zip(DASHBOARDS, documents)] == [
        ("mptcp-keeper-fleet", "mptcp-keeper-fleet"), ("mptcp-keeper-host", "mptcp-keeper-host")]
    assert len({document["title"] for document in documents}) == 2


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_can_be_imported(path):
    document = json.loads(path.read_text())
    assert document["id"] is None and document["schemaVersion"] == 39 and document["__inputs"] == []
    types = {panel["type"] for panel in panels(path)} - {"row"}
    assert {need["id"] for need in document["__requires"] if need["type"] == "panel"} == types
    ids = [panel["id"] for panel in panels(path)]
    assert len(ids) == len(set(ids))
    data_source, *variables = document["templating"]["list"]
    assert (data_source["name"], data_source["type"], data_source["query"]) == ("datasource", "datasource", "prometheus")
    used = set(re.findall(r"\$\{?(\w+)", " ".join(target["expr"] for panel in panels(path)
                                                   for target in panel.get("targets", []))))
    assert used == {variable["name"] for variable in variables} | (used & {"__rate_interval"})
    sources = re.findall(r'"datasource": \{[^}]*"uid": "([^"]*)"', path.read_text())
    assert set(sources) == {"${datasource}", "-- Grafana --"}, "no data source of one installation"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_panel_is_complete(path):
    for panel in panels(path):
        if panel["type"] == "row":
            continue
        title = panel["title"]
        assert title and panel["description"].endswith("."), title
        assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None, title
        if panel["type"] in ("stat", "timeseries"):
            assert panel["fieldConfig"]["defaults"]["unit"], title
        names = [target["refId"] for target in panel["targets"]]
        assert names == [chr(ord("A") + number) for number in range(len(names))] != [], title


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_fill_the_grid_without_overlap(path):
    taken = {}
    for panel in panels(path):
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        columns, rows = (range(place[at], place[at] + place[size]) for at, size in (("x", "w"), ("y", "h")))
        for cell in itertools.product(columns, rows):
            assert cell not in taken, (panel["title"], taken.get(cell))
            taken[cell] = panel["title"]
    assert len(taken) == 24 * (1 + max(y for _, y in taken)), "no holes"


def test_links_lead_to_the_other_dashboard():
    links = {re.search(r"^/d/([\w-]+)", url)[1] for path in DASHBOARDS
             for url in re.findall(r'"url": "([^"]*)"', path.read_text())}
    assert links == {path.stem for path in DASHBOARDS}
