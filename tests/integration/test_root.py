# SPDX-License-Identifier: LGPL-2.1-or-later
"""--root: an unbooted tree, and a missing one. strace reports which files are opened."""

import json
import os
import re
import shutil
import subprocess

import pytest
from host import keeper_program

LIMITS = "limits: {subflows: %d}\n"


def keeper_in(tree, *arguments):
    return subprocess.run([keeper_program(), "--root", str(tree), *arguments], capture_output=True, text=True,
                          check=False, timeout=60)


def write(tree, path, text, mode=0o644):
    file = tree / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def link(tree, path, target):
    file = tree / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(target)


def values(tree):
    """The merged sysctls and limits of the tree: {key: (value, file below the tree)}."""
    done = keeper_in(tree, "config", "--json")
    assert done.returncode == 0, done.stderr
    found = {}
    for section in ("sysctl", "limits"):
        for key, item in json.loads(done.stdout).get(section, {}).items():
            file, _, _ = item["source"].removeprefix(str(tree).rstrip("/")).rpartition(":")
            found[key] = (item["value"], file)
    return found


@pytest.mark.parametrize("command, code", [("export", 1), ("check", 65), ("config", 65), ("check /dev/stdin", 65)])
def test_a_root_that_is_not_there_is_refused(tmp_path, command, code):
    done = keeper_in(tmp_path / "typo", *command.split())
    assert (done.returncode, done.stdout) == (code, "")
    assert f"there is no directory {tmp_path}/typo" in done.stderr


def test_an_empty_name_does_not_mean_the_running_host():
    for command in ("check", "export"):
        done = keeper_in("", command)
        assert (done.returncode, done.stdout) == (64, "")
        assert done.stderr.startswith("mptcp-keeper: --root: the name of a directory is required"), done.stderr


def commands():
    """All commands that the program knows: the message about an unknown one lists them."""
    done = subprocess.run([keeper_program(), "frobnicate"], capture_output=True, text=True, check=False, timeout=60)
    return re.split(r", | or ", re.search(r"expected (.*?)[.;]", done.stderr)[1])


def test_commands_that_need_a_running_host_refuse_a_tree(tmp_path):
    working = {"check", "config", "export", "schema"}
    assert working < set(commands())
    for command in commands():
        done = keeper_in(tmp_path, command, *(["--", "true"] if command == "run" else []))
        if command in working:
            assert done.returncode == 0, done.stderr
        else:
            assert (done.returncode, done.stdout) == (64, ""), command
            assert done.stderr.startswith("mptcp-keeper: --root works with check, export, config and schema; the other "
                                          "commands work on the running host"), done.stderr


def test_a_tree_without_configuration_is_named_with_its_root(tmp_path):
    for tree in (tmp_path, f"{tmp_path}//"):
        done = keeper_in(tree, "check")
        assert done.returncode == 0
        assert done.stderr.startswith(f"{tmp_path}/etc/mptcp-keeper/config.yaml:1:1: warning: ")


def test_links_lead_to_files_of_the_tree(tmp_path):
    link(tmp_path, "/etc", "/usr/etc")  # the host has no such folder
    write(tmp_path, "/usr/etc/mptcp-keeper/config.yaml", "sysctl: {enabled: true}\n")
    link(tmp_path, "/usr/lib/mptcp-keeper/conf.d", "/opt/mptcp")
    write(tmp_path, "/opt/mptcp/10.yaml", "sysctl: {stale_loss_cnt: 7}\n")
    link(tmp_path, "/usr/etc/mptcp-keeper/conf.d/20.yaml", "/opt/site.yaml")
    write(tmp_path, "/opt/site.yaml", LIMITS % 5)
    link(tmp_path, "/usr/etc/mptcp-keeper/conf.d/30.yaml", "../../../../../../../../opt/above.yaml")
    write(tmp_path, "/opt/above.yaml", "limits: {add_addr_accepted: 4}\n")
    etc = "/etc/mptcp-keeper"
    assert values(tmp_path) == {
        "enabled": ("1", f"{etc}/config.yaml"), "stale_loss_cnt": ("7", "/usr/lib/mptcp-keeper/conf.d/10.yaml"),
        "subflows": (5, f"{etc}/conf.d/20.yaml"), "add_addr_accepted": (4, f"{etc}/conf.d/30.yaml")}


def test_a_link_to_a_file_that_only_the_host_has_dangles(tmp_path):
    host_file = tmp_path / "host.yaml"
    host_file.write_text(LIMITS % 3)
    tree = tmp_path / "tree"
    link(tree, "/etc/mptcp-keeper/conf.d/10.yaml", host_file)
    done = keeper_in(tree, "check")
    assert done.returncode == 65
    assert f"{tree}/etc/mptcp-keeper/conf.d/10.yaml:1:1: is a link to a file that does not exist" in done.stderr
    link(tree, "/etc/mptcp-keeper/config.yaml", "config.yaml")
    assert "config.yaml:1:1: is a link to a file that does not exist" in keeper_in(tree, "check").stderr


@pytest.mark.parametrize("target", ["/dev/null", "../../../dev/null", "../../../../../../../../../dev/null"])
def test_a_link_to_dev_null_masks_also_where_the_tree_has_no_devices(tmp_path, target):
    vendor = "/usr/lib/mptcp-keeper/conf.d"
    write(tmp_path, f"{vendor}/10.yaml", LIMITS % 1)
    write(tmp_path, f"{vendor}/20.yaml", "sysctl: {enabled: true}\n")
    link(tmp_path, "/etc/mptcp-keeper/conf.d/10.yaml", target)
    link(tmp_path, "/etc/mptcp-keeper/config.yaml", "/dev/null")
    assert values(tmp_path) == {"enabled": ("1", f"{vendor}/20.yaml")}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: another user must not be able to read the folder")
def test_a_folder_that_may_not_be_read_is_not_an_empty_one(tmp_path):
    write(tmp_path, "/etc/mptcp-keeper/config.yaml", LIMITS % 1)
    (tmp_path / "etc/mptcp-keeper").chmod(0o700)
    for path in [tmp_path, *list(tmp_path.parents)[:2]]:
        path.chmod(0o755)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", keeper_program(), "--root",
                           tmp_path, "check"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 65
    assert "config.yaml:1:1: cannot be opened: Permission denied" in done.stderr


def test_a_tree_at_the_root_is_not_the_running_host(host):
    """`--root /` in the build of an image: files are read as on the host, and nothing else."""
    host.configure(LIMITS % 3)
    host.sysctl("net.mptcp.add_addr_timeout", 60)

    def keeper(command):
        done = host.run([keeper_program(), "--root", "/", command])
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr
    assert keeper("check") == "/etc/mptcp-keeper/config.yaml: valid\n"
    assert "# /etc/mptcp-keeper/config.yaml:1\n" in keeper("config")
    assert "add_addr_timeout" not in keeper("export"), "a value of the running kernel"


# --- the files that are opened ----------------------------------------------------------------------------

# What the dynamic loader reads, and what says in which network namespace the program runs.
HARMLESS = re.compile(r"/etc/ld\.so\.(cache|preload|nohwcap)|/(usr/)?lib[^ ]*/lib[^/]*\.so[.0-9]*|/proc/.*"
                      r"|/usr/lib/locale/.*|/dev/(null|pts/.*)|pipe:.*|/")


def files_that_were_opened(tmp_path, tree, *arguments):
    """The real paths of what was opened, and the arguments of calls that look at a file, below the host's folders."""
    log = tmp_path / "strace.log"
    done = subprocess.run(["strace", "-f", "-y", "-e", "trace=%file", "-o", log, keeper_program(), "--root", tree,
                           *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    text = log.read_text()
    opened = re.findall(r"^\d+ +open(?:at|at2)?\(.* = \d+<(.*)>$", text, re.MULTILINE)
    named = re.findall(r'^\d+ +\w+\((?:AT_FDCWD[^,]*, )?"(/(?:etc|run|var|lib|usr/lib|usr/share)/[^"]*)"', text,
                       re.MULTILINE)
    assert len(opened) > 2
    return {path for path in [*opened, *named] if not path.startswith(f"{tree}/") and not HARMLESS.fullmatch(path)}


@pytest.fixture
def linked_tree(tmp_path):
    """A tree of which every folder that is read leads to the same folder of the host, unless the link is resolved
    inside the tree."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for folder in ("etc", "run", "lib", "var"):
        (tree / "real" / folder).mkdir(parents=True)
        link(tree, f"/{folder}", f"/real/{folder}" if folder != "lib" else "/usr/lib")
    write(tree, "/real/etc/mptcp-keeper/config.yaml", "applications: {units: [sshd.service]}\n" + LIMITS % 3)
    for folder, names in {
            "/real/etc/mptcp-keeper": ["conf.d"], "/real/etc": ["sysctl.d", "systemd", "cron.d"],
            "/usr/lib": ["mptcp-keeper", "NetworkManager", "sysctl.d"],
            "/real/etc/NetworkManager": ["system-connections", "dispatcher.d"],
            "/usr/lib/systemd": ["system"], "/real/run": ["NetworkManager", "systemd", "mptcp-keeper"]}.items():
        for name in names:
            host_folder = f"{folder.removeprefix('/real')}/{name}"
            if not (tree / folder.lstrip("/") / name).exists():
                link(tree, f"{folder}/{name}", f"/kept{host_folder}")
            (tree / f"kept{host_folder}").mkdir(parents=True, exist_ok=True)
    write(tree, "/kept/etc/sysctl.d/90-mptcp.conf", "net.mptcp.enabled=1\n")
    write(tree, "/kept/etc/NetworkManager/system-connections/wan.nmconnection",
          "[connection]\nid=wan\nuuid=d5a6\ntype=ethernet\nmptcp-flags=48\n", mode=0o600)
    link(tree, "/kept/etc/mptcp-keeper/conf.d/10.yaml", "/etc/hostname")  # both have this file
    write(tree, "/real/etc/hostname", "limits: {add_addr_accepted: 2}\n")
    for name in ("passwd", "group"):  # the host has these, the tree does not
        link(tree, f"/kept/etc/sysctl.d/{name}.conf", f"/etc/{name}")
        link(tree, f"/kept/etc/cron.d/{name}", f"/etc/{name}")
    return tree


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("line", ["check", "config --json", "schema", "export", "export --leftovers"])
def test_no_file_of_the_host_is_read(tmp_path, linked_tree, line):
    assert files_that_were_opened(tmp_path, linked_tree, *line.split()) == set()


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_the_strace_test_would_notice(tmp_path, linked_tree):
    named = tmp_path / "named.yaml"
    named.write_text("applications: {units: [sshd.service]}\n")
    assert files_that_were_opened(tmp_path, linked_tree, "check", named) == {str(named)}


def test_the_tree_of_links_is_read(linked_tree):
    assert values(linked_tree) == {"subflows": (3, "/etc/mptcp-keeper/config.yaml"),
                                   "add_addr_accepted": (2, "/etc/mptcp-keeper/conf.d/10.yaml")}
    exported = keeper_in(linked_tree, "export").stdout
    assert "enabled: true" in exported and "match: {name: wan}" in exported
    leftovers = keeper_in(linked_tree, "export", "--leftovers").stdout
    assert f"rm {linked_tree}/kept/etc/sysctl.d/90-mptcp.conf\n" in leftovers
