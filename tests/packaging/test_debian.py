# SPDX-License-Identifier: LGPL-2.1-or-later
"""The source package: dpkg-buildpackage, lintian, autopkgtest, and the same files and effects as cpack -G DEB."""

import re

import pytest
import roots
from builders import run

NAMES = ["mptcp-keeper", "mptcp-keeper-bpf"]
SAME_FIELDS = ["Version", "Section", "Priority", "Maintainer", "Recommends", "Suggests", "Description"]
# What is enabled, what dpkg's helper of systemd remembers, and the files of the administrator and of the daemon.
STATE = ("find /etc/systemd /etc/mptcp-keeper /var/lib/mptcp-keeper /run/mptcp-keeper /var/lib/systemd"
         " -name '*mptcp-keeper*' -printf '%p %l\\n' 2>/dev/null | sort")
INSTALL = "apt-get --quiet=2 --yes --no-install-recommends -o Dpkg::Use-Pty=0 install"


def entries(package):
    """[(path, type and permissions, owner, link target)] of a .deb."""
    found = []
    for line in run("dpkg-deb", "--contents", package).splitlines():
        mode, owner, _, _, _, path, *link = line.split()
        found.append((path, mode, owner, link[1] if link else ""))
    return sorted(entry for entry in found if entry[0] != "./")


def field(package, name):
    return run("dpkg-deb", "--field", package, name).strip()


def scripts(package, folder):
    """{maintainer script: what it starts, stops or restarts}."""
    run("dpkg-deb", "--control", package, folder)
    return {path.name: re.findall(r"deb-systemd-invoke ([^>|]*)", path.read_text().replace("\\\n", ""))
            for path in folder.glob("p*")}


def life(root, packages):
    """The states of a root after each step in the life of the packages."""
    paths = " ".join(root.copy_in(packages[name] for name in NAMES))
    return {step: root.inside(f"({script}) >/dev/null\n{STATE}").splitlines() for step, script in {
        "installed": f"apt-get --quiet=2 update; {INSTALL} {paths}",
        "enabled": "systemctl enable mptcp-keeper.service; echo '{}' >/etc/mptcp-keeper/config.yaml; "
                   "mkdir /var/lib/mptcp-keeper",
        "installed again": f"{INSTALL} --reinstall {paths}",
        "removed": "apt-get --quiet=2 --yes remove mptcp-keeper mptcp-keeper-bpf",
        "back": f"{INSTALL} {paths}",
        "purged": "apt-get --quiet=2 --yes purge mptcp-keeper mptcp-keeper-bpf"}.items()}


@pytest.mark.parametrize("name", NAMES)
def test_dpkg_buildpackage_and_cpack_produce_the_same_files(debian, cpack, name):
    assert entries(debian.packages[name]) == entries(cpack["DEB"][name])


@pytest.mark.parametrize("name", NAMES)
def test_dpkg_buildpackage_and_cpack_produce_the_same_fields(debian, cpack, name):
    ours, quick = debian.packages[name], cpack["DEB"][name]
    assert {one: field(ours, one) for one in SAME_FIELDS} == {one: field(quick, one) for one in SAME_FIELDS}
    needed = [{one.split()[0] for one in field(package, "Depends").split(", ")} for package in (ours, quick)]
    # only distributions link C++ libraries and Nettle dynamically
    assert {one for one in needed[0] if not re.match(r"lib(stdc|gcc|fmt|yaml|nettle)", one)} == needed[1]


@pytest.mark.parametrize("name", NAMES)
def test_the_scripts_act_on_the_same_units(debian, cpack, name, tmp_path):
    """Which no root without a running systemd shows. debhelper could add a script that stops units before an upgrade."""
    ours = scripts(debian.packages[name], tmp_path / "debhelper")
    assert ours == scripts(cpack["DEB"][name], tmp_path / "cpack")
    assert set(ours) == {"postinst", "prerm", "postrm"}


def test_lintian_finds_nothing(debian):
    """Not only errors and warnings. The tags of later releases of lintian are for later versions of the policy."""
    most = "error,warning,info,pedantic" if roots.own_release() == "bookworm" else "error,warning"
    run("lintian", "--allow-root", "--display-info", "--pedantic", "--fail-on", most, debian.source, debian.changes)


def test_the_source_package_is_complete_and_reproducible(debian, scratch):
    again = scratch / "again"
    run(debian.tree / "packaging" / "debian" / "make_source", again)
    for file in again.glob("*.tar.*"):
        assert file.read_bytes() == (debian.source.parent / file.name).read_bytes(), file.name


def test_both_packages_have_the_same_effects(debian, cpack, root):
    ours, quick = life(root(), debian.packages), life(root(), cpack["DEB"])
    assert ours == quick
    links = [line for line in ours["installed"] if "multi-user.target.wants" in line and line.startswith("/etc")]
    assert links == [], "installing enables nothing"
    enabled, again = ([line for line in ours[step] if line.startswith("/etc")] for step in ("enabled", "installed again"))
    assert enabled == again
    wanted = "/etc/systemd/system/multi-user.target.wants/mptcp-keeper.service"
    for step in ("enabled", "back"):
        assert any(line.startswith(wanted) for line in ours[step]), f"{step}: what was enabled is enabled again"
    assert [line.split()[0] for line in ours["purged"]] == ["/etc/mptcp-keeper"]


def test_autopkgtest_passes(debian, root):
    host = root()
    shown = host.run("autopkgtest", "--no-built-binaries", *(debian.packages[name] for name in NAMES), debian.source,
                     "--", "chroot", host.path, expected=None)
    assert re.findall(r"^(\w+) +PASS$", shown, re.MULTILINE) == ["commands", "network", "units"], shown[-6000:]
