# SPDX-License-Identifier: LGPL-2.1-or-later
"""The daemon while NetworkManager or the daemon itself fails, and while it is idle."""

import os
import random
import re
import signal
import subprocess

import pytest
from daemon_host import CONFIG, KERNEL, Daemon, all_is_right, drift_kernel, kernel_is_right
from host import keeper_program
from node import wait_for


def test_a_frozen_network_manager_delays_nothing_else(daemon):
    host = daemon.host
    host.signal_network_manager(signal.SIGSTOP)
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "the sysctl")
    drift_kernel(host)
    wait_for(lambda: kernel_is_right(host), 3, "the kernel's part")
    host.signal_network_manager(signal.SIGCONT)
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: all_is_right(host), 3, "the rest")


def test_starts_while_network_manager_is_frozen(wan):
    wan.signal_network_manager(signal.SIGSTOP)
    daemon = Daemon(wan, CONFIG)
    wait_for(lambda: kernel_is_right(wan), 3, "the kernel's part")
    assert daemon.record()["phase"] == "waiting for NetworkManager"
    wan.signal_network_manager(signal.SIGCONT)
    wait_for(lambda: all_is_right(wan), 3, "the rest")


def test_where_inotify_is_used_up_the_sysctls_are_polled(host):
    """fs.inotify.max_user_instances counts for root as well."""
    host.configure(KERNEL)
    daemon = host.start(["strace", "-f", "-qq", "-e", "trace=inotify_init1", "-e", "signal=none",
                         "-e", "inject=inotify_init1:error=EMFILE", keeper_program(), "daemon"])
    wait_for(lambda: kernel_is_right(host), 15, "the first round")
    daemon.wait_for("cannot set up inotify: Too many open files; the sysctls are read once a second instead")
    host.sysctl("net.mptcp.add_addr_timeout", 99)
    wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 5, "the sysctl")
    daemon.wait_for("repaired net.mptcp.add_addr_timeout")


def test_network_manager_stopped_and_started(daemon):
    host = daemon.host
    host.stop_network_manager()
    drift_kernel(host)
    wait_for(lambda: kernel_is_right(host), 3, "the kernel's part")
    host.restart_network_manager()
    host.nmcli("connection up wan1")
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: all_is_right(host), 5, "the rest")
    host.restart_network_manager()
    host.nmcli("connection up wan1")
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: all_is_right(host), 5, "the rest again")


def test_network_manager_killed(daemon):
    host = daemon.host
    host.stop_network_manager(signal.SIGKILL)
    host.restart_network_manager()
    host.nmcli("connection up wan1")
    wait_for(lambda: all_is_right(host), 5, "all")


def test_without_any_bus(lab):
    host = lab.host()
    daemon = Daemon(host, CONFIG)
    wait_for(lambda: kernel_is_right(host), 3, "the kernel's part")
    drift_kernel(host)
    wait_for(lambda: kernel_is_right(host), 3, "the kernel's part")
    assert daemon.stop() == 0


def test_killed_at_any_moment_the_next_one_converges(wan):
    moments = random.Random(3)
    for _ in range(12):
        wan.configure(CONFIG)
        daemon = Daemon(wan)
        daemon.host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
        drift = wan.start(["sh", "-c", "while :; do echo 9 >/proc/sys/net/mptcp/add_addr_timeout; "
                                       "ip mptcp limits set subflows 1; done"])
        end = moments.random() * 0.1
        with pytest.raises(subprocess.TimeoutExpired):
            daemon.watcher.process.wait(end)
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.watcher.process.wait(5)
        drift.stop(signal.SIGKILL)
    daemon = Daemon(wan)
    wait_for(lambda: all_is_right(wan), 10, "all")
    assert wan.nmcli("-g ipv4.addresses connection show wan1").stdout.strip() == "192.0.2.1/24"
    assert daemon.stop() == 0


def open_files(daemon):
    return len(os.listdir(daemon.proc("fd")))


def resident_kib(daemon):
    return int(re.search(r"VmRSS:\s+(\d+)", daemon.proc("status").read_text()).group(1))


def test_hundreds_of_rounds_leave_no_file_open_and_memory_as_it_was(daemon):
    poke = daemon.host.path("/run/mptcp-keeper/poke")

    def rounds(number):
        for _ in range(number):
            poke.write_text("")
            daemon.host.sysctl("net.mptcp.blackhole_timeout", 3600)
        daemon.wait_until_idle()

    rounds(50)
    files, memory = open_files(daemon), resident_kib(daemon)
    rounds(300)
    # a poll may have opened one at either moment
    wait_for(lambda: open_files(daemon) <= files, 10, "no more open files than before")
    assert resident_kib(daemon) <= memory + 1024


def test_at_rest_it_only_reads(daemon):
    daemon.host.configure(CONFIG + "reconcile: {interval: 100ms}\n")
    daemon.reload()
    daemon.wait_until_idle()
    # wait for the confirming check after the reload
    trace = subprocess.Popen(["strace", "-f", "-p", str(daemon.pid), "-e", "trace=!poll,ppoll,read,recvmsg,recvfrom"],
                             stderr=subprocess.PIPE, text=True)
    lines = []
    while len([line for line in lines if "sendto" in line or "sendmsg" in line]) < 60:
        lines.append(trace.stderr.readline())
        assert lines[-1], "strace ended"
    trace.terminate()
    trace.communicate()
    settled = lines[len(lines) // 2:]
    others = [line for line in settled if not re.search(
        r"sendto|sendmsg|clock_gettime|gettimeofday|restart_syscall|attached|getpid|resumed|unfinished", line)]
    assert not others, others[:10]


def test_dhcp_profile_is_asserted_again_after_a_sync(lab):
    segment = lab.segment("lan1", ["10.77.1.1/24"])
    host = lab.host()
    host.plug("enp1s0", segment)
    host.plug("enp2s0", lab.segment("lan2"))
    segment.serve("--dhcp-range=10.77.1.10,10.77.1.99,2m")
    host.start_network_manager()
    host.add_profile("wan1", "enp1s0", flags="subflow,also-without-default-route")
    host.add_profile("other", "enp2s0", "198.51.100.1/24", flags="subflow,also-without-default-route", up=False)
    (address,) = host.addresses("enp1s0")
    daemon = Daemon(host, CONFIG)
    wanted = {"signal", "subflow"}
    wait_for(lambda: host.endpoint_flags().get(address) == wanted, 5, "the endpoint")
    daemon.wait_until_idle()
    repairs = daemon.record()["repairs"]
    host.nmcli("connection up other")  # NetworkManager's sync restores the old flags
    wait_for(lambda: daemon.record()["repairs"] > repairs, 3, "the repair")
    # NetworkManager 1.52 syncs twice at an activation, and the second sync is corrected a minute later
    wait_for(lambda: host.endpoint_flags().get(address) == wanted, 63, "the endpoint again")
    assert host.keeper("status").json["daemon"]["conflicts"] == []


def test_declares_nothing_of_network_manager_and_never_asks_it(wan):
    daemon = Daemon(wan, KERNEL.replace("endpoints:", "# endpoints:"))
    wan.signal_network_manager(signal.SIGSTOP)
    wan.ip("mptcp limits set subflows 1")
    wait_for(lambda: wan.limits()["subflows"] == 4, 2, "the limit")
    wan.signal_network_manager(signal.SIGCONT)
    assert daemon.record()["phase"] == "idle"
