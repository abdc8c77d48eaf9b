# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line: usage errors, exit codes, --json without other output, files and standard input. No test changes
the host."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

KEEPER = os.environ.get("MPTCP_KEEPER", str(Path(__file__).resolve().parents[2] / "build" / "mptcp-keeper"))
NOBODY = 65534

VALID = "sysctl:\n  enabled: true\nlimits:\n  subflows: 3\n"
INVALID = "limits:\n  subflow: 3\n"


def keeper(*arguments, text=None, **options):
    feed = {"input": text} if text is not None else {"stdin": subprocess.DEVNULL}
    command = [KEEPER, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, **feed, **options)


@pytest.fixture
def valid(tmp_path):
    path = tmp_path / "valid.yaml"
    path.write_text(VALID)
    return path


@pytest.fixture
def invalid(tmp_path):
    path = tmp_path / "invalid.yaml"
    path.write_text(INVALID)
    return path


def test_version_is_that_of_the_project():
    result = keeper("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, "mptcp-keeper 0.1.0\n", "")


def commands():
    """The commands that --help lists."""
    listed = keeper("--help").stdout.split("\nSubcommands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  ([a-z]+)\b", listed, re.MULTILINE)


def test_every_command_has_help_with_its_exit_codes():
    assert len(commands()) >= 13
    for command in commands():
        result = keeper(command, "--help")
        assert (result.returncode, result.stderr) == (0, "")
        assert f"Usage: mptcp-keeper {command} [OPTIONS]" in result.stdout
        assert command == "schema" or "Exit codes: 0" in result.stdout, command


@pytest.mark.parametrize("line", ["apply --only nonsense --help", "status --interval 5x --help",
                                  "--log-level loud check --help", "--log-level loud --version"])
def test_a_wrong_value_does_not_hide_the_help(line):
    done = keeper(*line.split())
    assert done.returncode == 0 and done.stdout and not done.stderr



def test_help_fits_in_80_columns():
    for command in ["", *commands()]:
        shown = keeper(*command.split(), "--help").stdout
        assert [line for line in shown.splitlines() if len(line) > 80] == [], command


@pytest.mark.parametrize("command", ["", "check", "apply", "run", "connections", "status", "doctor", "monitor"])
def test_help_lists_options_in_two_columns_whatever_the_release_of_cli11(command):
    shown = keeper(*command.split(), "--help").stdout
    sections = dict(re.findall(r"^(Positionals|Options|Subcommands):\n(.*?)(?:\n\n|\Z)", shown,
                               re.MULTILINE | re.DOTALL))
    assert "Options" in sections and ("Subcommands" in sections) == (command == "")
    assert ("Positionals" in sections) == (command in ("check", "run"))
    for line in "\n".join(sections.values()).splitlines():
        assert len(line) <= 80 and re.match(r"  \S|" + " " * 30 + r"\S", line), line
    assert shown.splitlines()[1].startswith(f"Usage: {f'mptcp-keeper {command}'.strip()} [OPTIONS]")
    assert "INT in" not in shown, "CLI11's description of a range"


WRONG_USAGE = [
    "",
    "frobnicate",
    "check --frobnicate",
    "--config",
    "diff a.yaml",
    "diff check",
    "apply --only sysctls",
    "apply --only=",
    "apply --only",
    "apply --boot --only profiles",
    "--log-level loud check",
    "--root /mnt diff",
    "apply --root /mnt",
    "status --root=/mnt",
    "reset --root /mnt",
    "run",
    "run --",
    "status --watch --interval soon",
    "status --interval 10ms",
    "check --config a.yaml b.yaml",
    "doctor --probe nowhere",
    "doctor --explain NONE",
]


@pytest.mark.parametrize("line", WRONG_USAGE)
def test_wrong_usage_exits_64_and_points_at_the_help(line):
    result = keeper(*line.split())
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr.startswith("mptcp-keeper: ")
    assert "--help`" in result.stderr


@pytest.mark.parametrize("line, start", [
    ("statsu", 'unknown command "statsu"; did you mean "status"? Try `mptcp-keeper --help`'),
    ("--json conections --watch", 'unknown command "conections"; did you mean "connections"?'),
    ("frobnicate", 'unknown command "frobnicate"; expected check, diff, apply, '),
    ("--watch", 'unknown option "--watch"; a command is required; try `mptcp-keeper --help`'),
    ("", "a command is required: check, diff, apply, "),
    ("--json", "a command is required: check, diff, apply, "),
    ("run", "COMMAND is required"),
    ("apply --only sysctls", '--only: unknown kind "sysctls"; did you mean "sysctl"?'),
    ("--log-level loud check", '--log-level: unknown level "loud"; expected error, warning, info or debug;'),
    ("status --interval 10ms", '--interval: invalid time "10ms"; expected 100ms to 1h'),
    ("status --root /mnt", "--root works with check, export, config and schema; "),
    ("check --config a.yaml b.yaml", "name the files either after check or with --config, not both; "),
    ("doctor --explain RP_FILTER_STRICK", '--explain: unknown code "RP_FILTER_STRICK"; did you mean "RP_'),
])
def test_an_unknown_command_is_reported_with_the_nearest_one(line, start):
    assert keeper(*line.split()).stderr.startswith(f"mptcp-keeper: {start}")


def test_doctor_explains_a_code_and_examines_nothing():
    result = keeper("doctor", "--explain", "RP_FILTER_STRICT")
    assert (result.returncode, result.stderr) == (0, "")
    assert "rp_filter" in result.stdout
    document = json.loads(keeper("doctor", "--explain", "RP_FILTER_STRICT", "--json").stdout)
    assert document["code"] == "RP_FILTER_STRICT" and document["explanation"].strip() == result.stdout.strip()


def test_wrong_usage_with_json_is_one_document():
    result = keeper("--json", "frobnicate")
    assert result.returncode == 64
    assert list(json.loads(result.stdout)) == ["error"]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_global_options_are_accepted_before_and_after_the_command(valid, before):
    options = ["--config", valid, "--json", "--log-level", "error"]
    result = keeper(*options, "check") if before else keeper("check", *options)
    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document.pop("config")["files"] == [str(valid)]
    assert document == {"valid": True, "errors": [], "warnings": []}


def test_check_names_the_place_with_a_caret(invalid):
    result = keeper("check", invalid)
    assert (result.returncode, result.stdout) == (65, "")
    lines = result.stderr.splitlines()
    assert lines[0].startswith(f"{invalid}:2:3: ")
    assert "subflows" in lines[0]
    assert lines[1:3] == ["  subflow: 3", "  ^"]


def test_check_json_of_an_invalid_file_is_the_check_document(invalid):
    result = keeper("check", "--json", invalid)
    assert result.returncode == 65
    document = json.loads(result.stdout)
    assert list(document) == ["valid", "errors", "warnings", "config"]
    assert document["valid"] is False and document["config"] is None
    (error,) = document["errors"]
    assert list(error) == ["file", "line", "column", "message"]
    assert (error["file"], error["line"], error["column"]) == (str(invalid), 2, 3)
    assert f"{invalid}:2:3: " in result.stderr


@pytest.mark.parametrize("command", ["check", "diff", "apply", "status", "config"])
def test_an_invalid_configuration_exits_65_with_the_check_document(invalid, command):
    result = keeper(command, "--json", "--config", invalid)
    assert result.returncode == 65
    assert json.loads(result.stdout)["valid"] is False
    assert "invalid" in result.stderr


def test_check_reads_standard_input():
    assert keeper("check", "-", text=VALID).returncode == 0
    assert keeper("--config", "-", "check", text=VALID).returncode == 0
    assert keeper("check", "-", text=INVALID).returncode == 65


def test_check_merges_the_files_given(tmp_path, valid):
    one = tmp_path / "one.yaml"
    one.write_text("sysctl: {path_manager: kernel}\n")
    clash = tmp_path / "clash.yaml"
    clash.write_text("sysctl: {pm_type: 0}\n")
    assert keeper("check", valid, one).returncode == 0
    assert keeper("check", one, clash).returncode == 65


def test_the_later_file_overrides(tmp_path, valid):
    folder = tmp_path / "etc/mptcp-keeper/conf.d"
    folder.mkdir(parents=True)
    (folder / "20.yaml").write_text("limits: {subflows: 5}\n")
    (folder / "10.yaml").write_text(VALID)
    document = json.loads(keeper("--root", tmp_path, "config", "--json").stdout)
    assert document["limits"]["subflows"] == {"value": 5, "source": f"{folder}/20.yaml:1"}


def test_check_of_a_file_that_is_missing_places_it_at_its_start(tmp_path):
    result = keeper("check", tmp_path / "none.yaml")
    assert result.returncode == 65
    assert result.stderr.startswith(f"{tmp_path}/none.yaml:1:1: ")


def test_root_reads_the_tree(tmp_path):
    folder = tmp_path / "etc/mptcp-keeper"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(INVALID)
    assert keeper("--root", tmp_path, "check").returncode == 65
    (folder / "config.yaml").write_text(VALID)
    result = keeper("--root", tmp_path, "check")
    assert (result.returncode, result.stdout) == (0, f"{folder}/config.yaml: valid\n")


def test_config_shows_the_source_of_every_value_and_is_a_valid_configuration(valid):
    result = keeper("config", "--config", valid)
    assert result.returncode == 0
    assert f"# {valid}:4" in result.stdout
    assert keeper("check", "-", text=result.stdout).returncode == 0
    document = json.loads(keeper("config", "--json", "--config", valid).stdout)
    assert document["limits"] == {"subflows": {"value": 3, "source": f"{valid}:4"}}
    assert document["sysctl"] == {"enabled": {"value": "1", "source": f"{valid}:2"}}


def test_schema_is_json():
    assert "$schema" in json.loads(keeper("schema").stdout)


def written_to(descriptor):
    result = subprocess.run(
        [KEEPER, "schema"], stdout=descriptor, stderr=subprocess.PIPE, text=True, timeout=20, check=False
    )
    return result.returncode, result.stderr


def test_a_full_disk_is_an_error():
    with open("/dev/full", "wb") as full:
        code, error = written_to(full)
    assert code == 1
    assert "standard output" in error


def test_a_closed_pipe_is_not_an_error():
    """`mptcp-keeper … | head -1` gets its line; the exit code is that of the command."""
    reader, writer = os.pipe()
    os.close(reader)
    assert written_to(writer) == (0, "")
    os.close(writer)


def test_there_is_no_colour_without_a_terminal(invalid):
    result = keeper("check", invalid, env={**os.environ, "TERM": "xterm"})
    assert "\x1b" not in result.stdout + result.stderr


@pytest.mark.parametrize("no_color", ["", "1"], ids=["colour", "NO_COLOR"])
def test_colour_on_a_terminal_unless_no_color(invalid, no_color):
    terminal, far_end = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": no_color}
    command = [KEEPER, "check", invalid]
    subprocess.run(command, stdout=far_end, stderr=far_end, env=environment, timeout=20, check=False)
    os.close(far_end)
    text = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert ("\x1b[" in text) == (no_color == "")


def test_log_levels_select_messages(tmp_path):
    empty = tmp_path / "empty.yaml"
    empty.write_text("{}\n")
    assert "warning" in keeper("check", empty).stderr
    assert keeper("--log-level", "error", "check", empty).stderr == ""
    assert f"debug: reading {empty}" in keeper("--log-level", "debug", "check", empty).stderr


def test_check_touches_nothing_but_its_files(valid, tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=socket,connect,openat", "-o", trace, KEEPER, "check", valid]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    calls = trace.read_text()
    assert str(valid) in calls
    for touched in ("socket(", "connect(", "/proc/sys/net", "/var/lib/mptcp-keeper", "/run/mptcp-keeper"):
        assert touched not in calls


@pytest.fixture
def as_nobody(tmp_path_factory):
    """Runs the program without privileges; skips if another user may not execute it."""
    if os.geteuid() != 0:
        return keeper
    way = [Path(KEEPER).resolve(), *Path(KEEPER).resolve().parents]
    if not all(step.stat().st_mode & stat.S_IXOTH for step in way):
        pytest.skip(f"another user may not run {KEEPER}")
    return lambda *arguments, **options: keeper(
        *arguments, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", **options
    )


def test_apply_without_privileges_is_refused_with_the_reason(as_nobody):
    result = as_nobody("apply", "--json", "--config", "-", text=VALID)
    assert result.returncode == 77
    assert "CAP_NET_ADMIN" in json.loads(result.stdout)["error"]["message"]
    assert "CAP_NET_ADMIN" in result.stderr


def test_reset_without_privileges_is_refused_with_the_reason(as_nobody):
    result = as_nobody("reset")
    assert (result.returncode, result.stdout) == (77, "")
    assert "CAP_NET_ADMIN" in result.stderr


def test_validation_comes_before_the_check_of_privileges(as_nobody):
    assert as_nobody("apply", "--config", "-", text=INVALID).returncode == 65


def test_a_dry_run_that_is_in_sync_requires_no_privileges(as_nobody):
    if not Path("/proc/sys/net/mptcp/enabled").exists():
        pytest.skip("this kernel has no MPTCP")
    now = Path("/proc/sys/net/mptcp/enabled").read_text().strip()
    text = f"sysctl: {{enabled: {now}}}\n"
    result = as_nobody("apply", "--dry-run", "--only", "sysctl", "--json", "--config", "-", text=text)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert list(document) == ["changed", "failed", "verified", "dry_run", "changes", "warnings"]
    assert (document["dry_run"], document["changes"]) == (True, [])
