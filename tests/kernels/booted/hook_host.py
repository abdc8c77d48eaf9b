# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the program hook have in common. The oracles are the protocols of real sockets, bpftool, systemctl
and the pins in /sys/fs/bpf.
"""

import contextlib
import errno
import json
import mmap
import os
import struct
import time
from pathlib import Path

import pytest
from this_host import CONFIG, MPTCP, PROGRAMS, TCP, in_unit, keeper, run, systemctl, unit_property, wait_for

SERVICE = "mptcp-keeper-bpf.service"
LOADER = Path("/usr/lib/mptcp-keeper/program-hook")
FOLDER = Path("/run/mptcp-keeper/program-hook")
PINS = Path("/sys/fs/bpf/mptcp-keeper")
PIN_NAMES = ["link", "link-preempted", "program", "program-preempted", "rules", "scratches", "settings", "verdicts"]
HAS_HOOK = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (6, 6)

# test_program_hook_unsupported.py tests what happens on these kernels.
requires_hook = [
    pytest.mark.skipif(not LOADER.exists(), reason="mptcp-keeper-bpf was not built"),
    pytest.mark.skipif(not HAS_HOOK, reason=f"Linux {os.uname().release} lacks update_socket_protocol()")]


@contextlib.contextmanager
def declared(text):
    """Applies a configuration. At the end, the one of the boot is there again and applied."""
    before = CONFIG.read_text()
    try:
        declare(text)
        yield
    finally:
        CONFIG.write_text(before)
        apply()


def declare(text, *options):
    """Writes the configuration and applies it."""
    CONFIG.write_text(text)
    return apply(*options)


def apply(*options):
    """Runs apply, which must succeed and verify its result."""
    done = keeper("apply", *options)
    assert done.returncode == 0 and done.json["verified"], done.stdout + done.stderr
    return done


def hook_changes(document):
    """The changes of the hook in the document of a command: [(key, before, after)]."""
    return [(one["key"], one["before"], one["after"]) for one in document["changes"]
            if one["resource"] == "program-hook"]


def hook_status(**kwargs):
    """The program_hook of `status`."""
    return keeper("status", **kwargs).json["program_hook"]


def attached_programs():
    """The ids of our programs that are attached, as the kernel lists them."""
    programs = {one["id"] for one in json.loads(run(["bpftool", "--json", "prog", "list"]).stdout)
                if one.get("name") == "turn_into_mptcp"}
    return sorted(one["prog_id"] for one in json.loads(run(["bpftool", "--json", "link", "list"]).stdout)
                  if one.get("prog_id") in programs)


def assert_attached():
    """Exactly one program is attached and pinned."""
    assert sorted(path.name for path in PINS.iterdir()) == PIN_NAMES
    assert len(wait_for(lambda: len(attached_programs()) == 1 and attached_programs(), 30, "one program")) == 1
    assert unit_property(SERVICE, "ActiveState") == "active"


def assert_detached():
    """Nothing of the hook is left."""
    assert not PINS.exists()
    wait_for(lambda: not attached_programs(), 30, "the end of the program")
    assert unit_property(SERVICE, "ActiveState") == "inactive"
    assert not (FOLDER / "attached").exists()


def protocols_of(*commands, **kwargs):
    """The protocols that these commands print, all run in one unit; kwargs are those of in_unit()."""
    script = "\n".join(" ".join(f"'{word}'" for word in command) for command in commands)
    return [int(line) for line in in_unit(["sh", "-ec", script], **kwargs).stdout.split()]


class SocketLoop:
    """A unit whose threads open sockets all the time, and what they got: the counters of programs/socket_loop.c."""
    FIELDS = ["tcp", "mptcp", "failed", "error", "first_tcp", "last_tcp"]

    def __init__(self, units, name, slice_name="system.slice", threads=20):
        self._threads = threads
        self._file = Path(f"/run/{name}.counts")
        self._file.unlink(missing_ok=True)
        self.unit = f"{name}.service"
        units.start(self.unit, [PROGRAMS / "socket-loop", self._file, threads], slice_name=slice_name)
        wait_for(lambda: self._file.exists() and self._file.stat().st_size, 30, f"the file of {self.unit}")
        with self._file.open("r+b") as file:
            self._counts = mmap.mmap(file.fileno(), 8 * len(self.FIELDS))
        self.wait_for_more()

    def read(self):
        """The counters as a dictionary."""
        return dict(zip(self.FIELDS, struct.unpack(f"={len(self.FIELDS)}Q", self._counts[:])))

    def reset(self):
        """Sets the counters to zero; sockets that are being created at this moment are no longer counted."""
        self.wait_for_more()
        self._counts[:] = bytes(len(self._counts))

    def wait_for_more(self):
        """Waits until each thread should have opened a socket from now on."""
        def total():
            now = self.read()
            return now["tcp"] + now["mptcp"] + now["failed"]
        before = total()
        wait_for(lambda: total() > before + 3 * self._threads, 60, f"sockets of {self.unit}")

    def protocols(self):
        """The set of protocols of sockets that are opened from now on, but for a few; none may fail."""
        self.reset()
        self.wait_for_more()
        found = self.read()
        assert found["failed"] == 0, os.strerror(found["error"])
        few = (found["tcp"] + found["mptcp"]) / 20
        return {protocol for protocol, name in ((TCP, "tcp"), (MPTCP, "mptcp")) if found[name] > few}

    def assert_no_gap(self):
        """Since the counters were set to zero, no socket() has failed, and the sockets are MPTCP but for a few: the
        kernel skips the hook if it has preempted another thread on the same CPU that is in it."""
        self.wait_for_more()
        self.assert_no_failure()
        found = self.read()
        print(f"{found['tcp']} of {found['mptcp']} sockets were TCP")
        assert found["mptcp"] > 50 and found["tcp"] <= found["mptcp"] / 50, f"{self.milliseconds_of_tcp()} ms: {found}"

    def wait_for_protocol(self, protocol, deadline=60):
        """Waits until all new sockets have this protocol; returns the milliseconds that it took."""
        started = time.monotonic()
        wait_for(lambda: self.protocols() == {protocol}, deadline, f"{self.unit} with protocol {protocol}")
        return (time.monotonic() - started) * 1000

    def milliseconds_of_tcp(self):
        """The time between the first and the last socket that was TCP, since the counters were set to zero."""
        found = self.read()
        return (found["last_tcp"] - found["first_tcp"]) / 1e6

    def assert_no_failure(self):
        """No socket() has failed since the counters were set to zero."""
        found = self.read()
        assert found["failed"] == 0, f"{found}: {os.strerror(found['error'])}"

    def pass_the_moment(self):
        """Waits until no socket is being created any more that the hook decided about before now, and sets the counters
        to zero. Returns how many of these failed, at most one for each thread: the kernel reads net.mptcp.enabled again
        after the hook has."""
        self.wait_for_more()
        found = self.read()
        assert found["failed"] <= self._threads, found
        assert found["error"] in (0, errno.ENOPROTOOPT), os.strerror(found["error"])
        self.reset()
        return found["failed"]


def wait_for_pins():
    """Waits until a program is pinned and our service has ended its work."""
    wait_for(lambda: (PINS / "link").exists() and systemctl("list-jobs", "--no-legend") == "", 60, "the pins")
