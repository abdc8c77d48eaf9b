# SPDX-License-Identifier: LGPL-2.1-or-later
"""The file of a profile and its other settings: only connection.mptcp-flags may change."""

import uuid

import pytest
from host import keeper_program
from node import wait_for

ETC = "/etc/NetworkManager/system-connections"
RUN = "/run/NetworkManager/system-connections"
USR = "/usr/lib/NetworkManager/system-connections"
FLAGS = "signal,subflow,also-without-default-route"
CONFIG = f'profiles: [{{match: {{name: "the *"}}, mptcp-flags: "{FLAGS}"}}]'

WIFI = """[connection]
id={id}
uuid={uuid}
type=wifi
autoconnect=false
interface-name=wlp2s0
zone=home

[wifi]
mode=infrastructure
ssid=the coffee shop

[wifi-security]
key-mgmt=wpa-psk
psk=correct horse battery staple

[ipv4]
dns=192.0.2.53;
dns-search=example.org;
method=auto

[ipv6]
addr-gen-mode=stable-privacy
method=auto

[proxy]

[user]
org.example.inventory=rack 4
"""
ENTERPRISE = """[connection]
id={id}
uuid={uuid}
type=ethernet
autoconnect=false
interface-name=enp1s0

[ethernet]

[802-1x]
eap=ttls;
anonymous-identity=anonymous
identity=alice
password=hunter2 and more
phase2-auth=mschapv2

[ipv4]
method=disabled

[ipv6]
method=disabled

[proxy]
"""
UNKNOWN = """[connection]
id={id}
uuid={uuid}
type=ethernet
autoconnect=false
x-fleet-owner=team 7

[ethernet]

[ipv4]
method=disabled

[ipv6]
method=disabled

[proxy]

[vendor-extension]
colour=blue
"""


def apply(host):
    done = host.keeper("apply", config=CONFIG)
    assert done.returncode == 0, done.stderr
    assert done.json["verified"], done.json
    return done.json


def settings(text):
    """A keyfile as {section: {key: value}}, without the identity and the timestamp of the profile."""
    parsed, section = {}, None
    for line in text.splitlines():
        if line.startswith("["):
            section = line
            parsed.setdefault(section, {})
        elif "=" in line:
            key, _, value = line.partition("=")
            if key not in ("id", "uuid", "timestamp"):
                parsed[section][key] = value
    return parsed


@pytest.mark.parametrize("keyfile, secret", [(WIFI, "psk=correct horse battery staple"),
                                             (ENTERPRISE, "password=hunter2 and more")],
                         ids=["wifi", "802.1X"])
def test_secrets_and_all_else_survive(host, keyfile, secret):
    file = host.write_profile("secret", keyfile.format(id="the secret", uuid=uuid.uuid4()))
    before = settings(host.path(file).read_text())
    apply(host)
    text = host.path(file).read_text()
    assert secret in text
    after = settings(text)
    assert after["[connection]"].pop("mptcp-flags") == str(0x38)
    assert after == before
    assert host.path(file).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("keyfile", [WIFI, ENTERPRISE, UNKNOWN], ids=["wifi", "802.1X", "unknown keys"])
def test_file_is_what_nmcli_would_have_written(host, keyfile):
    ours = host.write_profile("ours", keyfile.format(id="the ours", uuid=uuid.uuid4()))
    twin = host.write_profile("twin", keyfile.format(id="twin", uuid=uuid.uuid4()))
    host.nmcli(["connection", "modify", "twin", "connection.mptcp-flags", FLAGS])
    apply(host)
    assert settings(host.path(ours).read_text()) == settings(host.path(twin).read_text())


@pytest.mark.parametrize("made_by", ["nmcli", "a file"])
def test_profile_in_run_stays_there(host, made_by):
    if made_by == "nmcli":
        host.add_profile("the runner", "enp1s0", "192.0.2.1/24", temporary=True)
    else:
        host.write_profile("the runner", f"[connection]\nid=the runner\nuuid={uuid.uuid4()}\ntype=ethernet\n"
                           "interface-name=enp1s0\n[ipv4]\nmethod=manual\naddress1=192.0.2.1/24\n"
                           "[ipv6]\nmethod=disabled\n", folder=RUN)
        host.nmcli(["connection", "up", "the runner"])
    assert list(host.path(RUN).glob("the runner*")) and not list(host.path(ETC).glob("*"))
    apply(host)
    assert host.stored_flags("the runner") == set(FLAGS.split(","))
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}
    assert not list(host.path(ETC).glob("*"))
    assert "mptcp-flags=56" in next(host.path(RUN).glob("the runner*")).read_text()


def test_profile_in_usr_lib_is_shadowed_and_the_plan_shows_it(host):
    text = UNKNOWN.format(id="the vendor", uuid=uuid.uuid4())
    file = host.write_profile("vendor", text, folder=USR)
    before = host.path(file).read_text()
    diff = host.keeper("diff", config=CONFIG)
    assert diff.returncode == 2
    spoken = host.run([keeper_program(), "diff"], check=False)
    assert "/usr/lib" in spoken.stdout and "/etc" in spoken.stdout, spoken.stdout
    apply(host)
    assert host.path(file).read_text() == before
    shadow = next(host.path(ETC).glob("*.nmconnection")).read_text()
    assert "mptcp-flags=56" in shadow and "id=the vendor" in shadow
    assert host.stored_flags("the vendor") == set(FLAGS.split(","))
    assert host.keeper("apply", "--detailed-exitcodes").returncode == 0


def test_another_administrators_unsaved_edit_is_not_saved_and_not_applied(host):
    """`connection modify --temporary` changes only NetworkManager's memory; the device does not use it."""
    host.add_profile("the wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    saved = next(host.path(ETC).glob("*")).read_text()
    host.nmcli(["connection", "modify", "--temporary", "the wan", "+ipv4.addresses", "192.0.2.99/24"])
    apply(host)
    assert host.addresses("enp1s0") == {"192.0.2.1"}
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}
    assert host.nmcli(["-g", "ipv4.addresses", "connection", "show", "the wan"]).stdout.strip() == \
        "192.0.2.1/24, 192.0.2.99/24"
    assert next(host.path(ETC).glob("*")).read_text() == saved, "the edit was not saved"


@pytest.mark.parametrize("activation", ["auto", "reapply"])
def test_another_administrators_saved_edit_waits_for_its_own_activation(host, activation):
    host.add_profile("the wan", "enp1s0", "192.0.2.1/24", flags="subflow,also-without-default-route")
    host.nmcli(["connection", "modify", "the wan", "+ipv4.addresses", "192.0.2.99/24", "ipv4.dns", "192.0.2.53"])
    done = host.keeper("apply", config=CONFIG.replace("}]", f", activation: {activation}}}]"))
    assert done.returncode == 0, done.stderr
    assert host.addresses("enp1s0") == {"192.0.2.1"}
    assert host.endpoint_flags() == {"192.0.2.1": {"signal", "subflow"}}
    assert host.stored_flags("the wan") == set(FLAGS.split(","))
    host.nmcli(["connection", "up", "the wan"])
    wait_for(lambda: host.addresses("enp1s0") == {"192.0.2.1", "192.0.2.99"}, 5, "the edit to be kept")
