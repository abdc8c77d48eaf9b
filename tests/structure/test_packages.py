# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages that cpack creates: their files, paths and scripts, and the checks of the distributions."""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("KEEPER_BUILD_DIR", ROOT / "build"))
PROGRAM = BUILD / "mptcp-keeper"

# Every file; a name that ends in / is a folder owned by the package.
COMMON = {
    "/etc/mptcp-keeper/",
    "/etc/mptcp-keeper/conf.d/",
    "/usr/lib/NetworkManager/dispatcher.d/90-mptcp-keeper",
    "/usr/lib/NetworkManager/dispatcher.d/no-wait.d/90-mptcp-keeper",
    "/usr/lib/mptcp-keeper/",
    "/usr/lib/mptcp-keeper/apply-on-event",
    "/usr/lib/mptcp-keeper/bus.so",
    "/usr/lib/mptcp-keeper/conf.d/",
    "/usr/lib/mptcp-keeper/unit-environment",
    "/usr/lib/mptcp-keeper/unprivileged/",
    *(f"/usr/lib/mptcp-keeper/unprivileged/{name}" for name in (
        "daemon.conf", "oneshot.conf", "polkit.rules", "switch", "sysusers.conf", "tmpfiles.conf")),
    "/usr/lib/systemd/system-generators/mptcp-keeper-generator",
    "/usr/lib/systemd/system/mptcp-keeper-apply.path",
    "/usr/lib/systemd/system/mptcp-keeper-apply.service",
    "/usr/lib/systemd/system/mptcp-keeper-boot.service",
    "/usr/lib/systemd/system/mptcp-keeper.service",
    "/usr/sbin/mptcp-keeper",
    "/usr/share/bash-completion/completions/mptcp-keeper",
    "/usr/share/doc/mptcp-keeper/",
    "/usr/share/doc/mptcp-keeper/README.md",
    "/usr/share/doc/mptcp-keeper/CHANGELOG.md",
    "/usr/share/doc/mptcp-keeper/examples/",
    *(f"/usr/share/doc/mptcp-keeper/{path.relative_to(ROOT)}{'/' if path.is_dir() else ''}"
      for path in (ROOT / "examples").rglob("*") if not re.fullmatch(r"demo\.sh|.*\.pyc|__pycache__|\..*", path.name)),
    "/usr/share/fish/vendor_completions.d/mptcp-keeper.fish",
    "/usr/share/man/man1/mptcp-keeper.1.gz",
    "/usr/share/man/man5/mptcp-keeper.yaml.5.gz",
    "/usr/share/man/man8/mptcp-keeper.service.8.gz",
    "/usr/share/mptcp-keeper/",
    "/usr/share/mptcp-keeper/schema.json",
}
DEB = COMMON - {"/usr/share/doc/mptcp-keeper/CHANGELOG.md"} | {
    "/usr/share/doc/mptcp-keeper/changelog.Debian.gz",
    "/usr/lib/systemd/system-preset/90-mptcp-keeper.preset",
    "/usr/share/doc/mptcp-keeper/changelog.gz",
    "/usr/share/doc/mptcp-keeper/copyright",
    "/usr/share/lintian/overrides/mptcp-keeper",
    "/usr/share/zsh/vendor-completions/_mptcp-keeper",
}
RPM = COMMON | {
    "/usr/share/licenses/mptcp-keeper/",
    "/usr/share/licenses/mptcp-keeper/LICENSE",
    "/usr/share/zsh/site-functions/_mptcp-keeper",
}

HAS_BPF = (BUILD / "lib" / "program-hook").exists()


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing")


def run(*command, expected=0):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == expected, f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}"
    return done.stdout


def cpack(generator, folder):
    """Creates the packages in `folder`; returns the paths of mptcp-keeper and, if it was built, of mptcp-keeper-bpf.
    The program must be built; nothing is compiled."""
    if not PROGRAM.exists():
        pytest.skip("mptcp-keeper was not built")
    run("cpack", "-G", generator, "-B", folder, "--config", BUILD / "CPackConfig.cmake")
    packages = sorted(folder.glob(f"*.{generator.lower()}"), key=lambda path: "mptcp-keeper-bpf" in path.name)
    assert ["mptcp-keeper-bpf" in path.name for path in packages] == [False, True][:1 + HAS_BPF]
    return packages


@pytest.fixture(scope="module")
def debs(tmp_path_factory):
    need("cpack", "dpkg-deb", "dpkg-shlibdeps")
    return cpack("DEB", tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="module")
def deb(debs):
    return debs[0]


@pytest.fixture(scope="module")
def rpms(tmp_path_factory):
    need("cpack", "rpmbuild", "rpm")
    return cpack("RPM", tmp_path_factory.mktemp("rpm"))


@pytest.fixture(scope="module")
def rpm(rpms):
    return rpms[0]


@pytest.fixture(scope="module")
def tree(deb, tmp_path_factory):
    """The Debian package's files, unpacked."""
    folder = tmp_path_factory.mktemp("tree")
    run("dpkg-deb", "--extract", deb, folder)
    return folder


def version():
    return re.search(r"project\(mptcp-keeper VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


def debian_version():
    return re.match(r"mptcp-keeper \((\S+)\) ", (ROOT / "packaging" / "debian" / "changelog").read_text())[1]


def deb_entries(deb):
    """[(mode, owner, path, link target or None)]; folders end in /."""
    for line in run("dpkg-deb", "--contents", deb).splitlines():
        mode, owner, _, _, _, path, *link = line.split()
        yield mode, owner, path.removeprefix("."), link[1] if link else None


def test_the_debian_package_has_the_expected_files(deb):
    paths = {path for _, _, path, _ in deb_entries(deb)}
    above = {f"{parent}/" for path in DEB for parent in Path(path).parents} | {"//", "/"}
    assert paths - above == DEB - above
    assert deb.name == f"mptcp-keeper_{debian_version()}_{run('dpkg', '--print-architecture').strip()}.deb"


def test_all_files_are_owned_and_writable_by_root_only(debs):
    wrong = [(mode, owner, path) for package in debs for mode, owner, path, link in deb_entries(package)
             if owner != "root/root" or (link is None and mode not in ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"))]
    assert wrong == []


def test_network_manager_runs_the_script_without_waiting(deb):
    """nm-dispatcher requires a link from dispatcher.d into no-wait.d, and an executable there."""
    entries = {path: (mode, link) for mode, _, path, link in deb_entries(deb)}
    assert entries["/usr/lib/NetworkManager/dispatcher.d/90-mptcp-keeper"][1] == "no-wait.d/90-mptcp-keeper"
    assert entries["/usr/lib/NetworkManager/dispatcher.d/no-wait.d/90-mptcp-keeper"] == ("-rwxr-xr-x", None)


def test_the_debian_package_declares_its_dependencies(deb):
    fields = {name: run("dpkg-deb", "--field", deb, name).strip()
              for name in ("Depends", "Recommends", "Suggests", "Version")}
    needed = {dependency.split()[0] for dependency in fields["Depends"].split(", ")}
    assert {"libmnl0", "libc6", "libsystemd0"} <= needed, "also what the module requires"
    assert not {"libnm0", "network-manager"} & needed
    assert (fields["Recommends"], fields["Suggests"]) == ("network-manager (>= 1.40)", "mptcpize")
    assert fields["Version"] == debian_version() and debian_version().startswith(f"{version()}-")


def test_units_start_what_is_in_the_package(tree):
    started = set()
    for unit in (tree / "usr/lib/systemd/system").glob("*.service"):
        started |= set(re.findall(r"^ExecStart=(\S+)", unit.read_text(), re.MULTILINE))
    assert started == {"/usr/sbin/mptcp-keeper", "/usr/lib/mptcp-keeper/apply-on-event"}
    assert [path for path in started if not os.access(tree / path.lstrip("/"), os.X_OK)] == []


def test_programs_are_stripped(tree):
    need("readelf")
    assert ".debug_info" not in run("readelf", "--sections", "--wide", tree / "usr/sbin/mptcp-keeper")


def test_the_program_finds_its_module_and_searches_nowhere_else(tree):
    need("readelf")
    dynamic = run("readelf", "--dynamic", "--wide", tree / "usr/sbin/mptcp-keeper")
    assert "RUNPATH" not in dynamic and "RPATH" not in dynamic
    paths = set(re.findall(rb"/[ -~]*/bus\.so", (tree / "usr/sbin/mptcp-keeper").read_bytes()))
    assert paths == {b"/usr/lib/mptcp-keeper/bus.so"}
    assert (tree / "usr/lib/mptcp-keeper/bus.so").is_file()


def test_maintainer_scripts_are_sound(debs, tmp_path):
    need("shellcheck")
    for package in debs:
        run("dpkg-deb", "--control", package, tmp_path / package.name)
        scripts = sorted((tmp_path / package.name).glob("p*"))
        assert [script.name for script in scripts] == ["postinst", "postrm", "prerm"]
        assert [script.name for script in scripts if not os.access(script, os.X_OK)] == []
        run("shellcheck", *scripts)
    run("shellcheck", "--shell=sh", *sorted((ROOT / "packaging" / "rpm").rglob("p*[tn]")))


def test_installing_neither_enables_nor_starts(deb, tmp_path):
    run("dpkg-deb", "--control", deb, tmp_path / "control")
    postinst = (tmp_path / "control/postinst").read_text()
    assert re.findall(r"deb-systemd-invoke ([\w-]+)", postinst) == ["daemon-reload", "try-restart"]
    assert "was-enabled" in postinst.split("deb-systemd-helper enable")[0].rsplit("if ", 1)[1]


def test_lintian_finds_no_error(debs):
    need("lintian")
    print(run("lintian", "--fail-on", "error,warning", "--allow-root", *debs))


def rpm_files(rpm):
    """The files of the package, all owned by root."""
    paths = set()
    for line in run("rpm", "--query", "--list", "--verbose", "--package", rpm).splitlines():
        mode, _, owner, group = line.split()[:4]
        path = re.search(r" (/\S+)", line)[1]
        assert (owner, group) == ("root", "root")
        if not path.startswith("/usr/lib/.build-id"):
            paths.add(path + "/" if mode.startswith("d") else path)
    return paths


def test_the_rpm_has_the_expected_files(rpm):
    assert rpm_files(rpm) == RPM


def test_the_rpm_follows_presets_and_restarts_what_runs(rpm):
    scripts = run("rpm", "--query", "--scripts", "--package", rpm)
    assert re.findall(r"systemctl ([\w -]*?(?:preset|disable|daemon-reload|try-restart))\b", scripts) == [
        "--no-reload preset", "daemon-reload", "--no-reload disable", "--no-reload disable", "daemon-reload",
        "try-restart"]
    assert "Declare the Multipath TCP" in run("rpm", "--query", "--info", "--package", rpm)
    needed = run("rpm", "--query", "--requires", "--package", rpm)
    assert "libmnl.so.0" in needed and "libsystemd.so.0" in needed and "NetworkManager" not in needed
    assert "NetworkManager >= 1.40" in run("rpm", "--query", "--recommends", "--package", rpm)


def test_manual_pages_are_sound(tree):
    need("man", "groff")
    pages = sorted((tree / "usr/share/man").rglob("*.gz"))
    assert len(pages) == 3
    for page in pages:
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                              check=False, env={**os.environ, "MANWIDTH": "100", "MANROFFSEQ": ""})
        assert (done.returncode, done.stderr) == (0, "")


def options(*command):
    """The long options that --help has for the program or for a command."""
    own = set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", run(PROGRAM, *command, "--help"), re.MULTILINE))
    return own - {"--help"} if command else own


def commands():
    """The commands of the program, from its --help."""
    text = run(PROGRAM, "--help")
    return sorted(re.findall(r"^  ([a-z]+) {2,}\S", text.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE))


def manual_page(tree, name):
    with gzip.open(next((tree / "usr/share/man").rglob(f"{name}.gz")), "rt") as page:
        return re.sub(r"\\f[BIR]", "", page.read()).replace("\\-", "-")


def manual_of_command(tree, command):
    """The text about a command in mptcp-keeper.1, or about the global options if it is empty."""
    page = manual_page(tree, "mptcp-keeper.1")
    if not command:
        return page.split(".SH OPTIONS")[1].split(".SH ")[0]
    return re.search(rf'^\.SS "{command}\b.*?(?=^\.S)', page, re.MULTILINE | re.DOTALL)[0]


def test_every_option_is_in_the_manual(tree):
    assert len(commands()) >= 13
    missing = {}
    for command in ["", *commands()]:
        terms = re.findall(r"^\.TP\n(.*)$", manual_of_command(tree, command), re.MULTILINE)
        described = set(re.findall(r"--[a-z-]+", " ".join(terms)))
        missing[command] = options(*command.split()) ^ described
    assert {command: names for command, names in missing.items() if names} == {}


def test_manual_contains_the_help_of_each_command(tree):
    for command in commands():
        behind_options = run(PROGRAM, command, "--help").split("\nOptions:")[1].split("\n\n")[1]
        assert " ".join(behind_options.replace("`", "").split()) in " ".join(manual_of_command(tree, command).split()), command


def test_every_exit_code_of_a_command_is_in_the_manual(tree):
    status = manual_page(tree, "mptcp-keeper.1").split(".SH EXIT STATUS")[1].split(".SH ")[0]
    with_2 = next(text for text in status.split(".TP\n") if text.startswith("2\n"))
    for command in commands():
        documented = (run(PROGRAM, command, "--help") + "Exit codes: 0").split("Exit codes:")[1].split("\n\n")[0]
        codes = set(re.findall(r"\b\d+\b", documented))
        assert [code for code in codes if f".TP\n{code}\n" not in status] == [], command
        assert ("2" in codes) == bool(re.search(rf"(?<![-\w]){command}\b", with_2)), command


def test_every_exclusion_of_the_program_hook_is_in_the_manual(tree):
    declared = "sysctl: {enabled: true}\napplications: {all: true}\n"
    shown = subprocess.run([PROGRAM, "--config", "-", "--json", "status"], input=declared, capture_output=True, text=True)
    excluded = set(json.loads(shown.stdout)["program_hook"]["excluded"])
    page = manual_page(tree, "mptcp-keeper.service.8").replace("\\-", "-").replace("\\&", "")
    listed = page.split("MPTCP sockets lack:")[1].split("mptcp-keeper status")[0].rpartition(".\n")[0]
    listed = re.sub(r"^\.\w+.*$", "", listed, flags=re.MULTILINE).rstrip(".\n")
    assert {name.strip() for name in listed.replace("\n", " ").split(",")} == excluded != set()


def test_every_key_of_the_configuration_is_in_the_manual(tree):
    terms = re.findall(r"^\.TP\n(.*)$", manual_page(tree, "mptcp-keeper.yaml.5"), re.MULTILINE)
    schema = json.loads(run(PROGRAM, "schema"))
    keys = set(schema["properties"])
    for name in ("profiles", "endpoints"):
        keys |= set(schema["properties"][name]["items"]["properties"])
    for name in ("applications", "reconcile"):
        keys |= set(schema["properties"][name]["properties"])
    assert keys - set(terms) == set()


def completed_by_bash(script, *words):
    """The completions that bash offers for the last word."""
    typed = " ".join(f"'{word}'" for word in words)
    program = (f"source '{script}'; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _mptcp_keeper; "
               'printf "%s\\n" "${COMPREPLY[@]}"')
    return set(run("bash", "-c", program).split())


def test_bash_offers_every_command_option_and_word(tree, tmp_path):
    script = tree / "usr/share/bash-completion/completions/mptcp-keeper"
    assert completed_by_bash(script, "mptcp-keeper", "") == set(commands())
    assert completed_by_bash(script, "mptcp-keeper", "-") == options()
    for command in commands():
        assert completed_by_bash(script, "mptcp-keeper", command, "--") == options() | options(command), command
    assert completed_by_bash(script, "mptcp-keeper", "apply", "--only", "a") == {"applications"}
    assert completed_by_bash(script, "mptcp-keeper", "--log-level", "") == {"error", "warning", "info", "debug"}
    (tmp_path / "site.yaml").touch()
    for words in (["--config"], ["check"]):
        assert completed_by_bash(script, "mptcp-keeper", *words, f"{tmp_path}/") == {f"{tmp_path}/site.yaml"}
    if shutil.which("shellcheck"):
        run("shellcheck", script)


def test_fish_offers_every_command_option_and_word(tree):
    need("fish")
    script = tree / "usr/share/fish/vendor_completions.d/mptcp-keeper.fish"

    def offered(line):
        text = run("fish", "--no-config", "-c", f"source '{script}'; complete -C '{line}'")
        return {offer.split("\t")[0] for offer in text.splitlines()}
    assert offered("mptcp-keeper ") == set(commands())
    for command in commands():
        assert offered(f"mptcp-keeper {command} --") == options() | options(command), command
    assert offered("mptcp-keeper apply --only a") == {"applications"}
    assert "cat" in offered("mptcp-keeper run ca")


@pytest.mark.parametrize("shell, path, spelled", [
    ("zsh", "usr/share/zsh/vendor-completions/_mptcp-keeper", "{option}["),
    ("fish", "usr/share/fish/vendor_completions.d/mptcp-keeper.fish", " -l {name} "),
])
def test_the_other_shells_know_every_command_and_option(tree, shell, path, spelled):
    text = (tree / path).read_text()
    if shutil.which(shell):
        run(shell, "-n", tree / path)
    parts = {"zsh": lambda command: re.search(rf"^  {command}\)\n(.*?)^    ;;", text, re.MULTILINE | re.DOTALL),
             "fish": lambda command: re.search(rf"((?:^.*from {command}'.*\n)+)", text, re.MULTILINE)}
    head = text.split("case $words")[0] if shell == "zsh" else text
    assert [command for command in commands() if not re.search(rf"\b{command}\b", head)] == []
    for command in commands():
        found = parts[shell](command)
        for option in sorted(options(command)):
            assert spelled.format(option=option, name=option[2:]) in found[1], (command, option)
    for option in sorted(options() - {"--help"}):
        assert spelled.format(option=option, name=option[2:]) in head, option
