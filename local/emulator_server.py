"""The AWS emulator as a process: MiniStack behind a guard.

``python -m local.emulator_server``; everything is configured by MiniStack's own variables.

The guard closes what MiniStack leaves open to whoever can reach the port, and a web page in a
browser on the same machine can: administrative paths (one of them wipes everything), and keys that
MiniStack takes for the root user's without looking at the signature ("test", any account id). The
real root key is random and lies in a file that only its owner can read.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack

from local.layout import HOST

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

_OPEN_PATHS = frozenset({"/_ministack/health", "/_ministack/ready"})
_CLOSED_PREFIXES = ("/_ministack", "/_localstack")
_WELL_KNOWN_ROOT_KEY = re.compile(r"test|\d{12}")
_KEY_PARAMETERS = ("AWSAccessKeyId", "X-Amz-Credential")
_HEADER_KEY = re.compile(r"Credential=([^/,\s]*)|^AWS ([^:\s]*):")


def is_refused(path: str, query: str, authorization: str) -> bool:
    """Whether a request asks for an administrative path or claims a well-known root key."""
    if path.startswith(_CLOSED_PREFIXES) and path not in _OPEN_PATHS:
        return True
    claimed = ["".join(groups) for groups in _HEADER_KEY.findall(authorization)]
    parameters = {name.lower(): values for name, values in parse_qs(query).items()}
    for name in _KEY_PARAMETERS:
        claimed += [value.split("/")[0] for value in parameters.get(name.lower(), [])]
    return any(_WELL_KNOWN_ROOT_KEY.fullmatch(key) for key in claimed)


async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
    """MiniStack's application behind the guard."""
    if scope["type"] == "http" and _is_refused_scope(scope):
        body = b'{"message":"Forbidden"}'
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    await ministack.app(scope, receive, send)


def _is_refused_scope(scope: Scope) -> bool:
    authorization = ",".join(
        value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"
    )
    return is_refused(scope["path"], scope["query_string"].decode("latin-1"), authorization)


async def _serve(config: Config) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report)
    await serve(guarded, config)  # type: ignore[arg-type]


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # At the end the polls of clients that have gone are cancelled; that is no news.
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


def main() -> None:
    """Serve until SIGTERM; the state is then saved."""
    config = Config()
    config.bind = [f"{HOST}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    asyncio.run(_serve(config))


if __name__ == "__main__":
    main()
