# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real node_exporter on each lab host, a real Prometheus that scrapes them, and the queries of the dashboards."""

import json
import re
import shlex
from pathlib import Path

from node import wait_for

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RULES = EXAMPLES / "prometheus" / "mptcp-keeper.rules.yaml"
TEXTFILE = "/var/lib/prometheus/node-exporter/mptcp-keeper.prom"
PROGRAMS = ["prometheus", "promtool", "prometheus-node-exporter"]
SCRAPE_INTERVAL = 1  # s
# What Grafana would replace $__rate_interval with; a rate needs two samples.
RATE_INTERVAL = f"{4 * SCRAPE_INTERVAL}s"

# Sends the requests on standard input, a list of [path, parameters], and prints the list of the answers.
REQUESTS = """
import json, sys, urllib.error, urllib.parse, urllib.request
answers = []
for path, parameters in json.load(sys.stdin):
    url = "http://127.0.0.1:9090" + path + "?" + urllib.parse.urlencode(parameters)
    try:
        answers.append(json.load(urllib.request.urlopen(url, timeout=30)))
    except urllib.error.HTTPError as error:
        text = error.read().decode()  # not a document while Prometheus starts
        answers.append(json.loads(text) if text.startswith("{") else {"status": "starting", "error": text})
    except OSError as error:
        answers.append({"status": "unreachable", "error": str(error)})
json.dump(answers, sys.stdout)
"""


def exporter_arguments():
    """The options for node_exporter that examples/prometheus/README.md has."""
    line = re.search(r"^ARGS=.*$", (EXAMPLES / "prometheus" / "README.md").read_text(), re.MULTILINE)[0]
    return shlex.split(line)[0].removeprefix("ARGS=").split()


def start_exporter(host):
    """Starts node_exporter on the host, with the options of the example."""
    host.path(TEXTFILE).parent.mkdir(parents=True, exist_ok=True)
    host.start(["prometheus-node-exporter", "--web.listen-address=:9100", *exporter_arguments()])


class Prometheus:
    """Prometheus on a node. `targets` has the address of each host and its labels: {address: {"instance": …}}; `rules`
    are the texts of its files with rules."""

    def __init__(self, node, targets, rules=()):
        self.node = node
        files = [node.write(f"/run/prometheus/{number}.rules.yaml", text) for number, text in enumerate(rules)]
        node.write("/run/prometheus/prometheus.yml", json.dumps({
            "global": {"scrape_interval": f"{SCRAPE_INTERVAL}s", "evaluation_interval": "1s"},
            "rule_files": files,
            "scrape_configs": [{"job_name": "node", "static_configs": [
                {"targets": [f"{address}:9100"], "labels": labels} for address, labels in targets.items()]}]}))
        node.start(["prometheus", "--config.file=/run/prometheus/prometheus.yml", "--web.listen-address=127.0.0.1:9090",
                    "--storage.tsdb.path=/run/prometheus/data"])
        wait_for(lambda: self.ask([("/api/v1/query", {"query": "vector(1)"})])[0]["status"] == "success", 60, "Prometheus")

    def ask(self, requests):
        """The answers of the HTTP API to the requests, each a path and its parameters."""
        done = self.node.run(["/usr/bin/python3", "-c", REQUESTS], input=json.dumps(requests), timeout=120)
        return json.loads(done.stdout)

    def query_all(self, expressions):
        """{expression: [(labels, value)]}; an expression that Prometheus refuses is an error."""
        answers = self.ask([("/api/v1/query", {"query": expression}) for expression in expressions])
        failed = {expression: answer for expression, answer in zip(expressions, answers) if answer["status"] != "success"}
        assert failed == {}
        return {expression: [(sample["metric"], float(sample["value"][1])) for sample in answer["data"]["result"]]
                for expression, answer in zip(expressions, answers)}

    def query(self, expression):
        """[(labels, value)] of one expression."""
        return self.query_all([expression])[expression]

    def value(self, expression):
        """The value of an expression that has one result, otherwise None."""
        found = self.query(expression)
        return found[0][1] if len(found) == 1 else None

    def query_range(self, expression, start, end, step):
        """[(labels, [(time, value)])] of an expression."""
        answer = self.ask([("/api/v1/query_range", {"query": expression, "start": start, "end": end, "step": step})])[0]
        assert answer["status"] == "success", answer
        return [(series["metric"], [(time, float(value)) for time, value in series["values"]])
                for series in answer["data"]["result"]]

    def firing(self):
        """{(alert, instance or None)} of the alerts that fire."""
        return {(labels["alertname"], labels.get("instance"))
                for labels, _ in self.query('ALERTS{alertstate="firing"}')}


def dashboard(name):
    """The dashboard of that name in examples/grafana."""
    return json.loads((EXAMPLES / "grafana" / f"{name}.json").read_text())


def substitute(expression, variables):
    """The expression with Grafana's variables replaced."""
    for name, value in {"__rate_interval": RATE_INTERVAL, **variables}.items():
        expression = re.sub(rf"\${name}\b", lambda _, value=value: value, expression)
    assert "$" not in expression, expression
    return expression


def dashboard_queries(document, variables):
    """The expressions of a dashboard."""
    return [substitute(target["expr"], variables)
            for panel in document["panels"] for target in panel.get("targets", [])]
