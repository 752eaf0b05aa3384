"""The ports of the stack: taken early, so that a conflict is one clear message."""

import contextlib
import random
import socket

from local.errors import StackError
from local.layout import HOST, Layout


def bind_api(layout: Layout) -> socket.socket:
    """The API's socket, bound but not yet listening: until all is ready, clients are refused."""
    return _bind(layout.port, "the API", layout)


def bind_edge(layout: Layout) -> socket.socket:
    """The edge's socket, bound but not yet listening."""
    return _bind(layout.edge_port, "the edge", layout)


def check_emulator_port(layout: Layout) -> None:
    """Raise StackError if the emulator's port is taken."""
    _bind(layout.emulator_port, "the S3 endpoint", layout).close()


def _bind(port: int, purpose: str, layout: Layout) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Binding alone may succeed on a port that somebody listens on with other options.
        if _somebody_listens(port):
            raise OSError
    except (OSError, OverflowError) as error:
        listener.close()
        raise StackError(
            f"port {port}, which {purpose} needs, is taken. The stack uses three ports in a row: "
            f"choose others, for example `make up PORT={layout.port + 10}`",
            exit_code=2,
        ) from error
    return listener


def _somebody_listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def free_ports() -> int:
    """A port that is free together with the next two.

    Not one that the system would give: those it also gives to outgoing connections, and one of
    these may have it by the time it is wanted.
    """
    while True:
        port = random.randrange(20_000, 31_998, 3)  # noqa: S311 - not a secret
        with contextlib.ExitStack() as opened:
            try:
                for each in range(port, port + 3):
                    opened.enter_context(socket.socket()).bind((HOST, each))
            except OSError:
                continue
            return port
