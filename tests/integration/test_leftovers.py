# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other MPTCP configuration on hosts: reported as leftover and as rival, and completely removed by the commands."""

import subprocess

import pytest
from host import keeper_program

SET = "ip mptcp limits set subflows 4"
UNIT = "/etc/systemd/system"

# mechanism: the files before and after its commands ran; None if a file is removed. A file with a mode is a script.
CASES = {
    "sysctl.d": ("/etc/sysctl.d/90-mptcp.conf", "net.mptcp.enabled=1\n", None),
    "sysctl.d of others": ("/etc/sysctl.d/99-x.conf", "vm.swappiness=1\nnet/mptcp/enabled = 1\n", "vm.swappiness=1\n"),
    "ufw": ("/etc/ufw/sysctl.conf", "net/mptcp/enabled=1\nnet/ipv4/ip_forward=1\n", "net/ipv4/ip_forward=1\n"),
    "tuned": ("/etc/tuned/mine/tuned.conf", "[sysctl]\nnet.mptcp.enabled=1\nvm.swappiness=1\n",
              "[sysctl]\nvm.swappiness=1\n"),
    "kernel command line": ("/etc/default/grub", 'GRUB_CMDLINE_LINUX="quiet sysctl.net.mptcp.enabled=0 ro"\n',
                            'GRUB_CMDLINE_LINUX="quiet ro"\n'),
    "tmpfiles.d": ("/etc/tmpfiles.d/mptcp.conf", "w /proc/sys/net/mptcp/enabled - - - - 1\n", None),
    "modprobe": ("/etc/modprobe.d/x.conf", f"options dummy numdummies=1\ninstall x {SET}\n", "options dummy numdummies=1\n"),
    "udev": ("/etc/udev/rules.d/90-mptcp.rules", f'SUBSYSTEM=="net", RUN+="/sbin/{SET}"\n', None),
    "unit": (f"{UNIT}/m.service", f"[Service]\nExecStart=/sbin/{SET}\n", None),
    "unit of others": (f"{UNIT}/x.service", f"[Service]\nExecStart=/bin/x\nExecStartPost=-/sbin/{SET}\n",
                       "[Service]\nExecStart=/bin/x\n"),
    "cloud-init": ("/etc/cloud/cloud.cfg.d/90.cfg", f"runcmd:\n  - echo a.b\n  - {SET}\n", "runcmd:\n  - echo a.b\n"),
    "rc.local": ("/etc/rc.local", f"#!/bin/sh\n/usr/bin/other\nif true; then\n  {SET} # four\nfi\n",
                 "#!/bin/sh\n/usr/bin/other\nif true; then\n  :\nfi\n"),
    "init script": ("/etc/init.d/mptcp", f"#!/bin/sh\n{SET}\n", None),
    "cron": ("/etc/crontab", f"PATH=/bin\n@reboot root {SET}\n@daily root x\n", "PATH=/bin\n@daily root x\n"),
    "cron.d": ("/etc/cron.d/mptcp", f"@reboot root {SET}\n", None),
    "root's crontab": ("/var/spool/cron/crontabs/root", f"*/5 * * * * {SET}\n1 * * * * x\n", "1 * * * * x\n"),
    "dispatcher": ("/etc/NetworkManager/dispatcher.d/50-mptcp", f"#!/bin/sh\n[ $2 != up ] || {SET}\n", None),
    "networkd-dispatcher": ("/etc/networkd-dispatcher/routable.d/mptcp", f"#!/bin/sh\n{SET}\n", None),
    "interfaces": ("/etc/network/interfaces", f"iface eth0 inet dhcp\n  up {SET} || true\n", "iface eth0 inet dhcp\n"),
    "if-up.d": ("/etc/network/if-up.d/mptcp", f"#!/bin/sh\n{SET}\n", None),
    "ifup-local": ("/sbin/ifup-local", f"#!/bin/sh\n{SET}\n", None),
    "dhclient": ("/etc/dhcp/dhclient-exit-hooks.d/mptcp", f"{SET}\n", None),
    "dhcpcd": ("/etc/dhcpcd.exit-hook", f"{SET}\n", None),
    "ppp": ("/etc/ppp/ip-up.d/mptcp", f"#!/bin/sh\n{SET}\n", None),
    "wg-quick": ("/etc/wireguard/wg0.conf", f"[Interface]\nPostUp = {SET}\nMTU = 1400\n", "[Interface]\nMTU = 1400\n"),
    "OpenVPN": ("/etc/openvpn/client/a.conf", f"dev tun\nup '/sbin/{SET}'\n", "dev tun\n"),
}


def write(tree, path, text, mode=0o755):
    file = tree / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def export(tree, *options):
    done = subprocess.run([keeper_program(), "--root", str(tree), "export", *options], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def retire(tree):
    script = export(tree, "--leftovers")
    for line in script.splitlines():
        assert line.startswith("#") or not line or str(tree) in line, line
    subprocess.run(["sh", "-e", "-c", script], check=True, timeout=60)
    return script


@pytest.mark.parametrize("path, before, after", CASES.values(), ids=CASES)
def test_the_commands_retire_what_is_about_mptcp_and_nothing_else(tmp_path, path, before, after):
    tree = tmp_path / "a tree"
    write(tree, path, before)
    assert f"{path}:" in export(tree), "the value and its source are exported"
    script = retire(tree)
    assert f"# {tree}{path} " in script
    file = tree / path.lstrip("/")
    assert (file.read_text() if file.exists() else None) == after
    assert export(tree, "--leftovers").startswith("# no other MPTCP configuration")


def test_scripts_that_a_unit_starts_are_followed_and_retired(tmp_path):
    write(tmp_path, f"{UNIT}/paths.service", "[Service]\nWorkingDirectory=/opt/paths\nExecStart=/bin/sh ./up.sh\n", 0o644)
    write(tmp_path, "/opt/paths/up.sh", ". /opt/paths/values\n/opt/paths/add\n", 0o644)
    write(tmp_path, "/opt/paths/values", "ADDRESS=192.0.2.1\n", 0o644)
    write(tmp_path, "/opt/paths/add", "#!/bin/bash\nIP=/sbin/ip\n$IP mptcp endpoint add 192.0.2.1 dev eth0 subflow\n")
    assert "{address: 192.0.2.1, interface: eth0, flags: [subflow]}" in export(tmp_path)
    retire(tmp_path)
    assert not (tmp_path / "opt/paths/add").exists()


def test_a_file_without_effect_is_a_leftover_with_the_reason(tmp_path):
    write(tmp_path, "/etc/network/if-up.d/mptcp", f"#!/bin/sh\n{SET}\n", 0o644)
    write(tmp_path, "/etc/sysctl.d/90-mptcp.conf.dpkg-old", "net.mptcp.enabled=0\n", 0o644)
    script = retire(tmp_path)
    assert "currently without effect: it is not executable" in script
    assert "currently without effect: its name is that of a backup file" in script
    assert export(tmp_path, "--leftovers").startswith("# no other MPTCP configuration")


def test_the_menu_scripts_host_is_migrated(tmp_path):
    """A relay host that a menu script set up: unrelated values in the same file, endpoints restored at boot."""
    write(tmp_path, "/etc/sysctl.d/90-enable-MPTCP.conf",
          "net.mptcp.enabled=1\nnet.mptcp.pm_type=0\nnet.ipv4.conf.all.rp_filter=2\n", 0o644)
    write(tmp_path, f"{UNIT}/mptcp-endpoints.service",
          "[Service]\nType=oneshot\nExecStart=/usr/local/bin/restore-endpoints.sh\n[Install]\nWantedBy=multi-user.target\n",
          0o644)
    write(tmp_path, "/usr/local/bin/restore-endpoints.sh",
          "#!/bin/bash\nip mptcp endpoint flush\nip mptcp limits set subflow 8 add_addr_accepted 8\n"
          "ip mptcp endpoint add 192.0.2.1 dev eth0 subflow fullmesh\n")
    yaml = export(tmp_path)
    for expected in ("pm_type: 0", "subflows: 8", "add_addr_accepted: 8",
                     "{address: 192.0.2.1, interface: eth0, flags: [subflow, fullmesh]}"):
        assert expected in yaml, yaml
    retire(tmp_path)
    rest = (tmp_path / "etc/sysctl.d/90-enable-MPTCP.conf").read_text()
    assert rest == "net.ipv4.conf.all.rp_filter=2\n"
    assert not (tmp_path / "usr/local/bin/restore-endpoints.sh").exists()


@pytest.mark.parametrize("path, text", [
    ("/etc/network/if-up.d/limits", f"#!/bin/sh\n{SET}\n"),
    ("/etc/cron.d/limits", f"@reboot root sh -c '{SET}'\n"),
    ("/etc/ppp/ip-up", f"#!/bin/sh\nsudo -n {SET}\n")], ids=["ifupdown", "cron", "ppp"])
def test_the_file_is_named_as_rival_while_it_has_an_effect(host, path, text):
    host.configure("limits: {subflows: 3}\n")
    host.write(path, text, mode=0o755)
    line = text.count("\n")
    status = host.run([keeper_program(), "status"], check=False)
    assert f"{path}:{line} sets the limit subflows to 4" in status.stdout + status.stderr
    if not path.startswith("/etc/cron"):
        host.path(path).chmod(0o644)
        status = host.run([keeper_program(), "status"], check=False)
        assert path not in status.stdout + status.stderr
