"""A program whose main thread alone hangs: its other threads go on, as those of a program in a deadlock do."""

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
    """Holds the main thread of the process; no signal is sent, and the process does not count as stopped."""
    _ptrace(SEIZE, pid)
    try:
        _ptrace(INTERRUPT, pid)
        _, status = os.waitpid(pid, 0x40000000)  # __WALL
        assert os.WIFSTOPPED(status), status
        yield
    finally:
        with contextlib.suppress(OSError):  # it may have been killed
            _ptrace(DETACH, pid)
