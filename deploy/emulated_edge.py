"""The distribution's stand-in for a rehearsal: the emulator makes distributions that serve nothing.

It runs the published function's file with the KeyValueStore that the deployment has filled.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import waitress
from botocore.exceptions import ClientError

from local.edge import Edge
from local.layout import HOST

# AWS has a host for each account's stores. Names below the emulator's address are none in DNS.
RESOLVER = """
import socket
_found = socket.getaddrinfo
def _resolve(host, *rest, **more):
    own = isinstance(host, str) and host.endswith(".127.0.0.1")
    return _found("127.0.0.1" if own else host, *rest, **more)
socket.getaddrinfo = _resolve
"""


@contextlib.contextmanager
def edge_in_front_of(deployed: dict[str, str], port: int) -> Iterator[None]:
    """Serve viewers on a port of this machine until the end of the block."""
    exec(RESOLVER, {})  # noqa: S102 - the very code that the deployment's processes run here
    client: Any = boto3.client("cloudfront-keyvaluestore")

    def value(key: str) -> str | None:
        try:
            found = client.get_key(KvsARN=deployed["edge_store_arn"], Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return str(found["Value"])

    edge = Edge(deployed["api_url"], deployed["MediaBucketName"], value)
    server: Any = waitress.create_server(edge, host=HOST, port=port, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield
    finally:
        server.close()
