# SPDX-License-Identifier: LGPL-2.1-or-later
"""NetworkManager whose main loop hangs while its D-Bus thread continues, and a completely frozen one."""

import contextlib
import signal
import time

import pytest
from daemon_host import CONFIG, FLAGS, Daemon, all_is_right, drift_kernel, kernel_is_right
from host import keeper_program
from hung import hung_main_thread
from node import wait_for

PING = ["busctl", "--timeout=20", "call", "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
        "org.freedesktop.DBus.Peer", "Ping"]
DEADLINE = 10  # the deadline of a round with NetworkManager
MARGIN = 6  # the time of the program itself, on a busy machine


@contextlib.contextmanager
def frozen(host):
    """Like the kernel's freezer: no thread of NetworkManager runs."""
    host.signal_network_manager(signal.SIGSTOP)
    try:
        yield
    finally:
        host.signal_network_manager(signal.SIGCONT)


@contextlib.contextmanager
def hung(host):
    """The main loop hangs; the D-Bus thread continues and answers a ping."""
    with hung_main_thread(host.network_manager_pid):
        host.run(PING)  # on a busy machine, the thread may take its time
        yield


TROUBLES = pytest.mark.parametrize("trouble", [frozen, hung], ids=["frozen", "main-loop-hangs"])


@TROUBLES
def test_the_daemon_keeps_the_kernels_part_and_follows_with_the_rest(daemon, trouble):
    host = daemon.host
    poke = host.path("/run/mptcp-keeper/poke")
    with trouble(host):
        poke.write_text("")  # a round that calls NetworkManager would delay this
        host.sysctl("net.mptcp.add_addr_timeout", 99)
        wait_for(lambda: host.sysctl("net.mptcp.add_addr_timeout") == "60", 1, "the sysctl")
        drift_kernel(host)
        wait_for(lambda: kernel_is_right(host), 3, "the kernel's part")
        assert daemon.record()["phase"] == "waiting for NetworkManager"
    host.nmcli("connection modify wan1 connection.mptcp-flags subflow")
    wait_for(lambda: all_is_right(host), 5, "the rest")


@TROUBLES
def test_the_daemon_starts_and_ends_without_its_answer(wan, trouble):
    with trouble(wan):
        daemon = Daemon(wan, CONFIG)
        wait_for(lambda: kernel_is_right(wan), 3, "the kernel's part")
        start = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - start < 2


@TROUBLES
def test_monitor_continues(daemon, trouble):
    host = daemon.host
    monitor = host.start([keeper_program(), "monitor"])
    # Once it shows a change, it has read NetworkManager, whose main thread holds no lock of the other one then.
    host.ip("mptcp limits set add_addr_accepted 1")
    monitor.wait_for("add_addr_accepted")
    with trouble(host):
        host.ip("mptcp limits set subflows 1")
        monitor.wait_for("subflows", 5)


@TROUBLES
@pytest.mark.parametrize("command", ["diff", "status", "apply"])
def test_commands_end_and_say_why(wan, command, trouble):
    wan.configure(CONFIG)
    with trouble(wan):
        start = time.monotonic()
        done = wan.keeper(command)
        took = time.monotonic() - start
    assert done.returncode == 1 and took < DEADLINE + MARGIN
    said = done.stderr + str(done.json)
    assert "NetworkManager did not answer in time" in said
    assert kernel_is_right(wan) == (command == "apply")


@TROUBLES
def test_a_round_with_many_devices_has_one_deadline(wan, trouble):
    """NetworkManager stops answering after the first profile is stored: the rest share one deadline."""
    for number in range(4, 9):
        wan.plug(f"enp{number}s0", wan.segment("enp3s0"))
        wan.add_profile(f"wan{number}", f"enp{number}s0", f"203.0.{number}.1/24",
                        flags="subflow,also-without-default-route")
    wan.configure(CONFIG)
    monitor = wan.start(["dbus-monitor", "--system", "--profile", "member='Reapply'"])
    monitor.wait_for("NameAcquired")
    keeper = wan.start(["strace", "-f", "-o", "/dev/null", keeper_program(), "--json", "apply"])
    wait_for(lambda: "Reapply" in monitor.text() or keeper.process.poll() is not None, 20, "the first reapply")
    start = time.monotonic()
    with trouble(wan):
        wait_for(lambda: keeper.process.poll() is not None, DEADLINE + MARGIN, "the end of apply")
    assert time.monotonic() - start < DEADLINE + MARGIN
    assert keeper.process.returncode in (0, 1)
    done = wan.keeper("apply")
    assert done.returncode == 0, done.stderr
    assert wan.stored_flags("wan8") == FLAGS and wan.live_flags("enp8s0") == FLAGS
