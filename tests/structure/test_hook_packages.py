# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages of mptcp-keeper-bpf, and what they add to mptcp-keeper."""

import re
from pathlib import Path

import pytest
from test_packages import deb, deb_entries, debian_version, debs, rpm_files, rpms, run, version  # noqa: F401

BPF_COMMON = {
    "/usr/lib/mptcp-keeper/",
    "/usr/lib/mptcp-keeper/program-hook",
    "/usr/lib/systemd/system/mptcp-keeper-boot.service.wants/",
    "/usr/lib/systemd/system/mptcp-keeper-boot.service.wants/mptcp-keeper-bpf.service",
    "/usr/lib/systemd/system/mptcp-keeper-bpf.service",
}
BPF_DEB = BPF_COMMON | {
    "/usr/share/doc/mptcp-keeper-bpf/",
    "/usr/share/doc/mptcp-keeper-bpf/changelog.Debian.gz",
    "/usr/share/doc/mptcp-keeper-bpf/changelog.gz",
    "/usr/share/doc/mptcp-keeper-bpf/copyright",
    "/usr/share/lintian/overrides/mptcp-keeper-bpf",
}
BPF_RPM = BPF_COMMON | {
    "/usr/share/licenses/mptcp-keeper-bpf/",
    "/usr/share/licenses/mptcp-keeper-bpf/LICENSE",
}


def second(packages):
    if len(packages) == 1:
        pytest.skip("mptcp-keeper-bpf was not built: clang, bpftool or libbpf is missing")
    return packages[1]


@pytest.fixture(scope="module")
def bpf_deb(debs):
    return second(debs)


def test_the_debian_package_of_the_hook_has_the_expected_files(bpf_deb):
    entries = {path: link for _, _, path, link in deb_entries(bpf_deb)}
    above = {f"{parent}/" for path in BPF_DEB for parent in Path(path).parents} | {"//", "/"}
    assert entries.keys() - above == BPF_DEB - above
    assert bpf_deb.name == f"mptcp-keeper-bpf_{debian_version()}_{run('dpkg', '--print-architecture').strip()}.deb"
    wants = "/usr/lib/systemd/system/mptcp-keeper-boot.service.wants/mptcp-keeper-bpf.service"
    assert entries[wants] == "../mptcp-keeper-bpf.service"


def test_only_the_package_of_the_hook_requires_libbpf(deb, bpf_deb):
    depends = [run("dpkg-deb", "--field", package, "Depends") for package in (deb, bpf_deb)]
    assert ["libbpf" in text for text in depends] == [False, True]
    assert f"mptcp-keeper (= {debian_version()})" in depends[1].strip().split(", ")
    for package in (deb, bpf_deb):
        summary, *text = run("dpkg-deb", "--field", package, "Description").splitlines()
        assert "Multipath TCP" in summary and summary.strip() not in [line.strip() for line in text]


def test_removing_the_hook_detaches_it_and_an_upgrade_reloads_it(bpf_deb, tmp_path):
    run("dpkg-deb", "--control", bpf_deb, tmp_path / "control")
    postinst, prerm, postrm = ((tmp_path / "control" / name).read_text() for name in ("postinst", "prerm", "postrm"))
    assert re.findall(r"deb-systemd-invoke ([\w-]+)", postinst) == ["reload-or-restart"]
    assert "[ -e /run/mptcp-keeper/program-hook/request ]" in postinst
    assert re.findall(r"deb-systemd-invoke ([\w-]+)", prerm) == ["stop"]
    assert prerm.index('if [ "$1" = remove ]') < prerm.index(" mask ") < prerm.index("program-hook detach")
    assert " unmask " in postinst and " unmask " in postrm


def test_the_rpm_of_the_hook_has_the_expected_files(rpms):
    rpm = second(rpms)
    assert rpm_files(rpm) == BPF_RPM
    needed = run("rpm", "--query", "--requires", "--package", rpm)
    assert f"mptcp-keeper = {version()}" in needed and "libbpf.so.1" in needed
    assert "libbpf" not in run("rpm", "--query", "--requires", "--package", rpms[0])
    assert "program-hook detach" in run("rpm", "--query", "--scripts", "--package", rpm)
