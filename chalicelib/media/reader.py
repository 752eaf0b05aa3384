"""The helper of `media.isolated`: loads PyAV once, then forks a bounded child for each request.

It gets a byte and a channel at a time through its standard input, a socket, and ends when that
closes: also when its worker was killed. The children read a request as JSON from their channel,
write their process id and a line break, then the answer, and end.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from chalicelib.media.errors import EncoderFailed, MediaError, SourceBad, SourceUnsupported
from chalicelib.media.picture_set import make_pictures
from chalicelib.media.probe import probe
from chalicelib.mediaspec.snapshot import SnapshotSpec

_PR_SET_PDEATHSIG = 1
_MAX_REQUEST_BYTES = 1024 * 1024


def main() -> None:
    """Fork a child for each channel that comes in, until nobody can send any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which ends this
    with socket.socket(fileno=0) as control:
        while True:
            data, channels, _, _ = socket.recv_fds(control, 1, 1)
            if not data:
                return
            if os.fork() == 0:
                control.close()
                _serve(channels[0])
            os.close(channels[0])


def _serve(channel: int) -> None:
    """The whole life of a child. It never returns: what follows a fork is its parent's."""
    try:
        _die_with_parent()
        with socket.socket(fileno=channel) as stream:
            stream.sendall(b"%d\n" % os.getpid())
            with stream.makefile("rb") as incoming:
                request = json.loads(incoming.read(_MAX_REQUEST_BYTES))
            stream.sendall(json.dumps(_answer(request)).encode())
    finally:
        os._exit(0)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _limit(request: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_bytes"], request["file_bytes"]))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (request["memory_bytes"], request["memory_bytes"]))


def _answer(request: dict[str, Any]) -> dict[str, str]:
    try:
        _limit(request)
        return {"result": _work(request)}
    except MediaError as error:
        return {"reason": type(error).__name__, "message": str(error)}
    except MemoryError:
        told = "the source needs more memory than reading one may take"
        return {"reason": SourceUnsupported.__name__, "message": told}
    except OSError as error:
        told = f"the pictures cannot be written: {error.strerror}"
        return {"reason": EncoderFailed.__name__, "message": told}
    except Exception as error:  # whatever a hostile file brings about is its fault
        told = f"the source is damaged in a way that broke off its reading: {type(error).__name__}"
        return {"reason": SourceBad.__name__, "message": told}


def _work(request: dict[str, Any]) -> str:
    source = Path(request["source"]) if request["is_path"] else request["source"]
    seconds = request["timeout_seconds"]
    if request["what"] == "probe":
        return probe(source, timeout_seconds=seconds).model_dump_json()
    spec = SnapshotSpec.model_validate_json(request["spec"])
    folder = Path(request["out_dir"])
    return make_pictures(source, spec, folder, timeout_seconds=seconds).model_dump_json()


if __name__ == "__main__":
    main()
