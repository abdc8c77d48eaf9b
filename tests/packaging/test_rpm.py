# SPDX-License-Identifier: LGPL-2.1-or-later
"""The spec: rpmbuild, rpmlint, the same files as cpack -G RPM, and installed, upgraded and erased with rpm --root."""

import re

import pytest
from builders import HERE, PACKAGING, run

UNITS = ["mptcp-keeper.service", "mptcp-keeper-boot.service", "mptcp-keeper-apply.service"]
# Fedora's and RHEL's default, and an administrator's who enables the daemon on all hosts.
FEDORA_PRESET = ("/usr/lib/systemd/system-preset/99-default-disable.preset", "disable *\n")
SITE_PRESET = ("/etc/systemd/system-preset/10-site.preset", "enable mptcp-keeper.service\n")
DATABASE = ["--dbpath", "/var/lib/rpm"]


def entries(package):
    """[(path, type and permissions, link target)] of an RPM."""
    shown = run("rpm", "--query", "--package", "--queryformat",
                "[%{FILENAMES}\t%{FILEMODES:perms}\t%{FILELINKTOS}\t%{FILEUSERNAME}\t%{FILEGROUPNAME}\n]", package)
    return sorted(tuple(line.split("\t")) for line in shown.splitlines() if "/.build-id" not in line)


def kept_files(root):
    """What of mptcp-keeper is in the root, apart from the packages themselves."""
    found = root.inside("find / -xdev -name '*mptcp-keeper*' -not -path '/packages*' -not -path '/proc*'")
    return sorted(found.split())


def states(root):
    """The state of each unit: enabled or disabled."""
    return [root.inside(f"systemctl is-enabled {unit}", expected=None).strip() for unit in UNITS]


def rpm(root, *arguments, expected=0):
    """Runs rpm on the root."""
    return root.run("rpm", "--root", root.path, *DATABASE, *arguments, expected=expected)


@pytest.fixture(scope="session")
def next_release(fedora):
    """The packages of a later release."""
    return fedora.next_release()


@pytest.mark.parametrize("name", ["mptcp-keeper", "mptcp-keeper-bpf"])
def test_the_spec_and_cpack_produce_the_same_files(fedora, cpack, name):
    assert entries(fedora.packages[name]) == entries(cpack["RPM"][name])


def test_the_spec_and_cpack_require_the_same(fedora, cpack):
    """Apart from the C++ libraries and Nettle, which only distributions link dynamically."""
    for name in ("mptcp-keeper", "mptcp-keeper-bpf"):
        required = [{re.split(r"[\s(]", line)[0] for line in run("rpm", "-qp", "--requires", package).splitlines()
                     if not line.startswith("(mptcp-keeper-selinux")}
                    for package in (fedora.packages[name], cpack["RPM"][name])]
        ours, quick = ({one for one in names if not re.match(r"ld-linux|lib(fmt|gcc_s|m|nettle|stdc\+\+|yaml-cpp)\.so", one)}
                       for names in required)
        assert ours == quick, name


def test_rpmlint_finds_nothing(fedora):
    unused = [] if fedora.has_selinux else ["--ignore-unused-rpmlintrc"]
    shown = run("rpmlint", *unused, "--config", HERE / "rpmlint.toml", "--rpmlintrc", PACKAGING / "rpm/mptcp-keeper.rpmlintrc",
                fedora.spec, *fedora.packages.values())
    assert re.search(r"\b0 errors, 0 warnings\b", shown), shown


def test_the_selinux_package_has_the_module(fedora):
    if not fedora.has_selinux:
        pytest.skip("needs packaging/selinux and selinux-policy-dev")
    assert [path for path, mode, *_ in entries(fedora.packages["mptcp-keeper-selinux"]) if mode.startswith("-")] == [
        "/usr/share/licenses/mptcp-keeper-selinux/LICENSE",
        "/usr/share/selinux/devel/include/distributed/mptcp_keeper.if",
        "/usr/share/selinux/packages/targeted/mptcp_keeper.pp.bz2",
        "/var/lib/selinux/targeted/active/modules/200/mptcp_keeper"]


def test_installed_upgraded_and_erased(fedora, next_release, root):
    host = root()
    host.write(*FEDORA_PRESET)
    names = ["mptcp-keeper", "mptcp-keeper-bpf"]
    first, second = ([packages[name] for name in names] for packages in (fedora.packages, next_release))
    rpm(host, "--install", "--nodeps", *first)
    assert rpm(host, "--verify", "--nodeps", *names) == "", "all files are as packed"
    assert states(host) == ["disabled"] * 3, "the preset decides"

    host.write("/etc/mptcp-keeper/config.yaml", "limits: {subflows: 3}\n")
    host.write("/var/lib/mptcp-keeper/state.json", "{}\n")
    host.inside("systemctl enable mptcp-keeper.service")
    rpm(host, "--upgrade", "--nodeps", *second)
    assert {line.split("-")[-1] for line in rpm(host, "--query", *names).split()} == {"1.next.x86_64"}
    assert rpm(host, "--verify", "--nodeps", *names) == ""
    assert states(host) == ["enabled", "enabled", "disabled"], "an upgrade changes nothing"
    assert host.inside("cat /etc/mptcp-keeper/config.yaml") == "limits: {subflows: 3}\n"

    rpm(host, "--erase", *names)
    assert kept_files(host) == ["/etc/mptcp-keeper", "/var/lib/mptcp-keeper"], "no unit and no link that enables one"
    assert host.inside("ls /etc/mptcp-keeper /var/lib/mptcp-keeper").split() == [
        "/etc/mptcp-keeper:", "config.yaml", "/var/lib/mptcp-keeper:", "state.json"]


def test_a_preset_of_the_site_enables_the_units(fedora, cpack, root):
    for packages in (fedora.packages, cpack["RPM"]):
        host = root()
        host.write(*FEDORA_PRESET)
        host.write(*SITE_PRESET)
        rpm(host, "--install", "--nodeps", packages["mptcp-keeper"])
        assert states(host) == ["enabled", "enabled", "disabled"]
        rpm(host, "--erase", "mptcp-keeper")
        assert kept_files(host) == []


def test_the_installed_program_runs(fedora, root):
    """With the libraries of this machine."""
    host = root()
    rpm(host, "--install", "--nodeps", fedora.packages["mptcp-keeper"])
    shown = host.run("sh", "-ec", 'cd "$1" && ./usr/sbin/mptcp-keeper --version && '
                     'for file in usr/share/doc/mptcp-keeper/examples/*.yaml; do ./usr/sbin/mptcp-keeper check "$file"; done',
                     "sh", host.path)
    assert shown.splitlines()[0] == "mptcp-keeper 0.1.0" and shown.count(": valid") >= 4
