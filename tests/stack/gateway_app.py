"""A small Chalice app that tells what it was given, on the stack's own server."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from chalice.app import Chalice, Request, Response

from local import web
from local.gateway import Gateway
from local.layout import HOST, PROJECT

app = Chalice(app_name="tests")
_meeting = threading.Barrier(8)


def _request() -> Request:
    assert app.current_request is not None
    return app.current_request


@app.route("/echo", methods=["GET", "POST"], content_types=["*/*"], cors=True)
def echo() -> dict[str, Any]:
    request = _request()
    event = request.to_original_event()
    body = request.raw_body
    return {
        "query": event["multiValueQueryStringParameters"],
        "body": (body.encode() if isinstance(body, str) else body).hex(),
        "source_ip": request.context["identity"]["sourceIp"],
        "forwarded_for": request.headers["x-forwarded-for"],
    }


@app.route("/files/{folder}/{name}", methods=["GET", "HEAD"])
def files(folder: str, name: str) -> dict[str, Any]:
    return {
        "parameters": {"folder": folder, "name": name},
        "raw_path": _request().context["path"],
    }


@app.route("/binary")
def binary() -> Response:
    headers: dict[str, Any] = {"Content-Type": "image/png", "X-Several": ["one", "two"]}
    return Response(body=bytes(range(256)), headers=headers)


@app.route("/broken")
def broken() -> None:
    raise RuntimeError("the reason")


@app.route("/meet")
def meet() -> dict[str, str]:
    _meeting.wait(15)
    query = _request().query_params or {}
    return {"who": query["who"]}


@app.route("/stop")
def stop() -> dict[str, str]:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(1)  # the server has seen the signal by now
    return {"stopped": "not yet"}


@contextlib.contextmanager
def running() -> Iterator[int]:
    """The app in a process of its own, for as long as the block runs; gives its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stack.gateway_app"], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind((HOST, 0))
    web.serve(Gateway(app), listener, lambda: print(listener.getsockname()[1], flush=True))
