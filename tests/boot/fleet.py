# SPDX-License-Identifier: LGPL-2.1-or-later
"""Machines on one network, and the node of that network from which Ansible configures them over ssh."""

import json
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import roots
import scenario
from debian import quietly

EXAMPLES = roots.SOURCES / "examples" / "ansible"
CALLBACKS = Path(__file__).resolve().parent / "ansible_callbacks"
PROGRAMS = ["ansible-playbook", "ssh", "ssh-keygen", "dpkg-deb"]
SERVES = ["openssh-server", "sudo", "python3-apt"]
LANS = {"enp1s0": "192.0.2", "enp2s0": "198.51.100"}
CONTROL = f"{LANS['enp1s0']}.254"
NAMES = ("a", "b", "c")
ADMIN = {
    "/etc/sysusers.d/admin.conf": "u admin - - /home/admin /bin/sh\n",
    "/etc/tmpfiles.d/admin.conf": "d /home/admin 0700 admin admin\n",
    "/etc/ssh/sshd_config.d/test.conf": "AuthorizedKeysFile /etc/ssh/keys/%u\nPasswordAuthentication no\nUseDNS no\n",
    "/etc/sudoers.d/admin": "admin ALL=(ALL) NOPASSWD: ALL\n",
}
SERVER = """import socket
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", 7000))
server.listen()
print("listening", flush=True)
while True:
    server.accept()
"""
CHECKS = """- name: Check from the control node that the service answers
  ansible.builtin.wait_for: {host: "{{ ansible_host }}", port: 22, timeout: 10}
  delegate_to: localhost
  become: false
- name: Report that the check runs, and wait until the cable is cut
  ansible.builtin.shell: {cmd: "touch %s/runs; until [ -e %s/cut ]; do sleep 0.1; done"}
  delegate_to: localhost
  become: false
- name: Ask the host
  ansible.builtin.command: "true"
"""


def dependencies(package):
    """The names of the packages that a .deb depends on; the first one of alternatives."""
    shown = subprocess.run(["dpkg-deb", "--field", str(package), "Depends"], capture_output=True, text=True, check=True)
    return sorted(re.findall(r"(?:^|,)\s*([^\s,|(]+)", shown.stdout))


class Run:
    """What one run of ansible-playbook did."""

    def __init__(self, done):
        self.code = done.returncode
        self.messages = done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.stats = next((line["stats"] for line in lines if "stats" in line), {})
        self.results = [line for line in lines if "task" in line]

    def __repr__(self):
        shown = [f"{r['host']} {r['state']} {r['task']} {r['result'].get('msg', '')} {r['result'].get('stderr', '')}"
                 for r in self.results if r["state"] != "ok" or r["result"].get("changed")]
        return "\n".join([f", exit {self.code}", *shown, json.dumps(self.stats), self.messages])

    def figures(self, name):
        """{host: number} of a statistic, such as changed."""
        return {host: stats[name] for host, stats in self.stats.items()}

    def of(self, task, host):
        """The last result of a task on a host, or None."""
        found = [r["result"] for r in self.results if r["task"].endswith(task) and r["host"] == host]
        return found[-1] if found else None

    def changed_tasks(self):
        """{(host, task)} of the tasks that changed something."""
        return {(r["host"], r["task"].rpartition(" : ")[2]) for r in self.results if r["result"].get("changed")}


class Fleet:
    """Machines on one network with an unprivileged administrator, and without mptcp-keeper."""

    def __init__(self, machines, scratch):
        self.machines = {}
        self.variables = {"mptcp_keeper_package_files": [str(machines.debian.package)]}
        self.host_variables = {}
        self.control = machines.lab.network
        self._scratch = scratch
        layer = machines.debian.release.make_layer("ssh", [*SERVES, *dependencies(machines.debian.package)])
        segments = {interface: machines.lab.segment(f"lan{interface[3]}", [f"{net}.254/24"])
                    for interface, net in LANS.items()}
        quietly(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", scratch / "key"], "creating a key")
        for name in NAMES:
            self.machines[name] = machine = machines.machine([layer, machines.debian.base])
            for interface, segment in segments.items():
                machine.plug(interface, segment)
            self._furnish(machine)
        host_key = (layer / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
        (scratch / "known_hosts").write_text("".join(f"{self.address(name)} {host_key}" for name in NAMES))
        (scratch / "ansible.cfg").touch()

    def _furnish(self, machine):
        machine.write("/etc/NetworkManager/conf.d/test.conf", scenario.NETWORK_MANAGER)
        machine.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {os.uname().nodename}\n")
        machine.write("/etc/ssh/keys/admin", (self._scratch / "key.pub").read_text())
        for file, text in ADMIN.items():
            machine.write(file, text, mode=0o440 if "sudoers" in file else 0o644)
        for interface, net in LANS.items():
            profile = scenario.keyfile(interface).replace(f"{scenario.ADDRESSES[interface]}/", f"{net}.{machine.number}/")
            machine.write(f"/etc/NetworkManager/system-connections/wan-{interface}.nmconnection", profile, mode=0o600)

    def address(self, name, interface="enp1s0"):
        """The address of a machine."""
        return f"{LANS[interface]}.{self.machines[name].number}"

    def endpoints(self, name):
        """The addresses of both interfaces of a machine."""
        return {self.address(name, interface) for interface in LANS}

    def boot(self, *names):
        """Boots machines at the same time, and waits until they answer over ssh."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda name: self.machines[name].boot(60), names))
        for name in names:
            self.control.run(["sh", "-c", 'for i in $(seq 100); do bash -c "</dev/tcp/$0/22" && exit; sleep 0.1; done; exit 1',
                              self.address(name)])

    def playbook(self, name, *options, extra=None, timeout=400):
        """Runs a playbook of examples/ansible on the control node."""
        hosts = {one: {"ansible_host": self.address(one), **self.host_variables.get(one, {})} for one in self.machines}
        inventory = self._scratch / "inventory.json"
        inventory.write_text(json.dumps({"mptcp": {"hosts": hosts, "vars": {**self.variables, **(extra or {})}}}))
        started = time.monotonic()
        run = Run(self.control.run(["ansible-playbook", "-i", inventory, *options, EXAMPLES / name], check=False,
                                   timeout=timeout, env=self._environment()))
        print(f"{name} {' '.join(options)}: {time.monotonic() - started:.1f} s{run if run.code else ''}")
        return run

    def _environment(self):
        """Nothing of the machine's own configuration of Ansible or ssh is used, and its home is not written."""
        ssh = ["-F", "/dev/null", "-o", f"UserKnownHostsFile={self._scratch / 'known_hosts'}", "-o",
               "IdentitiesOnly=yes", "-o", "ControlMaster=auto", "-o", "ControlPersist=30s", "-o",
               "ServerAliveInterval=2", "-o", "ServerAliveCountMax=2"]
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self._scratch),
                "ANSIBLE_HOME": str(self._scratch / "home"), "ANSIBLE_CONFIG": str(self._scratch / "ansible.cfg"),
                "ANSIBLE_REMOTE_USER": "admin", "ANSIBLE_PRIVATE_KEY_FILE": str(self._scratch / "key"),
                "ANSIBLE_SSH_ARGS": " ".join(ssh), "ANSIBLE_SSH_CONTROL_PATH_DIR": "/run/ansible-ssh",
                "ANSIBLE_PIPELINING": "1", "ANSIBLE_TIMEOUT": "10", "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_STDOUT_CALLBACK": "json_lines", "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS)}
