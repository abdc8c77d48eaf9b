# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the daemon writes metrics.textfile, and where it refuses to: a user without privileges must gain nothing."""

import re
import stat

import pytest
from daemon_host import KERNEL, Daemon
from node import wait_for
from test_metrics import parsed, text_of

FOLDER = "/run/t/metrics"
FILE = f"{FOLDER}/mptcp-keeper.prom"
OWN = "/run/mptcp-keeper/metrics.prom"


def daemon_for(host, file=FILE):
    return Daemon(host, KERNEL + f"metrics: {{textfile: {file}}}\n")


@pytest.fixture
def host(lab):
    made = lab.host("host")
    made.run(["mkdir", "-p", FOLDER])
    return made


# What is done to the host, and what the warning says about it.
REFUSED = {
    "writable by the group": (f"chmod 775 {FOLDER}", f"{FOLDER} is writable by its group"),
    "writable by all": (f"chmod 777 {FOLDER}", f"{FOLDER} is writable by all users"),
    "sticky": (f"chmod 1777 {FOLDER}", f"{FOLDER} is writable by all users"),
    "sticky above": ("chmod 1777 /run/t", "/run/t is writable by all users"),
    "writable by a group above": ("chmod 775 /run/t", "/run/t is writable by its group"),
    "owned by nobody": (f"chown 65534 {FOLDER}", f"{FOLDER} is not owned by root"),
    "owned by a system account": (f"chown 100 {FOLDER}", f"{FOLDER} is not owned by root"),
    "above owned by a user": ("chown 1000 /run/t", "/run/t is not owned by root"),
    "a link above": ("mv /run/t /run/real && ln -s /run/real /run/t", "/run/t is a link or not a directory"),
    "a link": (f"mv {FOLDER} /run/t/real && ln -s real {FOLDER}", f"{FOLDER} is a link or not a directory"),
    "a mount of another owner": (f"chown 100 /run/t && mount -t tmpfs -o mode=755 tmpfs {FOLDER}",
                                 f"{FOLDER} is a mount point"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unsafe_directory_is_refused_with_a_way_out(host, case):
    command, reason = REFUSED[case]
    host.run(["sh", "-c", command])
    before = host.run(["find", "/run/t/", "/run/real", "-ls"], check=False).stdout
    daemon = daemon_for(host)
    line = daemon.wait_for_line("metrics.textfile", reason)
    link = re.search(r"`(ln -sfn \S+ \S+)`", line)[1]
    assert link == f"ln -sfn {OWN} {FILE}"
    assert host.run(["find", "/run/t/", "/run/real", "-ls"], check=False).stdout == before
    # The way that the warning names.
    daemon.reload(KERNEL + f"metrics: {{textfile: {OWN}}}\n")
    host.run(["sh", "-c", link])
    wait_for(lambda: parsed(text_of(host, OWN)), 5, "the file of its own")
    assert parsed(host.run(["cat", FILE]).stdout)
    assert sum(reason in entry for entry in daemon.log()) == 1, "it is logged once"
    assert daemon.stop() == 0


def test_a_system_account_may_own_a_directory_above(host):
    """Debian's node_exporter owns /var/lib/prometheus, but not the directory below it."""
    host.run(["chown", "100:100", "/run/t"])
    daemon = daemon_for(host)
    wait_for(lambda: parsed(text_of(host, FILE)), 5, "the file")
    assert daemon.stop() == 0


def test_a_link_in_its_place_is_replaced_and_not_followed(host):
    host.write("/run/victim", "precious")
    host.run(["ln", "-s", "/run/victim", FILE])
    host.run(["ln", "-s", "/run/victim", f"{FOLDER}/.mptcp-keeper.prom.new"])
    daemon = daemon_for(host)
    wait_for(lambda: stat.S_ISREG(host.path(FILE).lstat().st_mode), 5, "the file")
    assert host.path("/run/victim").read_text() == "precious"
    assert daemon.stop() == 0


@pytest.mark.parametrize("command,reason", [
    (f"mkdir {FILE}", "not a regular file"),
    (f"mkfifo {FILE}", "not a regular file"),
    (f"touch {FILE} && chown 65534 {FILE}", "a file of another user"),
])
def test_what_others_put_in_its_place_is_left_alone(host, command, reason):
    host.run(["sh", "-c", command])
    before = host.run(["ls", "-lain", FOLDER]).stdout
    daemon = daemon_for(host)
    daemon.wait_for_line("metrics.textfile", reason)
    assert daemon.stop() == 0
    assert host.run(["ls", "-lain", FOLDER]).stdout == before


def test_a_missing_directory_is_one_line_and_no_warning(host):
    daemon = daemon_for(host, "/run/t/absent/a.prom")
    line = daemon.wait_for_line("there is no directory /run/t/absent")
    daemon.reload()
    assert line in daemon.log()
    assert daemon.stop() == 0


def test_a_read_only_directory_gets_a_drop_in(host):
    host.run(["sh", "-c", f"mount -t tmpfs -o mode=755 tmpfs {FOLDER} && mount -o remount,ro {FOLDER}"])
    daemon = daemon_for(host)
    line = daemon.wait_for_line("metrics.textfile", "read-only")
    command = re.search(r"`(mkdir .*) && systemctl daemon-reload && systemctl restart mptcp-keeper`", line)[1]
    host.run(["sh", "-c", command])
    drop_in = host.path("/etc/systemd/system/mptcp-keeper.service.d/metrics.conf").read_text()
    assert drop_in == f'[Service]\nReadWritePaths="{FOLDER}"\n'
    assert daemon.stop() == 0
