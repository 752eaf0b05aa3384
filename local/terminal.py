"""Writing to the terminal, which may go away while the stack still has to be ended in order."""

import contextlib
import sys


def say(text: str) -> None:
    """Tell the person at the terminal."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def warn(text: str) -> None:
    """Tell the person at the terminal about trouble."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
