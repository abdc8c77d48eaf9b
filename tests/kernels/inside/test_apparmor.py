# SPDX-License-Identifier: LGPL-2.1-or-later
"""What AppArmor denies to a confined program, and the fix of doctor. The kernel logs denials: there is no auditd."""

from pathlib import Path

import pytest
from lab import Lab

ENABLED = "/proc/sys/net/mptcp/enabled"
WRAPPER = next(Path("/usr/lib").glob("*/mptcpize/libmptcpwrap.so.*.*"), "")
FILE = "/etc/apparmor.d/run.confined"
# Without access to sockets, the MPTCP sysctls and the files of mptcpize.
PROFILE = """abi <abi/3.0>,
profile confined /run/confined {
  /run/confined mr,
  /usr/bin/cat cx -> kid,
  /usr/lib/python3*/{,**} mr,
  /usr/lib{,64}/{,*-linux-gnu/}*.so* mr,
  /etc/** r,
  /dev/** rw,
  profile kid {
    /usr/bin/cat mr,
    /usr/lib{,64}/{,*-linux-gnu/}*.so* mr,
    /etc/** r,
  }
  LOCAL
}
"""
SOCKET = "import socket; [socket.socket(f, socket.SOCK_STREAM, 262) for f in (socket.AF_INET, socket.AF_INET6)]"
READ = f"print(open('{ENABLED}').read())"
START = "import os; os.execv('/usr/bin/mptcpize', ['mptcpize', '--help'])"
# name: the program, the number of denials until everything is allowed, and the reported profile
CASES = {
    "a socket": (SOCKET, 2, "confined"),
    "a sysctl": (READ, 1, "confined"),
    "a program": (START, 1, "confined"),
    "a child": (f"import os; os.execv('/usr/bin/cat', ['cat', '{ENABLED}'])", 1, "confined//kid"),
}


@pytest.fixture(scope="module")
def confined():
    """A host on which AppArmor can be configured and logs every denial."""
    with Lab() as lab:
        yield from configurable(lab.host("confined"))


def configurable(host):
    assert host.run(["cat", "/sys/module/apparmor/parameters/enabled"]).stdout == "Y\n"
    Path("/proc/sys/kernel/printk_ratelimit").write_text("0")
    host.run(["mount", "-t", "securityfs", "securityfs", "/sys/kernel/security"])
    host.run(["cp", "/usr/bin/python3", "/run/confined"])
    yield host
    host.run(["apparmor_parser", "-R", FILE])


def load(host, local):
    host.run(["rm", "-f", "/etc/apparmor.d/local/run.confined"])
    host.write(FILE, PROFILE.replace("LOCAL", "include if exists <local/run.confined>" if local else ""))
    host.run(["apparmor_parser", "-r", FILE])


def denials(host):
    """The findings of doctor about AppArmor."""
    done = host.keeper("doctor", timeout=120)
    assert done.returncode in (0, 2), done.stderr
    return [one for one in done.json["findings"] if one["code"] == "APPARMOR_DENIAL"]


def cure(host, profile, refused):
    """Pastes the fix of the only finding, which must be about the denied program."""
    found = denials(host)
    assert [(one["severity"], one["subject"]) for one in found] == [("warning", profile)], refused.stderr
    host.run(["sh", "-c", found[0]["fix"]])
    return found[0]


@pytest.mark.parametrize("code, times, profile", CASES.values(), ids=CASES)
def test_what_a_profile_denies_is_found_and_allowed(confined, code, times, profile):
    load(confined, local=True)
    command = ["/run/confined", "-IS", "-c", code]
    assert denials(confined) == []
    for _ in range(times):
        refused = confined.run(command, check=False)
        assert "ermission denied" in refused.stderr
        finding = cure(confined, profile, refused)
        assert 'apparmor="DENIED"' in finding["evidence"]
        assert denials(confined) == [], "the profile has changed since"
    confined.run(command)
    assert denials(confined) == []


@pytest.mark.parametrize("local", [True, False], ids=["its own file", "the profile"])
def test_a_library_that_cannot_be_preloaded(confined, local):
    load(confined, local)
    command = ["env", f"LD_PRELOAD={WRAPPER}", "/run/confined", "-IS", "-c", "pass"]
    refused = confined.run(command)
    assert "cannot be preloaded" in refused.stderr
    assert str(WRAPPER) in cure(confined, "confined", refused)["fix"]
    assert confined.run(command).stderr == ""
    assert denials(confined) == []
