"""The program between a worker and ffmpeg: bounds itself, ties itself to its parent, becomes it.

`python launch.py PARENT_PID MEMORY_BYTES FILE_BYTES PROGRAM ARGUMENT...`. A program of its own
because the same calls between fork and exec (subprocess's preexec_fn) can deadlock a parent that
has threads. Standard library only; it runs without site-packages.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, even by SIGKILL (Linux only).

    To the kernel the parent is the thread that started it, which waits for it meanwhile.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)  # it died before the kernel was asked


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (bound, bound))


def main(parent: str, memory_bytes: str, file_bytes: str, program: str, *arguments: str) -> None:
    _die_with_parent(int(parent))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, int(file_bytes))
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, int(memory_bytes))
    os.execv(program, [program, *arguments])  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])
