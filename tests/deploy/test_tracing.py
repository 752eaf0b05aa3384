"""Traces: a function that is told to sends them to X-Ray's daemon; others know nothing of them."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_REQUEST = """
import sys
from app import app
event = {"resource": "/", "path": "/", "httpMethod": "GET", "headers": {"host": "vod.example"},
  "multiValueHeaders": {"host": ["vod.example"]}, "pathParameters": None, "stageVariables": None,
  "multiValueQueryStringParameters": {"Action": ["Nothing"], "Version": ["2017-03-21"]},
  "queryStringParameters": {}, "body": None, "isBase64Encoded": False,
  "requestContext": {"resourcePath": "/", "path": "/", "httpMethod": "GET",
                     "identity": {"sourceIp": "192.0.2.1"}}}
answer = app(event, None)
print(answer["statusCode"], "aws_xray_sdk" in sys.modules)
"""


def _run(daemon: socket.socket, **environment: str) -> list[str]:
    host, port = daemon.getsockname()
    done = subprocess.run(
        [sys.executable, "-c", _REQUEST],
        cwd=_ROOT,
        env=os.environ
        | {
            # What Lambda gives a function whose request is traced.
            "LAMBDA_TASK_ROOT": str(_ROOT),
            "_X_AMZN_TRACE_ID": (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
            ),
            "AWS_XRAY_DAEMON_ADDRESS": f"{host}:{port}",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()


def _daemon() -> socket.socket:
    daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    daemon.bind(("127.0.0.1", 0))
    daemon.settimeout(10)
    return daemon


def test_a_request_is_a_part_of_the_functions_trace() -> None:
    with _daemon() as daemon:
        assert _run(daemon, OPENVOD_TRACING="on") == ["400", "True"]
        segment: dict[str, Any] = json.loads(daemon.recv(65536).partition(b"\n")[2])
    assert segment["name"] == "api"
    assert segment["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert segment["parent_id"] == "53995c3f42cd8ad8"
    assert segment["annotations"]["action"] == "2017-03-21/Nothing"
    assert segment["annotations"]["code"] == "UnsupportedOperation"


def test_without_it_no_request_pays_for_it() -> None:
    with _daemon() as daemon:
        assert _run(daemon) == ["400", "False"]
        daemon.settimeout(0)
        try:
            sent = daemon.recv(65536)
        except BlockingIOError:
            sent = b""
    assert sent == b""
