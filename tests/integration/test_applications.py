"""applications.units: the generator's drop-ins, the variables that they bring, and what status says of units."""

import os
import shutil
from pathlib import Path

import pytest
from host import keeper_program

GENERATOR = str(Path(os.environ.get("MPTCP_KEEPER", "")).with_name("mptcp-keeper-generator"))
UNITS = "applications: {units: [demo.service, 'web@*.service', missing.service, demo.socket]}\n"
SERVICE = "[Service]\nExecStart=/bin/true\n"

pytestmark = pytest.mark.skipif(not os.access(GENERATOR, os.X_OK), reason="the generator was not built")


@pytest.fixture
def units(host):
    """A host with some units of its own, and the folder into which the generator writes."""
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
    assert "there is no unit missing.service" in done.stderr
    if "demo.socket.d/50-mptcp-keeper.conf" not in made:
        assert "does not know SocketProtocol=mptcp" in done.stderr
    units.run(["rm", "-r", "/run/normal"])
    units.configure("{}\n")
    assert generate(units)[1] == []


def test_an_invalid_configuration_leaves_the_units_alone(units):
    units.configure("applications: {units: [demo.service]}\nlimits: {subflows: lots}\n")
    done, made = generate(units)
    assert done.returncode == 1 and "the configuration is invalid" in done.stderr and made == []


def test_systemd_takes_the_drop_in(units):
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
    for _ in range(2):  # what stands there already is not doubled
        units.run(["env", "LD_PRELOAD=libdl.so.2", "GODEBUG=x=1", GENERATOR, "--environment", "demo.service"])
        text = units.path("/run/mptcp-keeper/env/demo.service").read_text()
        assert text.startswith('GODEBUG="x=1,multipathtcp=1"\nLD_PRELOAD="libdl.so.2:/usr/lib/')
        assert text.count("libmptcpwrap") == 1
    units.run([GENERATOR, "--forget", "demo.service"])
    assert not units.path("/run/mptcp-keeper/env/demo.service").exists()
    assert units.run([GENERATOR, "--environment", "../etc/passwd"], check=False).returncode == 1


def test_with_mptcp_off_a_unit_starts_as_it_is(units):
    units.run([GENERATOR, "--environment", "demo.service"])
    units.sysctl("net.mptcp.enabled", 0)
    done = units.run([GENERATOR, "--environment", "demo.service"], check=False)
    assert "starts with plain TCP" in done.stderr
    assert not units.path("/run/mptcp-keeper/env/demo.service").exists()


def test_status_and_diff_tell_of_units(units):
    units.configure("applications: {units: [demo.service, 'web@*.service', missing.service]}\n")
    done = units.keeper("status")
    assert done.returncode == 0
    states = {unit["unit"]: unit["state"] for unit in done.json["units"]}
    assert states.get("demo.service") == "not-running" and states["missing.service"] == "not-found", (states, done.stderr)
    diff = units.keeper("diff").json
    assert any("missing.service: there is no such unit" in warning for warning in diff["warnings"])
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
    assert f"systemd {version} does not know SocketProtocol=mptcp" in done.json["changes"][0]["error"]
