# SPDX-License-Identifier: LGPL-2.1-or-later
"""`mptcp-keeper schema` and `mptcp-keeper check` agree: they use the same grammar."""

import json
import os
import pathlib
import subprocess

import pytest

jsonschema = pytest.importorskip("jsonschema", reason="needs python3-jsonschema")
yaml = pytest.importorskip("yaml", reason="needs python3-yaml")

PROGRAM = os.environ["MPTCP_KEEPER"]
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"

RULE = "profiles: [{match: {name: a}, mptcp-flags: %s}]"
ENDPOINT = "endpoints: [{address: 192.0.2.1, flags: [signal], %s}]"
UUID = "6f2ad1a6-8d0b-4e9c-9d0a-0b8d3f6a2c11"

GOOD = [
    "{}",
    "version: 1",
    "sysctl: null\nlimits: null\nprofiles: null\nendpoints: null\napplications: null\nreconcile: null",
    "sysctl: {enabled: true, net.mptcp.checksum_enabled: 0, add_addr_timeout: 120}",
    'sysctl: {stale_loss_cnt: "4", scheduler: default, enabled: null, shiny_thing: 3, other_thing: word}',
    "limits: {subflows: 0, add_addr_accepted: 64}",
    "limits: {subflows: null}",
    RULE % "[signal, subflow, also-without-default-route]",
    RULE % '"subflow, backup"',
    RULE % "null",
    RULE % "default",
    "profiles: [{match: {name: [a, 10], type: wifi}, except: {interface: eth0}, mptcp-flags: backup}]",
    "profiles: [{match: {uuid: %s}, mptcp-flags: disabled, activation: defer}]" % UUID,
    ENDPOINT % "port: 4000, id: 255, interface: enp1s0",
    "endpoints: [{address: 192.0.2.9, state: absent}]",
    'endpoints: [{address: "2001:db8::1", flags: "subflow,fullmesh"}]',
    "applications: {units: [iperf3.service, 'web@*.socket']}",
    "applications: {units: iperf3.service}",
    "applications: {units: null}",
    "applications: {all: false}",
    "applications: {all: null, units: iperf3.service}",
    "sysctl: {enabled: true}\napplications: {all: true, slices: user.slice, never: [sshd.service, 'bird*.service']}",
    "sysctl: {enabled: true}\napplications: {slices: [user.slice, web-front.slice], never: null}",
    "metrics: {textfile: /var/lib/prometheus/node-exporter/mptcp-keeper.prom, counters: true}",
    "metrics: {textfile: '/srv/a b/..c/x.y.prom'}",
    "metrics: {textfile: null, counters: null}",
    "metrics: null",
    "reconcile: {mode: manual, interval: 1.5s}",
    "reconcile: {mode: null, interval: null}",
]

BAD = [
    "[]",
    "hello",
    "version: 2",
    "version: null",
    "version: '1'",
    "banana: 1",
    "sysctl: {enabled: 2}",
    "sysctl: {enabled: 'true'}",
    "limits: {subflows: yes}",
    "sysctl: {add_addr_timeout: -1}",
    "sysctl: {stale_loss_cnt: 1.5}",
    "sysctl: {stale_loss_cnt: []}",
    "sysctl: {available_schedulers: default}",
    "sysctl: {net.mptcp.available_schedulers: default}",
    "sysctl: {../../kernel/panic: 1}",
    "sysctl: {net.ipv4.ip_forward: 1}",
    "sysctl: {Enabled: 1}",
    "sysctl: {scheduler: a b}",
    "sysctl: {scheduler: 1}",
    "sysctl: {shiny_thing: a b}",
    "sysctl: {shiny_thing: true}",
    "limits: {subflows: 65}",
    "limits: {subflows: -1}",
    "limits: {subflows: '3'}",
    "limits: {subflow: 3}",
    "limits: []",
    "profiles: {}",
    "profiles: [null]",
    "profiles: [{match: {name: a}}]",
    "profiles: [{mptcp-flags: signal}]",
    "profiles: [{match: {}, mptcp-flags: signal}]",
    "profiles: [{match: null, mptcp-flags: signal}]",
    "profiles: [{match: {name: []}, mptcp-flags: signal}]",
    "profiles: [{match: {name: ''}, mptcp-flags: signal}]",
    "profiles: [{match: {name: true}, mptcp-flags: signal}]",
    "profiles: [{match: {uuid: abc}, mptcp-flags: signal}]",
    "profiles: [{match: {type: Wi Fi}, mptcp-flags: signal}]",
    "profiles: [{match: {name: a}, mptcp-flags: signal, activation: now}]",
    RULE % "[]",
    RULE % "''",
    RULE % "34",
    RULE % "[signal, signal]",
    RULE % "[banana]",
    RULE % "'signal,'",
    RULE % "{signal: true}",
    "endpoints: [{flags: [signal]}]",
    "endpoints: [{address: example.org, flags: [signal]}]",
    "endpoints: [{address: 192.0.2.1/24, flags: [signal]}]",
    "endpoints: [{address: 192.0.2.1, flags: [implicit]}]",
    ENDPOINT % "port: 0",
    ENDPOINT % "port: 65536",
    ENDPOINT % "id: 0",
    ENDPOINT % "id: 256",
    ENDPOINT % "id: null",
    ENDPOINT % "interface: a/b",
    ENDPOINT % "interface: '..'",
    ENDPOINT % "interface: abcdefghijklmnop",
    ENDPOINT % "state: gone",
    ENDPOINT % "colour: red",
    "applications: {all: 1}",
    "applications: {slices: [-.slice]}",
    "applications: {slices: ['user*.slice']}",
    "applications: {slices: [a.service]}",
    "applications: {never: [bird]}",
    "applications: {units: [iperf3]}",
    "applications: {units: [a.timer]}",
    "metrics: {textfile: keeper.prom}",
    "metrics: {textfile: /run/metrics.txt}",
    "metrics: {textfile: /run/.prom}",
    "metrics: {textfile: /run/../etc/a.prom}",
    "metrics: {textfile: /run/./a.prom}",
    "metrics: {textfile: //run/a.prom}",
    "metrics: {textfile: true}",
    "metrics: {counters: 1}",
    "metrics: {file: /run/a.prom}",
    "reconcile: {mode: enforced}",
    "reconcile: {interval: 5}",
    "reconcile: {interval: 5 s}",
]


def run(*arguments, text=""):
    return subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def schema():
    answer = run("schema")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def check(text):
    """Whether check accepts the configuration, and its errors."""
    answer = run("--json", "check", "-", text=text)
    assert answer.returncode in (0, 65), answer.stderr
    verdict = json.loads(answer.stdout)
    assert verdict["valid"] == (answer.returncode == 0)
    return verdict


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_examples_are_valid_for_both(schema, path):
    text = path.read_text()
    assert [error.message for error in schema.iter_errors(yaml.safe_load(text))] == []
    verdict = check(text)
    assert (verdict["valid"], verdict["errors"], verdict["warnings"]) == (True, [], [])


@pytest.mark.parametrize("text", GOOD)
def test_both_accept_the_same(schema, text):
    assert [error.message for error in schema.iter_errors(yaml.safe_load(text))] == []
    assert check(text)["errors"] == []


@pytest.mark.parametrize("text", BAD)
def test_both_refuse_the_same(schema, text):
    assert not schema.is_valid(yaml.safe_load(text))
    assert check(text)["errors"] != []
