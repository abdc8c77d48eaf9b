# SPDX-License-Identifier: LGPL-2.1-or-later
"""An image as examples/images builds it for bootc and ostree: nothing of mptcp-keeper in /etc, an empty /var, and a
first boot that applies the file in /usr/lib."""

import re
import shutil

import pytest
import roots
import scenario
import yaml
from scenario import UNITS

IMAGES = roots.SOURCES / "examples/images"
SITE = "usr/lib/mptcp-keeper/conf.d/50-site.yaml"
VENDOR_PROFILE = "/usr/lib/NetworkManager/system-connections/wan-enp2s0.nmconnection"
# As ostree deploys it: /var is created on the host, and nothing has been written to /etc. The first boot asks no questions.
EMPTIED = """
ln -s /dev/null /etc/systemd/system/systemd-firstboot.service
rm -rf /etc/mptcp-keeper /etc/systemd/system/mptcp-keeper* /root/*
find /var -mindepth 1 -delete
echo uninitialized >/etc/machine-id
"""


def steps_of_containerfile():
    """The steps of the Containerfile after the installation of the package, as a shell script, with its context in
    /context."""
    text = re.sub(r"(?m)^#.*\n", "", (IMAGES / "bootc/Containerfile").read_text())
    steps = [line.split(maxsplit=1) for line in text.splitlines() if not re.search(r"\bdnf\b|/tmp/$", line)]
    assert [word for word, _ in steps] == ["ARG", "FROM", "COPY", "RUN", "RUN"], steps
    lines = ["set -e"]
    for word, rest in steps[2:]:
        lines.append(rest if word == "RUN" else "cp -r /context/{}. {}".format(*rest.split()))
    return "\n".join(lines)


@pytest.fixture
def build_image(debian):
    """Builds an image: a layer above those of the release."""
    scratch = roots.scratch_folder()

    def build(commands, afterwards=""):
        upper = scratch / "image"
        upper.mkdir()
        roots.run_in(debian.layers, upper, f"{commands}\n{EMPTIED}\n{afterwards}", "building the image",
                     [(IMAGES, "/context")])
        (upper / "context").rmdir()
        return [upper, *debian.layers]
    yield build
    shutil.rmtree(scratch, ignore_errors=True)


def boot(machines, layers):
    """Boots the image for the first time, on a host with two interfaces: one has its profile from the host, the other
    from the image."""
    machine = machines.machine(layers=layers)
    machine.write("/etc/NetworkManager/conf.d/test.conf", scenario.NETWORK_MANAGER)
    for interface in ("enp1s0", "enp2s0"):
        machine.plug(interface, machines.segment(f"m{machine.number}lan{interface[3]}"))
    scenario.add_profile(machine, "enp1s0")
    machine.write(VENDOR_PROFILE, scenario.keyfile("enp2s0"), mode=0o600)
    machine.kernel_defaults = {"net.mptcp.enabled": "0"}
    machine.boot()
    return machine


def assert_the_vendor_file_is_applied(machine):
    site = yaml.safe_load((IMAGES / "tree" / SITE).read_text())
    scenario.wait_until_connected(machine, "enp1s0", "enp2s0")
    scenario.wait_for(lambda: machine.run(["mptcp-keeper", "diff"], check=False).returncode == 0, 20, "no difference")
    assert (machine.sysctl("net.mptcp.enabled"), machine.limits()) == ("1", site["limits"])
    flags = set(site["profiles"][0]["mptcp-flags"])
    assert machine.stored_flags("wan-enp1s0") == machine.stored_flags("wan-enp2s0") == flags
    assert machine.live_flags("enp1s0") == machine.live_flags("enp2s0") == flags
    assert machine.keeper("config").json["limits"]["subflows"]["source"].startswith(f"/{SITE}:")
    assert [machine.systemctl("is-active", unit, check=False) for unit in UNITS] == ["active", "active", "inactive"]
    assert machine.systemctl("--failed", "--plain", "--no-legend") == ""
    assert not machine.path("/etc/mptcp-keeper").exists(), "it is not created either"


def test_an_image_applies_its_file_at_the_first_boot(machines, build_image):
    machine = boot(machines, build_image(steps_of_containerfile()))
    assert_the_vendor_file_is_applied(machine)
    assert machine.path("/var/lib/mptcp-keeper/state.json").exists()

    # what a host adds: a drop-in, and a link that masks the file of the image
    machine.write("/etc/mptcp-keeper/conf.d/90-host.yaml", "limits: {subflows: 2}\n")
    machine.run_as_service(["mptcp-keeper", "apply"])
    assert machine.limits()["subflows"] == 2
    machine.path("/etc/mptcp-keeper/conf.d/50-site.yaml").symlink_to("/dev/null")
    masked = machine.keeper("config").json
    assert masked["limits"] == {"subflows": {"value": 2, "source": "/etc/mptcp-keeper/conf.d/90-host.yaml:1"}}

    # without its own files the host is that of the image again, also after its /var is lost
    shutil.rmtree(machine.path("/etc/mptcp-keeper"))
    machine.shut_down()
    shutil.rmtree(machine.path("/var"))
    machine.path("/var").mkdir()
    machine.boot()
    assert_the_vendor_file_is_applied(machine)


def test_presets_enable_the_units_at_the_first_boot(machines, build_image):
    """Without `systemctl preset` in the build, systemd does that, since the image has no machine ID."""
    script = "\n".join(line for line in steps_of_containerfile().splitlines() if "systemctl preset" not in line)
    layers = build_image(f"{script}\nrm -f /etc/systemd/system/*.wants/mptcp-keeper*")
    machine = boot(machines, layers)
    assert [machine.systemctl("is-enabled", unit, check=False) for unit in UNITS] == ["enabled", "enabled", "disabled"]
    assert_the_vendor_file_is_applied(machine)


def test_an_empty_etc_is_enough(machines, build_image):
    """The kernel part is applied; D-Bus and NetworkManager of Debian need files in /etc. mptcpd, which Debian's presets
    enable, would reset the limits."""
    layers = build_image(f"{steps_of_containerfile()}\n"
                         "ln -sf /dev/null /usr/lib/systemd/system/mptcp.service\n"
                         "ln -sf /dev/null /usr/lib/systemd/system/systemd-firstboot.service",
                         afterwards="find /etc -mindepth 1 -delete")
    machine = machines.machine(layers=layers)
    machine.kernel_defaults = {"net.mptcp.enabled": "0"}
    machine.boot()
    assert (machine.sysctl("net.mptcp.enabled"), machine.limits()) == ("1", {"subflows": 4, "add_addr_accepted": 4})
    assert [machine.systemctl("is-active", unit, check=False) for unit in UNITS] == ["active", "active", "inactive"]
    assert machine.systemctl("--failed", "--plain", "--no-legend") == ""
    assert not machine.path("/etc/mptcp-keeper").exists()


def test_a_wrong_file_stops_the_build(build_image):
    with pytest.raises(roots.LabError, match="50-site.yaml:1:10: unknown key"):
        build_image(steps_of_containerfile().replace("mptcp-keeper --root", f"echo 'limits: {{subflow: 1}}' >/{SITE}\n"
                                                                            "mptcp-keeper --root"))
