# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes only the main thread of a program hang while its other threads continue, as in a deadlock."""

import contextlib
import ctypes
import os
import time
from pathlib import Path

SEIZE, INTERRUPT, CONTINUE, DETACH = 0x4206, 0x4207, 7, 17  # linux/ptrace.h
# poll and ppoll on x86_64, ppoll on other machines; "restart_syscall" is a poll that was interrupted.
POLLS = {"7", "271", "219"} if os.uname().machine == "x86_64" else {"73", "128"}

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request, pid):
    if libc.ptrace(request, pid, None, None) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace {request:#x}: {os.strerror(error)}")


def _interrupt(pid):
    _ptrace(INTERRUPT, pid)
    _, status = os.waitpid(pid, 0x40000000)  # __WALL
    assert os.WIFSTOPPED(status), status


def _waits_in_poll(pid):
    """Whether the main thread, which is held, waits for events: then it has none of the locks that others need."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[0] in POLLS


@contextlib.contextmanager
def hung_main_thread(pid):
    """Holds the main thread of the process without a signal; the process is not in the stopped state."""
    _ptrace(SEIZE, pid)
    try:
        _interrupt(pid)
        end = time.monotonic() + 10
        while not _waits_in_poll(pid):
            assert time.monotonic() < end, "the main thread never waits for events"
            _ptrace(CONTINUE, pid)
            _interrupt(pid)
        yield
    finally:
        with contextlib.suppress(OSError):  # the process may have been killed
            _ptrace(DETACH, pid)
