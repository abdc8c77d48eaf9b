# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rules for the sources that no compiler checks: sizes, includes between folders, formatting."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
SOURCE_FOLDERS = ("src", "tests", "examples", "dispatcher.d", "systemd")

# The folders that each folder of src includes, in addition to itself. There are no cycles.
ARROWS = {
    "base": set(),
    "model": {"base"},
    "config": {"base", "model"},
    "plan": {"base", "model", "applications"},
    "applications": {"base", "model"},
    "hook": {"base", "applications"},
    "daemon_record": {"base", "model", "plan"},
    "host_config": {"base", "model"},
    "doctor": {"base", "model", "plan", "applications", "host_config"},
    "status": {"base", "model", "plan", "applications", "daemon_record"},
    "export": {"base", "model", "config", "plan", "host_config"},
    "report": {"base", "model", "config", "plan", "host_config", "daemon_record", "status"},
    "netlink": {"base", "model"},
    "ports": {"base", "model", "daemon_record"},
    "adapters": {"base", "model", "daemon_record", "ports", "netlink", "applications"},
    "engine": {"base", "model", "plan", "applications", "ports"},
    "daemon": {"base", "model", "config", "daemon_record", "status", "report", "host_config", "ports", "engine"},
    "cli": {"base", "model", "config", "plan", "applications", "host_config", "doctor", "status", "export", "report",
            "ports", "engine", "daemon"},
    "manual": {"base", "cli"},
}
# The core decides and does no I/O of its own; the codec turns bytes into values and back.
PURE_FOLDERS = ("base", "model", "config", "plan", "applications", "host_config", "daemon_record", "doctor", "status",
                "export", "report")
IMPURE_HEADER = re.compile(r"glib|gio/|NetworkManager|nm-|libmnl/|systemd/|sys/(socket|un|stat|mount|inotify|wait)\.h"
                           r"|fcntl\.h|dirent\.h|unistd\.h|poll\.h|fstream$|filesystem$|cstdio$|iostream$|CLI/")
CODEC_IMPURE_HEADER = re.compile(r"glib|gio/|NetworkManager|nm-|systemd/|sys/un\.h")

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def files(*suffixes):
    for folder in SOURCE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path


def cpp_files():
    """The sources in C++, and those of the BPF program in C."""
    return files(".cpp", ".hpp", ".h", ".c")


def shell_scripts():
    other = [*(ROOT / ".ci").glob("*"), *(ROOT / "dispatcher.d").glob("*"), *(ROOT / "packaging").rglob("*")]
    for path in [*files(".sh"), *sorted(other)]:
        if path.is_file() and re.match(rb"#!.*\b(ba)?sh\b", path.read_bytes()[:80]):
            yield path


def name(path):
    return str(path.relative_to(ROOT))


def includes(path):
    return re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', path.read_text(), re.MULTILINE)


def test_files_are_short():
    sizes = {name(path): len(path.read_text().splitlines()) for path in files(".cpp", ".hpp", ".h", ".c", ".py", ".sh")}
    assert {path: size for path, size in sizes.items() if size > MAX_FILE_LINES} == {}


def long_functions(path):
    """Functions as formatted by clang-format: the closing brace has the indent of the first line."""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        opening = re.match(r"^( {0,8})(\S.*)?\)( const)?( noexcept)?( override)?( -> .*)? \{$", line)
        if not opening or re.match(r"^ *(\} else )?(if|for|while|switch|catch|namespace)\b", line):
            continue
        end = next((i for i in range(number, len(lines)) if lines[i].startswith(opening[1] + "}")), number)
        size = len(without_tables(lines[number : end + 1]))
        if size > MAX_FUNCTION_LINES:
            yield f"{name(path)}:{number + 1}: {size} lines"


def without_tables(lines):
    """Leaves out the inner lines of constant tables and raw strings, which do not count."""
    kept, end = [], None
    for line in lines:
        if end is None:
            kept.append(line)
            table = re.match(r"^( *)(static|constexpr|const) .*\{$", line)
            text = re.search(r'R"(\w*)\((?!.*\)\1")', line)
            if table:
                end = re.compile("^" + table[1] + r"\}")
            elif text:
                end = re.compile(r"\)" + text[1] + '"')
        elif end.search(line):
            end = None
    return kept


def test_functions_fit_one_screen():
    assert [long for path in cpp_files() for long in long_functions(path)] == []


def test_arrows_between_the_folders_point_one_way():
    wrong, used = [], {folder: set() for folder in ARROWS}
    for folder in sorted((ROOT / "src").iterdir()):
        if not folder.is_dir():
            continue
        assert folder.name in ARROWS, f"src/{folder.name} is missing in ARROWS: add the folders that it includes"
        for path in sorted(folder.rglob("*.[ch]*")):
            for kind, header in includes(path):
                target = header.split("/")[0]
                if kind == '"' and "/" in header and target != folder.name:
                    used[folder.name].add(target)
                    if target not in ARROWS[folder.name]:
                        wrong.append(f"{name(path)} includes {header}")
    assert wrong == []
    assert used == ARROWS, "each row names exactly the folders that are included"


def test_the_core_includes_no_system_library():
    wrong = []
    folders = [(ROOT / "src" / folder, IMPURE_HEADER) for folder in PURE_FOLDERS]
    folders.append((ROOT / "src" / "netlink" / "codec", CODEC_IMPURE_HEADER))
    for folder, impure in folders:
        for path in sorted([*folder.rglob("*.hpp"), *folder.rglob("*.cpp")]):
            wrong += [f"{name(path)} includes {header}" for _, header in includes(path) if impure.search(header)]
    assert wrong == []


# The files that may write to a terminal, a log or the journal. Each uses base/text/printable.hpp, so that the name of a
# profile, a process or a unit cannot move the cursor or start a new line.
OUTPUTS = {"src/adapters/terminal/screen.cpp", "src/adapters/service/journal_log.cpp",
           "src/adapters/service/systemd_service.cpp", "src/cli/console.cpp", "src/generator.cpp",
           "src/program_hook.cpp", "src/adapters/terminal/try_wait.cpp"}
# A tool of the build, and the program that prints only names of variables and units, which it validates.
QUIET = {"src/manual.cpp", "src/unit_environment.cpp"}
OUTPUT = re.compile(r"\b(std::(cout|cerr|clog)|f?printf\(|f?puts\(|perror\(|fwrite\(|syslog\(|sd_journal_\w+\(|sd_notify\w*\("
                    r"|write(_all)?\((STDOUT_FILENO|STDERR_FILENO|1|2|out_|err_|output_))")


def test_every_output_goes_through_the_sanitiser():
    writers = {name(path) for path in (ROOT / "src").rglob("*.cpp") if OUTPUT.search(path.read_text())}
    assert writers - QUIET <= OUTPUTS
    for path in OUTPUTS:
        assert "printable" in (ROOT / path).read_text(), path


def test_own_headers_are_included_by_their_path_below_src():
    wrong = [
        f"{name(path)} includes {header}"
        for path in (ROOT / "src").rglob("*.[ch]*")
        for kind, header in includes(path)
        if kind == '"' and not (ROOT / "src" / header).is_file() and not header.endswith(".skel.h")
    ]
    assert wrong == []


def test_every_source_names_its_licence():
    scripts = [*files(".py", ".sh"), *shell_scripts()]
    missing = [name(path) for path in [*cpp_files(), *scripts]
               if "SPDX-License-Identifier: LGPL-2.1-or-later" not in path.read_text()[:200]]
    assert missing == []


def test_every_header_is_guarded_by_pragma_once():
    headers = [path for path in cpp_files() if path.suffix in (".hpp", ".h")]
    assert [name(path) for path in headers if "#pragma once" not in path.read_text()] == []


def test_sources_have_no_todo_and_name_no_machine():
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|DISABLED" + r"_")
    machine = re.compile(r"(?<![\w.])/(work|farm)/")
    hits = []
    for path in files(".cpp", ".hpp", ".h", ".c", ".py", ".sh", ".yaml", ".txt", ".service"):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if later.search(line) or machine.search(line):
                hits.append(f"{name(path)}:{number}: {line.strip()}")
    assert hits == []


def test_layout_is_clang_formats():
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not tool:
        pytest.skip("clang-format is not installed")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if " version 14." not in version:
        pytest.skip(f"the sources are formatted with clang-format 14; found: {version.strip()}")
    sources = [str(path) for path in cpp_files()]
    result = subprocess.run([tool, "--dry-run", "-Werror", *sources], cwd=ROOT, capture_output=True, text=True)
    wrong = sorted({line.split(": error:")[0] for line in result.stderr.splitlines() if ": error:" in line})
    assert (result.returncode, wrong) == (0, [])


def test_shell_scripts_pass_shellcheck():
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    scripts = [name(path) for path in shell_scripts()]
    result = subprocess.run(["shellcheck", "-x", *scripts], cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "")
