# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes only the main thread of a program hang while its other threads continue, as in a deadlock."""

import contextlib
import ctypes
import os

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17  # linux/ptrace.h

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request, pid):
    if libc.ptrace(request, pid, None, None) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace {request:#x}: {os.strerror(error)}")


@contextlib.contextmanager
def hung_main_thread(pid):
    """Holds the main thread of the process without a signal; the process is not in the stopped state."""
    _ptrace(SEIZE, pid)
    try:
        _ptrace(INTERRUPT, pid)
        _, status = os.waitpid(pid, 0x40000000)  # __WALL
        assert os.WIFSTOPPED(status), status
        yield
    finally:
        with contextlib.suppress(OSError):  # the process may have been killed
            _ptrace(DETACH, pid)
