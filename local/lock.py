"""One supervisor to a data directory."""

import fcntl
import os
from pathlib import Path

from local.errors import StackError


class Lock:
    """Held until the process ends, however it ends: the kernel lets go of it."""

    def __init__(self, path: Path) -> None:
        """Take the lock or raise StackError."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._descriptor, 32).decode("ascii", errors="replace").strip()
            os.close(self._descriptor)
            raise StackError(
                f"{path.parent} is in use by another stack (process {holder or 'unknown'}): "
                "stop that one, or give this one a directory of its own with --data",
                exit_code=2,
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def forget(self) -> None:
        """In a child: a lock that a child shares would outlive the supervisor."""
        os.close(self._descriptor)
