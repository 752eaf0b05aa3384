"""What CloudFront does on AWS: runs the edge function, then reads the bucket or asks the API.

Like CloudFront it reads the bucket with rights of its own; viewers have none. The behaviours are
those of ``infra/edge.yaml``: what the function sends to the API's paths goes to the API, all else
to the bucket. Nothing is cached here.
"""

import http.client
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.edge_function import EdgeFunction, FunctionFailed
from local.gateway import REASONS, Environ, StartResponse, path_as_sent, request_headers

_API_PATHS = ("/manifest", "/admit", "/keys/", "/crossdomain.xml")
# What the response headers policy of the distribution adds.
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Content-Length, Content-Range, Accept-Ranges",
}
# Viewers' headers that reach the bucket, as S3's parameters.
_CONDITIONS = {
    "range": "Range",
    "if-none-match": "IfNoneMatch",
    "if-match": "IfMatch",
}
_REFUSALS = {304: "NotModified", 412: "PreconditionFailed", 416: "InvalidRange"}
_NO_OBJECT = "There is no such object."
_CHUNK_BYTES = 64 * 1024
_REFRESH_SECONDS = 1.0
_log = logging.getLogger("local.edge")


@dataclass
class _Answer:
    status: int
    headers: dict[str, str]
    body: Iterable[bytes] = ()


class Edge:
    """A WSGI application that plays; safe for many threads."""

    def __init__(
        self, api_url: str, bucket: str, value: Callable[[str], str | None] | None = None
    ) -> None:
        """``value`` reads the KeyValueStore; without it the database stands in for one."""
        self._api = urlsplit(api_url)
        self._bucket = bucket
        self._s3 = boto3.client("s3", config=Config(max_pool_connections=32))
        self._decide = EdgeFunction(value or _Configuration().value)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        try:
            answer = self._answer(environ)
        except FunctionFailed:
            _log.exception("the edge function failed")
            answer = _text(503, "The edge function failed.")
        except (OSError, BotoCoreError, ClientError):
            _log.exception("the origin failed")
            answer = _text(502, "The origin failed.")
        method, path = environ["REQUEST_METHOD"], path_as_sent(environ)
        milliseconds = (time.monotonic() - started) * 1000
        # Never the query string: it carries signatures.
        _log.info("%s %s %d %.0f ms", method, ascii(path)[1:-1], answer.status, milliseconds)
        headers = answer.headers | {k: v for k, v in _CORS.items() if k not in answer.headers}
        start_response(
            f"{answer.status} {REASONS.get(answer.status, 'Status')}", list(headers.items())
        )
        return answer.body

    def _answer(self, environ: Environ) -> _Answer:
        event = _event(environ)
        decided = self._decide(event)
        if "statusCode" in decided:
            return _generated(decided)
        if decided["uri"].startswith(_API_PATHS):
            return self._from_api(decided)
        return self._from_bucket(decided)

    def _from_api(self, request: dict[str, Any]) -> _Answer:
        query = "&".join(f"{name}={each['value']}" for name, each in request["querystring"].items())
        headers = {name: each["value"] for name, each in request["headers"].items()}
        headers["host"] = self._api.netloc
        connection = http.client.HTTPConnection(self._api.netloc, timeout=30)
        try:
            path = self._api.path + request["uri"] + (f"?{query}" if query else "")
            connection.request(request["method"], path, headers=headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        kept = ("content-type", "cache-control", "location", "content-length")
        found = {name.lower(): value for name, value in response.getheaders()}
        return _Answer(response.status, {n: found[n] for n in kept if n in found}, [body])

    def _from_bucket(self, request: dict[str, Any]) -> _Answer:
        read = self._s3.head_object if request["method"] == "HEAD" else self._s3.get_object
        given = {
            parameter: request["headers"][name]["value"]
            for name, parameter in _CONDITIONS.items()
            if name in request["headers"]
        }
        key = unquote(request["uri"]).removeprefix("/")
        if not key:
            return _text(403, _NO_OBJECT)
        try:
            found: Any = read(Bucket=self._bucket, Key=key, **given)
        except ClientError as error:
            return _refused(error)
        headers = {
            "content-type": found["ContentType"],
            "content-length": str(found["ContentLength"]),
            "etag": found["ETag"],
            "last-modified": found["LastModified"].strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "accept-ranges": "bytes",
        }
        if "ContentRange" in found:
            headers["content-range"] = found["ContentRange"]
        status = 206 if "ContentRange" in found else 200
        return _Answer(status, headers, _Body(found["Body"]) if "Body" in found else [])


class _Body:
    """An object's bytes; the connection to the bucket ends with the viewer's."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        chunks: Iterator[bytes] = self._body.iter_chunks(_CHUNK_BYTES)
        return chunks

    def close(self) -> None:
        self._body.close()


class _Configuration:
    """The KeyValueStore: read from the database at most once a second."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._read_at = float("-inf")
        # Connections to the database belong to threads: one is enough here.
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="edge-config")

    def value(self, key: str) -> str | None:
        if time.monotonic() - self._read_at > _REFRESH_SECONDS:
            self._reader.submit(self._refresh).result()
        return self._values.get(key)

    def _refresh(self) -> None:
        from chalicelib.playback import domains, edge_config

        if time.monotonic() - self._read_at > _REFRESH_SECONDS:
            domains.find()  # the default domain is made at first use
            self._values = edge_config.entries(domains.every().values())
            self._read_at = time.monotonic()


def _event(environ: Environ) -> dict[str, Any]:
    query: dict[str, dict[str, str]] = {}
    for pair in filter(None, environ.get("QUERY_STRING", "").split("&")):
        name, _, value = pair.partition("=")
        query[name] = {"value": value}
    headers = {name: {"value": value} for name, value in request_headers(environ).items()}
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": environ.get("REMOTE_ADDR", "")},
        "request": {
            "method": environ["REQUEST_METHOD"],
            "uri": path_as_sent(environ),
            "querystring": query,
            "headers": headers,
            "cookies": {},
        },
    }


def _generated(response: dict[str, Any]) -> _Answer:
    headers = {name: each["value"] for name, each in response.get("headers", {}).items()}
    body = response.get("body", {}).get("data", "").encode()
    return _Answer(response["statusCode"], headers | {"content-length": str(len(body))}, [body])


def _refused(error: ClientError) -> _Answer:
    status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    if status in _REFUSALS:
        return _Answer(status, {"content-length": "0"})
    if status in (403, 404):
        # As S3 answers whoever may read objects but not list them.
        return _text(403, _NO_OBJECT)
    raise error


def _text(status: int, text: str) -> _Answer:
    body = text.encode()
    headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body))}
    return _Answer(status, headers, [body])
