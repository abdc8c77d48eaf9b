# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every combination of flags that this NetworkManager supports: mptcp-keeper accepts the same ones."""

import itertools
import json
import uuid

from host import FLAGS


def all_combinations(host):
    """Every combination of the flags that NetworkManager supports: laminar was added in 1.56."""
    host.add_profile("laminar", "enp1s0", "192.0.2.1/24", up=False)
    asked = host.nmcli("connection modify laminar connection.mptcp-flags laminar", check=False)
    known = FLAGS if asked.returncode == 0 else [flag for flag in FLAGS if flag != "laminar"]
    return [combination for size in range(len(known) + 1) for combination in itertools.combinations(known, size)]


def legal_number(combinations):
    """The number of legal ones: disabled alone, and all others without both signal and fullmesh."""
    return 1 + len(combinations) // 8 * 3


def bits(combination):
    return sum(1 << FLAGS.index(flag) for flag in combination)


def network_manager_takes(host, combinations):
    """The combinations that `nmcli connection modify` accepts, one by one, in one shell for speed."""
    host.add_profile("probe", "enp1s0", "192.0.2.1/24", up=False)
    script = "".join(f"nmcli connection modify probe connection.mptcp-flags {bits(c)} 2>/dev/null; echo $?\n"
                     for c in combinations)
    codes = host.run(["sh", "-c", script], timeout=240).stdout.split()
    return {combination for combination, code in zip(combinations, codes) if code == "0"}


def accepted_by_check(host, combinations):
    """The combinations for which `check` reports no error; some at a time, since it shows at most 100 errors."""
    accepted = set()
    for start in range(0, len(combinations), 64):
        batch = combinations[start:start + 64]
        rules = "".join(f"  - {{match: {{name: p}}, mptcp-flags: {json.dumps(list(c))}}}\n" for c in batch)
        done = host.keeper("check", config="profiles:\n" + rules)
        refused = {error["line"] for error in done.json["errors"]}
        assert done.returncode == (65 if refused else 0)
        accepted |= {combination for line, combination in enumerate(batch, start=2) if line not in refused}
    return accepted


def test_check_and_network_manager_agree_on_every_combination(host):
    combinations = all_combinations(host)
    taken = network_manager_takes(host, combinations)
    assert len(taken) == legal_number(combinations)

    assert accepted_by_check(host, combinations[1:]) == taken - {()}

    # the empty set is written as a word
    assert host.keeper("check", config="profiles: [{match: {name: p}, mptcp-flags: default}]").returncode == 0
    # each is also refused on its own
    for combination in (("disabled", "signal"), ("signal", "fullmesh")):
        done = host.keeper("check", config=f"profiles: [{{match: {{name: p}}, mptcp-flags: "
                                           f"{','.join(combination)!r}}}]")
        assert done.returncode == 65 and done.json["valid"] is False


def test_every_legal_combination_is_stored_as_declared(host):
    combinations = all_combinations(host)
    legal = [c for c in combinations
             if ("disabled" not in c or c == ("disabled",)) and not {"signal", "fullmesh"} <= set(c)]
    rules = []
    for number, combination in enumerate(legal):
        # each starts with other flags than the declared ones
        start = 0x22 if bits(combination) != 0x22 else 0x12
        host.write(f"/etc/NetworkManager/system-connections/p{number}.nmconnection",
                   f"[connection]\nid=p{number}\nuuid={uuid.uuid4()}\ntype=ethernet\nautoconnect=false\n"
                   f"mptcp-flags={start}\n[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n", mode=0o600)
        rules.append(f"  - {{match: {{name: p{number}}}, "
                     f"mptcp-flags: {json.dumps(list(combination)) if combination else 'default'}}}\n")
    host.nmcli("connection reload")
    done = host.keeper("apply", config="profiles:\n" + "".join(rules))
    assert done.returncode == 0, done.stderr
    assert len(done.json["changes"]) == len(legal) == legal_number(combinations)
    for change in done.json["changes"]:
        assert change["after"] == list(legal[int(change["name"][1:])] or ["default"])
    for number, combination in enumerate(legal):
        assert host.stored_flags(f"p{number}") == set(combination)


def test_live_endpoints_of_every_combination_are_the_ones_that_network_manager_makes(host):
    """NetworkManager activates the profile first; mptcp-keeper must then come to the same endpoints."""
    legal = [c for c in itertools.chain.from_iterable(
                 itertools.combinations(("enabled", "signal", "subflow", "backup", "fullmesh"), size)
                 for size in range(6)) if not {"signal", "fullmesh"} <= set(c)]
    host.add_profile("truth", "enp1s0", "192.0.2.1/24", up=False)
    host.add_profile("ours", "enp2s0", "198.51.100.1/24")
    for combination in legal:
        flags = ",".join((*combination, "also-without-default-route"))
        host.nmcli(["connection", "modify", "truth", "connection.mptcp-flags", flags])
        host.nmcli("connection up truth")
        done = host.keeper("apply", config=f'profiles: [{{match: {{name: ours}}, mptcp-flags: "{flags}"}}]')
        assert done.returncode == 0, done.stderr
        found = host.endpoint_flags()
        assert found.get("198.51.100.1") == found.get("192.0.2.1"), flags
