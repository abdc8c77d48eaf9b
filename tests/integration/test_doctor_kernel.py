# SPDX-License-Identifier: LGPL-2.1-or-later
"""doctor on another kernel: Debian's user-mode-linux, which runs as an ordinary program.

It is built without MPTCP and with SELinux. Its root is the file system of the lab host (hostfs), so that it runs the
program under test; nothing is mocked.
"""

import json

import pytest
from debian import unpacked
from host import keeper_program
from node import LabError

INIT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
ip link set lo up
{script}
echo o >/proc/sysrq-trigger
sleep 60
"""
KEEPER = """
echo "<{command}"
timeout 60 {program} --json {command} 2>/run/errors
echo "{command} $?>"
"""
# Everything is allowed except to map the code of a file with the label of the library.
POLICY = """
(handleunknown allow)
(mls false)
(class process (fork transition dyntransition))
(class file (execute))
(classorder (process file))
(sid kernel)
(sid security)
(sid unlabeled)
(sidorder (kernel security unlabeled))
(sensitivity s0)
(sensitivityorder (s0))
(user sys_u)
(role sys_r)
(type sys_t)
(type library_t)
(userrole sys_u sys_r)
(roletype sys_r sys_t)
(roletype sys_r library_t)
(userlevel sys_u (s0))
(userrange sys_u ((s0) (s0)))
(sidcontext kernel (sys_u sys_r sys_t ((s0) (s0))))
(sidcontext security (sys_u sys_r sys_t ((s0) (s0))))
(sidcontext unlabeled (sys_u sys_r sys_t ((s0) (s0))))
(allow sys_t self (process (fork transition dyntransition)))
(allow sys_t self (file (execute)))
"""
CONFIG = "SELINUX=enforcing\nSELINUXTYPE=none\n"  # mount accepts labels only if there is a policy
DENY = """
mount -t selinuxfs selinuxfs /sys/fs/selinux
mkdir -p /var/log/audit /run/audit
cp -r {tools}/etc/audit/. /run/audit
sed -i 's/^log_group.*/log_group = root/; s/^flush.*/flush = sync/' /run/audit/auditd.conf
# with the loader and the C library of their own release
libraries={tools}/lib/x86_64-linux-gnu
theirs="$libraries/ld-linux-x86-64.so.2 --library-path $libraries:{tools}/usr/lib/x86_64-linux-gnu"
$theirs {tools}/sbin/auditd -s enable -c /run/audit
$theirs {tools}/usr/bin/secilc -o /run/policy -f /dev/null /etc/policy.cil
cat /run/policy >/sys/fs/selinux/load
library=$(find /usr/lib -name 'libmptcpwrap.so*' -type f)
mkdir /run/labelled
mount -t tmpfs -o context=sys_u:sys_r:library_t tmpfs /run/labelled
cp $library /run/labelled/library
mount --bind /run/labelled/library $library
echo 1 >/sys/fs/selinux/enforce
mptcpize run true
for second in 1 2 3 4 5 6 7 8 9; do
  grep -q 'avc:  denied' /var/log/audit/audit.log && break
  sleep 1
done
"""


def unpack(*packages):
    try:
        return unpacked("bookworm", *packages)
    except LabError as error:
        pytest.skip(f"no kernel without MPTCP: {error}")


@pytest.fixture
def other_kernel(lab):
    """Boots that kernel, runs a script on it and then commands of mptcp-keeper with a configuration. Returns the output
    and {command: (exit code, JSON)}."""
    kernel = unpack("user-mode-linux") / "usr/bin/linux.uml"
    host = lab.host("host")

    def run(*commands, script="", files=(), config="version: 1\n"):
        host.configure(config)
        for name, text in files:
            host.write(name, text)
        script += "".join(KEEPER.format(command=one, program=keeper_program()) for one in commands)
        host.write("/run/init", INIT.format(script=script), mode=0o755)
        printed = host.run(["env", "TMPDIR=/run", kernel, "mem=192M", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
                            "security=selinux", "con=null", "con0=null,fd:1", "uml_dir=/run/uml/", "init=/run/init"],
                           check=False, timeout=240).stdout
        answers = {}
        for command in commands:
            document, found, code = printed.partition(f"<{command}")[2].partition(f"{command} ")
            assert found, printed[-4000:]
            answers[command] = (int(code.partition(">")[0]), json.loads(document))
        return printed, answers

    return run


def test_kernel_without_mptcp(other_kernel):
    code, answer = other_kernel("doctor")[1]["doctor"]
    assert [one["code"] for one in answer["findings"]] == ["KERNEL_NO_MPTCP"]
    finding = answer["findings"][0]
    assert (code, answer["healthy"], finding["severity"]) == (2, False, "error")
    assert finding["subject"].startswith("Linux 6.1.")
    skipped = {one["check"]: one["reason"] for one in answer["skipped"]}
    assert "auditd is not running" in skipped["SELinux denials"]


def test_what_is_declared_fails_without_mptcp(other_kernel):
    config = "sysctl: {enabled: true}\nlimits: {subflows: 3}\nendpoints: [{address: 203.0.113.9, flags: [signal]}]\n"
    answers = other_kernel("apply", "status", config=config)[1]
    code, applied = answers["apply"]
    assert code == 1 and {one["result"] for one in applied["changes"]} == {"failed"} and len(applied["changes"]) == 3
    assert all("without MPTCP" in one["error"] for one in applied["changes"])
    assert answers["status"][1]["kernel"]["mptcp"] is False


def test_denial_of_selinux(other_kernel):
    """A real denial in the log of a real auditd: mapping the library that mptcpize preloads."""
    script = DENY.format(tools=unpack("secilc", "auditd"))
    printed, answers = other_kernel("doctor", script=script, files=[("/etc/policy.cil", POLICY), ("/etc/selinux/config", CONFIG)])
    denials = [one for one in answers["doctor"][1]["findings"] if one["code"] == "SELINUX_DENIAL"]
    assert denials, printed
    assert "denied  { execute }" in denials[0]["evidence"] and "libmptcpwrap" in denials[0]["evidence"]
    assert "cannot be preloaded" in printed
    assert "SELinux denials" not in {one["check"] for one in answers["doctor"][1]["skipped"]}


def test_kernel_without_selinux_skips_nothing(client):
    if "selinuxfs" in client.run(["cat", "/proc/filesystems"]).stdout:
        pytest.skip("this kernel has SELinux")
    answer = client.keeper("doctor").json
    assert "SELinux denials" not in {one["check"] for one in answer["skipped"]}
