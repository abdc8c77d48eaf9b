# SPDX-License-Identifier: LGPL-2.1-or-later
"""NetworkManager.conf as NetworkManager reads it: the default flags of a device, seen from the endpoints.

Each variant is one configuration of a running NetworkManager; the device's profile has no flags.
"""

import json

import pytest
from lab import Lab, wait_for
from adapter_probe import Probe

ETC, RUN, USR = (f"{folder}/NetworkManager/conf.d" for folder in ("/etc", "/run", "/usr/lib"))
FLAGS = "connection.mptcp-flags"
SIGNAL, BACKUP, OFF = 24, 104, 1  # signal; subflow,backup; both with also-without-default-route
PLAIN = f"[connection]\n{FLAGS}="


def section(name, flags=None, devices=None, stop=None):
    lines = [f"[connection{name}]"]
    lines += [f"{FLAGS}={flags}"] if flags is not None else []
    lines += [f"match-device={devices}"] if devices is not None else []
    lines += [f"stop-match={stop}"] if stop is not None else []
    return "\n".join(lines) + "\n"


def matching(devices):
    return {f"{ETC}/a.conf": section("-x", SIGNAL, devices)}


def enabled(value):
    return {f"{ETC}/a.conf": f"[.config]\nenable={value}\n{PLAIN}{SIGNAL}\n"}


def plain(value):
    return {f"{ETC}/a.conf": f"{PLAIN}{value}\n"}


VARIANTS = {
    "nothing": {},
    "decimal": plain(SIGNAL),
    "hexadecimal": plain("0x18"),
    "octal": plain("064"),
    "binary": plain("0b11000"),
    "sign and spaces": plain("  +24  "),
    "names": plain("signal"),
    "quotes": plain('"24"'),
    "comment behind": plain("24 # signal"),
    "more than 32 bits": plain(4294967320),
    "33rd bit alone": plain(4294967296),
    "negative": plain(-1),
    "disabled and more": plain(17),
    "unknown bits": plain("0x10018"),
    "appended": {f"{ETC}/a.conf": PLAIN + "24\n", f"{ETC}/b.conf": f"[connection]\n{FLAGS}+=64\n"},
    "later file": {f"{ETC}/a.conf": PLAIN + "24\n", f"{ETC}/b.conf": PLAIN + "104\n"},
    "not a number in a later file": {f"{ETC}/a.conf": PLAIN + "24\n", f"{ETC}/b.conf": PLAIN + "x\n"},
    "not a number in a named section": {f"{ETC}/a.conf": PLAIN + "24\n" + section("-x", "x")},
    "zero in a named section": {f"{ETC}/a.conf": PLAIN + "24\n" + section("-x", 0)},
    "named in an earlier file": {f"{ETC}/a.conf": section("-x", BACKUP), f"{ETC}/b.conf": PLAIN + "24\n"},
    "first of one file": {f"{ETC}/a.conf": section("-b", SIGNAL) + section("-a", BACKUP)},
    "section of a later file": {f"{ETC}/a.conf": section("-a", SIGNAL), f"{ETC}/b.conf": section("-b", BACKUP)},
    "place in the first file": {f"{ETC}/a.conf": section("-a", SIGNAL),
                                f"{ETC}/b.conf": section("-c", BACKUP) + section("-a")},
    "no hyphen": {f"{ETC}/a.conf": section("x", SIGNAL)},
    "etc over usr": {f"{ETC}/a.conf": PLAIN + "24\n", f"{USR}/z.conf": PLAIN + "104\n"},
    "etc over run": {f"{ETC}/a.conf": PLAIN + "24\n", f"{RUN}/z.conf": PLAIN + "104\n"},
    "run over usr": {f"{RUN}/a.conf": PLAIN + "24\n", f"{USR}/z.conf": PLAIN + "104\n"},
    "shadowed name": {f"{ETC}/a.conf": "[main]\n", f"{USR}/a.conf": PLAIN + "24\n"},
    "intern": {"/var/lib/NetworkManager/NetworkManager-intern.conf": PLAIN + "24\n"},
    "other suffix": {f"{ETC}/a.conf.bak": PLAIN + "24\n"},
    "hidden": {f"{ETC}/.a.conf": PLAIN + "24\n"},
    "stop": {f"{ETC}/a.conf": PLAIN + "24\n" + section("-x", None, "eth1", "yes")},
    "stop elsewhere": {f"{ETC}/a.conf": PLAIN + "24\n" + section("-x", None, "eth2", "yes")},
    "plain section for one device": {f"{ETC}/a.conf": section("", SIGNAL, "eth2")},
    "off for one device": {f"{ETC}/a.conf": PLAIN + "24\n" + section("-x", OFF, "interface-name:eth1")},
    **{f"match {devices}": matching(devices) for devices in (
        "", "*", "eth1", "eth*", "interface-name:eth?", "interface-name:=eth?", "INTERFACE-NAME:eth1",
        "interface-name:eth[12]", "interface-name:foo ; eth1 ", "interface-name:foo interface-name:eth1",
        "type:ethernet", "type:veth", "driver:veth", "driver:ve*", "driver:veth/*", "dhcp-plugin:internal",
        "mac:02:00:00:00:00:01", "except:eth1", "except:interface-name:eth1", "except:interface-name:eth2",
        "*,except:interface-name:eth1", "except:interface-name:eth2,type:wifi")},
    **{f"enable {value}": enabled(value) for value in (
        "FALSE", "on", "", "foo", "nm-version-min:1.40", "nm-version-min:1.40.2", "nm-version-max:1",
        "except:nm-version-min:9.0", "env:foo")},
}


@pytest.fixture(scope="module", name="host")
def one_device():
    with Lab() as lab:
        host = lab.host()
        host.plug("eth1", lab.segment("lan"))
        host.ip("link set eth1 address 02:00:00:00:00:01")
        host.start_network_manager()
        host.add_profile("wan", "eth1", "192.0.2.1/24", gateway="192.0.2.254")
        yield host


@pytest.fixture(scope="module", name="probe")
def adapter(host):
    with Probe(host) as probe:
        yield probe


def words_of(bits):
    return {word for word, bit in (("signal", 0x10), ("subflow", 0x20), ("backup", 0x40), ("fullmesh", 0x80),
                                   ("laminar", 0x100))
            if bits & bit}


@pytest.mark.parametrize("variant", VARIANTS)
def test_default_flags_are_those_that_network_manager_uses(host, probe, variant):
    files = VARIANTS[variant]
    for file, text in files.items():
        host.write(file, text)
    try:
        host.nmcli("general reload conf")
        host.nmcli("connection up wan")
        predicted = probe.profiles()["wan"]["activations"][0]["default_flags"]
        expected = {} if predicted & OFF else {"192.0.2.1": words_of(predicted)}
        wait_for(lambda: host.endpoint_flags() == expected, 1, f"{predicted:#x}; NetworkManager has "
                 f"{json.dumps({a: sorted(f) for a, f in host.endpoint_flags().items()})}")
    finally:
        for file in files:
            host.path(file).unlink()


def test_another_default_for_one_device_is_applied_without_any_change_and_kept_apart(lab):
    """`default` in a rule means the default of NetworkManager for each device."""
    host = lab.host()
    segment = lab.segment("lan")
    for name in ("eth1", "eth2"):
        host.plug(name, segment)
    host.write(f"{ETC}/a.conf", PLAIN + "34\n" + section("-second", SIGNAL, "interface-name:eth2"))
    host.start_network_manager()
    host.add_profile("one", "eth1", "192.0.2.1/24", gateway="192.0.2.254")
    host.add_profile("two", "eth2", "198.51.100.1/24", flags="disabled")
    done = host.keeper("apply", config='profiles: [{match: {name: "*"}, mptcp-flags: default}]\n')
    assert done.returncode == 0 and done.json["verified"], done.stderr
    assert host.endpoint_flags() == {"192.0.2.1": {"subflow"}, "198.51.100.1": {"signal"}}
    host.ip("mptcp endpoint flush")
    assert host.keeper("diff").returncode == 2
    assert host.keeper("apply").returncode == 0
    assert host.endpoint_flags() == {"192.0.2.1": {"subflow"}, "198.51.100.1": {"signal"}}
