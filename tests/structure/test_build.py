# SPDX-License-Identifier: LGPL-2.1-or-later
"""The results of the build: a pure core, a hardened program, an install tree with distribution paths."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KEEPER_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("KEEPER_BUILD_DIR", ROOT / "build"))
PROGRAM = BUILD / "mptcp-keeper"


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    assert result.returncode == 0, f"{' '.join(map(str, command))}: {result.stdout}{result.stderr}"
    return result.stdout


def cached(variable):
    found = re.search(rf"^{variable}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE)
    return found[1] if found else ""


def needs(path):
    if not path.exists():
        pytest.skip(f"{path.name} was not built")


def test_unit_tests_load_neither_glib_nor_libnm():
    unit_tests = BUILD / "tests" / "unit-tests"
    needs(unit_tests)
    loaded = run("ldd", unit_tests)
    assert [line for line in loaded.splitlines() if re.search(r"libglib|libgio|libgobject|libnm\b", line)] == []


def test_the_core_calls_neither_glib_nor_libnm():
    core = BUILD / "src" / "libkeeper-core.a"
    needs(core)
    undefined = set(re.findall(r" U (\w+)", run("nm", "--undefined-only", core)))
    assert sorted(symbol for symbol in undefined if re.match(r"(g|nm|g_dbus)_[a-z]", symbol)) == []


def test_the_generator_of_the_manual_needs_no_adapter():
    """The command line, engine and daemon link without the adapters: a build host needs no libnm to run it."""
    generator = BUILD / "src" / "mptcp-keeper-manual"
    needs(generator)
    loaded = run("ldd", generator)
    unwanted = r"libglib|libgio|libgobject|libnm\b|libmnl|libsystemd"
    assert [line for line in loaded.splitlines() if re.search(unwanted, line)] == []


def needed_by(path):
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", "--wide", path)))


def test_a_command_loads_two_libraries_and_the_module_loads_the_others():
    """Loading libsystemd and GLib takes as long as `mptcp-keeper check`."""
    needs(PROGRAM)
    if cached("KEEPER_SANITIZE") or not cached("KEEPER_YAML_CPP_STATIC").startswith("/"):
        pytest.skip("the C++ libraries are shared in this build")
    allowed = {"libc", "libmnl", "ld-linux-x86-64", "libm"}
    if not cached("KEEPER_NETTLE_STATIC").startswith("/"):  # Fedora has no static one
        allowed.add("libnettle")
    assert {name.split(".so")[0] for name in needed_by(PROGRAM)} <= allowed
    module = needed_by(BUILD / "lib" / "mptcp-keeper" / "bus.so")
    assert {"libsystemd.so.0", "libglib-2.0.so.0"} <= module and "libnm.so.0" not in module


def test_the_module_exports_one_symbol():
    """It has its own copies of what it shares with the program, which must not meet those of the program."""
    module = BUILD / "lib" / "mptcp-keeper" / "bus.so"
    needs(module)
    if cached("KEEPER_SANITIZE"):
        pytest.skip("sanitizers add symbols")
    exported = re.findall(r" [TDBRVWu] (\S+)", run("nm", "--dynamic", "--defined-only", module))
    assert exported == ["mptcp_keeper_system_services"]


def test_the_optimised_program_is_hardened():
    needs(PROGRAM)
    if cached("CMAKE_BUILD_TYPE") != "Release" or cached("KEEPER_SANITIZE"):
        pytest.skip("hardening belongs to the build type Release")
    headers = run("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", PROGRAM)
    assert "DYN (Position-Independent Executable" in headers
    assert "GNU_RELRO" in headers
    assert re.search(r"\(FLAGS(_1)?\).*NOW", headers)
    stack = re.search(r"GNU_STACK.*", headers)
    assert stack and "E" not in stack[0].split()[-2]


def test_what_runs_with_the_environment_of_units_is_static():
    """It runs as root, and the unit's user may choose LD_PRELOAD and the like, which a loader would honour."""
    helper = BUILD / "lib" / "unit-environment"
    needs(helper)
    shown = run("readelf", "--wide", "--file-header", "--program-headers", "--dynamic", helper)
    assert "INTERP" not in shown and "(NEEDED)" not in shown and "RUNPATH" not in shown and "RPATH" not in shown
    assert "DYN (Position-Independent Executable" in shown
    stack = re.search(r"GNU_STACK.*", shown)
    assert stack and "E" not in stack[0].split()[-2]


def test_a_build_without_tests_needs_no_test_dependency(tmp_path):
    made = run("cmake", "-S", ROOT, "-B", tmp_path / "build", "-DBUILD_TESTING=OFF",
               "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON", "-DSYSTEM_PYTHON=SYSTEM_PYTHON-NOTFOUND")
    assert "Configuring done" in made


def test_installs_program_and_documents_under_usr(tmp_path):
    needs(PROGRAM)
    run("cmake", "--install", BUILD, env={**os.environ, "DESTDIR": str(tmp_path)})
    installed = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {"usr/sbin/mptcp-keeper", "usr/share/doc/mptcp-keeper/LICENSE",
            "usr/share/doc/mptcp-keeper/README.md"} <= installed
    assert [path for path in sorted(installed) if not path.startswith(("usr/", "lib/"))] == []
