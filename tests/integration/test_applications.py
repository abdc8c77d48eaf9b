# SPDX-License-Identifier: LGPL-2.1-or-later
"""applications.units: the drop-ins of the generator, the variables that they set, and the status of units."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from host import keeper_program

GENERATOR = str(Path(os.environ.get("MPTCP_KEEPER", "")).with_name("mptcp-keeper-generator"))
HELPER = str(Path(os.environ.get("MPTCP_KEEPER", "")).parent / "lib" / "unit-environment")
UNITS = "applications: {units: [demo.service, 'web@*.service', missing.service, demo.socket]}\n"
SERVICE = "[Service]\nExecStart=/bin/true\n"

pytestmark = pytest.mark.skipif(not os.access(GENERATOR, os.X_OK), reason="the generator was not built")


@pytest.fixture
def units(host):
    """A host with some units, and the folder for the output of the generator."""
    host.write("/etc/systemd/system/demo.service", SERVICE)
    host.write("/etc/systemd/system/web@.service", SERVICE)
    host.write("/etc/systemd/system/demo.socket", "[Socket]\nListenStream=4000\n")
    host.run(["mkdir", "-p", "/run/normal"])
    return host


def generate(host):
    done = host.run([GENERATOR, "/run/normal", "/run/normal", "/run/normal"], check=False)
    made = sorted(str(path.relative_to(host.path("/run/normal"))) for path in host.path("/run/normal").rglob("*.conf"))
    return done, made


def test_drop_ins_follow_the_declaration(units):
    units.configure(UNITS)
    done, made = generate(units)
    assert done.returncode == 0
    assert [f"{unit}.d/50-mptcp-keeper.conf" for unit in ("demo.service", "missing.service", "web@.service")] == [
        name for name in made if not name.startswith("demo.socket")]
    assert "unit missing.service does not exist" in done.stderr
    if "demo.socket.d/50-mptcp-keeper.conf" not in made:
        assert "does not support SocketProtocol=mptcp" in done.stderr
    units.run(["rm", "-r", "/run/normal"])
    units.configure("{}\n")
    assert generate(units)[1] == []


def test_an_invalid_configuration_does_not_change_the_units(units):
    units.configure("applications: {units: [demo.service]}\nlimits: {subflows: lots}\n")
    done, made = generate(units)
    assert done.returncode == 1 and "the configuration is invalid" in done.stderr and made == []


def test_systemd_accepts_the_drop_in(units):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    units.configure("applications: {units: [demo.service]}\n")
    generate(units)
    units.run(["sh", "-c", "cp -r /run/normal/demo.service.d /etc/systemd/system/"])
    done = units.run(["systemd-analyze", "verify", "--man=no", "/etc/systemd/system/demo.service"], check=False)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "50-mptcp-keeper.conf" in line]
    assert complaints == []


def test_variables_are_added_to_those_of_the_unit(units):
    if not shutil.which("mptcpize"):
        pytest.skip("mptcpize is not installed")
    for _ in range(2):  # existing additions are not repeated
        units.run(["env", "LD_PRELOAD=libdl.so.2", "GODEBUG=x=1", HELPER, "set", "demo.service"])
        file = units.path("/run/mptcp-keeper/env/demo.service")
        text = file.read_text()
        assert text.startswith('GODEBUG="x=1,multipathtcp=1"\nLD_PRELOAD="libdl.so.2:/usr/lib/')
        assert text.count("libmptcpwrap") == 1
        assert file.stat().st_mode & 0o777 == 0o600
    units.run([HELPER, "forget", "demo.service"])
    assert not units.path("/run/mptcp-keeper/env/demo.service").exists()


@pytest.mark.parametrize("enabled", [0, 1])
def test_a_unit_that_stays_on_tcp_loses_only_what_makes_it_use_mptcp(units, enabled):
    units.sysctl("net.mptcp.enabled", enabled)
    units.run(["env", "LD_PRELOAD=libdl.so.2:/opt/libmptcpwrap.so.0 libm.so.6", "GODEBUG=x=1,multipathtcp=1,y=2",
               HELPER, "set-tcp", "demo.service"])
    file = units.path("/run/mptcp-keeper/env/demo.service")
    assert file.read_text() == 'GODEBUG="x=1,y=2,multipathtcp=0"\nLD_PRELOAD="libdl.so.2:libm.so.6"\n'
    assert file.stat().st_mode & 0o777 == 0o600
    units.run(["env", "-u", "GODEBUG", "LD_PRELOAD=libdl.so.2", HELPER, "set-tcp", "demo.service"])
    assert file.read_text() == 'GODEBUG="multipathtcp=0"\n', "what needs no change is not written"


def test_never_wins_over_a_glob_also_by_an_alias(units):
    units.write("/etc/systemd/system/real.service", SERVICE)
    units.run(["ln", "-s", "real.service", "/etc/systemd/system/alias.service"])
    units.configure("applications: {units: ['demo*.service', 'real*.service'], never: [alias.service, gone.service]}\n")
    done, made = generate(units)
    assert made == [f"{name}.service.d/50-mptcp-keeper.conf" for name in ("demo", "gone", "real")]
    assert "unit gone.service does not exist" in done.stderr

    def step_of(unit):
        text = units.path(f"/run/normal/{unit}.service.d/50-mptcp-keeper.conf").read_text()
        return "set-tcp" if " set-tcp %n" in text else "set"

    assert [step_of(unit) for unit in ("demo", "gone", "real")] == ["set", "set-tcp", "set-tcp"]


def test_a_program_that_does_not_work_with_mptcp_is_a_warning_of_check_and_diff(units):
    units.write("/etc/systemd/system/gobgpd.service", SERVICE)
    units.configure("applications: {units: [gobgpd.service, 'demo*.service']}\n")
    (warning,) = units.keeper("check").json["warnings"]
    assert "TCP_MD5SIG" in warning["message"] and "never" in warning["message"] and warning["line"] == 1
    reported = [line for line in units.keeper("diff").json["warnings"] if "TCP_MD5SIG" in line]
    assert len(reported) == 1 and "gobgpd.service" in reported[0]
    units.configure("applications: {units: ['gobgp*.service']}\n")
    assert units.keeper("check").json["warnings"] == []
    assert any("TCP_MD5SIG" in line for line in units.keeper("diff").json["warnings"])


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd.service", ".service", "", "a b.service", "x" * 300 + ".service"])
def test_an_invalid_unit_name_is_refused(units, name):
    for verb in ("set", "set-tcp", "forget"):
        assert units.run([HELPER, verb, name], check=False).returncode == 1


def test_a_folder_of_another_user_is_not_written_to(units):
    units.run(["sh", "-c", "mkdir -p /run/mptcp-keeper/env && chown 65534 /run/mptcp-keeper/env"])
    done = units.run([HELPER, "set", "demo.service"], check=False)
    assert done.returncode == 1 and "starts with plain TCP" in done.stderr
    assert list(units.path("/run/mptcp-keeper/env").iterdir()) == []


def test_the_helper_opens_nothing_that_a_variable_names(units, tmp_path):
    """It runs as root with an environment that the unit's user may control."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    library = tmp_path / "evil.so"
    subprocess.run(["cc", "-x", "c", "-", "-shared", "-fPIC", "-o", str(library)], text=True, check=True,
                   input='#include <stdio.h>\n__attribute__((constructor)) static void run(void) '
                         f'{{ fclose(fopen("{tmp_path}/loaded", "w")); }}\n')
    subprocess.run(["true"], env={"LD_PRELOAD": str(library)}, check=True)
    assert (tmp_path / "loaded").exists()  # the variables work in a dynamic program
    (tmp_path / "loaded").unlink()
    chosen = {"LD_PRELOAD": library, "LD_AUDIT": library, "LD_LIBRARY_PATH": tmp_path, "LD_DEBUG": "all",
              "LD_DEBUG_OUTPUT": tmp_path / "debug", "LD_PROFILE": "libc.so.6", "LD_PROFILE_OUTPUT": tmp_path,
              "GLIBC_TUNABLES": "glibc.malloc.check=3:glibc.rtld.optional_static_tls=1", "MALLOC_CHECK_": "3",
              "GLIBCXX_TUNABLES": "glibcxx.eh_pool.obj_count=1", "LOCPATH": tmp_path, "LANGUAGE": "evil",
              "LC_ALL": "evil.UTF-8", "GCONV_PATH": tmp_path, "NLSPATH": f"{tmp_path}/%N", "TZ": f":{tmp_path}/zone",
              "TZDIR": tmp_path, "HOSTALIASES": tmp_path / "hosts", "TMPDIR": tmp_path, "PATH": tmp_path,
              "LD_BIND_NOW": "1", "LIBC_FATAL_STDERR_": "1", "GCOV_PREFIX": tmp_path}
    log = tmp_path / "trace"
    units.run(["strace", "-f", "-o", str(log), "-e", "trace=file",
               *(word for name, value in chosen.items() for word in ("-E", f"{name}={value}")),
               HELPER, "set", "demo.service"])
    calls = [line for line in log.read_text().splitlines() if '"' in line and "execve(" not in line]
    assert calls and not (tmp_path / "loaded").exists()
    mine = re.compile(r'"(|/proc/sys/net/mptcp/enabled|/proc/self/exe|/usr/lib(64)?(/[^"]*)?|/run(/mptcp-keeper(/(env|turned)(/demo\.service)?)?)?'
                      r'|demo\.service|\.new-\d+)"')
    assert [line for line in calls if not mine.search(line)] == []


def test_with_mptcp_off_a_unit_starts_as_it_is(units):
    units.run([HELPER, "set", "demo.service"])
    units.sysctl("net.mptcp.enabled", 0)
    done = units.run([HELPER, "set", "demo.service"], check=False)
    assert "starts with plain TCP" in done.stderr
    assert not units.path("/run/mptcp-keeper/env/demo.service").exists()


def test_status_and_diff_show_units(units):
    units.configure("applications: {units: [demo.service, 'web@*.service', missing.service]}\n")
    done = units.keeper("status")
    assert done.returncode == 0
    states = {unit["unit"]: unit["state"] for unit in done.json["units"]}
    assert states.get("demo.service") == "not-running" and states["missing.service"] == "not-found", (states, done.stderr)
    diff = units.keeper("diff").json
    assert any("missing.service: the unit does not exist" in warning for warning in diff["warnings"])
    assert "missing.service" in units.run([keeper_program(), "status"]).stdout


def test_a_socket_unit_of_a_systemd_that_is_too_old_is_an_error(units):
    version = int(units.run(["systemctl", "--version"]).stdout.split()[1])
    if version >= 257:
        pytest.skip(f"systemd {version} knows SocketProtocol=mptcp")
    units.configure("applications: {units: [demo.socket]}\n")
    assert units.keeper("diff").returncode == 2
    done = units.keeper("apply")
    assert done.returncode == 1
    assert [(change["resource"], change["key"], change["result"]) for change in done.json["changes"]] == [
        ("unit", "demo.socket", "failed")]
    assert f"systemd {version} does not support SocketProtocol=mptcp" in done.json["changes"][0]["error"]
