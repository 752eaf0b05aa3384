"""What API Gateway does on AWS: turns an HTTP request into an event for the Chalice app.

One behaviour is left as it is there on purpose: a path or method that the app does not declare is
answered 403 ``Missing Authentication Token``, so that nobody relies on anything else.
"""

import base64
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from chalice.app import Chalice
from chalice.local import LocalChalice

from local.lambda_context import LambdaContext
from local.layout import AWS_ACCOUNT, STAGE

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]

_PARAMETER = re.compile(r"\{(\w+)(\+?)\}")
_log = logging.getLogger("local.gateway")


@dataclass(frozen=True)
class _Route:
    resource: str
    pattern: re.Pattern[str]
    methods: dict[str, Any]


class Gateway:
    """A WSGI application around a Chalice app; safe for many threads."""

    def __init__(self, app: Chalice) -> None:
        # Lambda gives a process one request at a time and Chalice keeps the current one on the
        # app; its class for local servers keeps it per thread.
        app.__class__ = LocalChalice
        self._app = app
        # Paths without parameters win over those with.
        self._routes = sorted(
            (_Route(path, _pattern(path), methods) for path, methods in app.routes.items()),
            key=lambda route: (route.resource.count("{"), -len(route.resource)),
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        try:
            status, headers, body = self._answer(environ)
        except Exception:
            _log.exception("the app failed outside its own error handling")
            status, headers, body = _message(502, "Internal server error")
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        milliseconds = (time.monotonic() - started) * 1000
        # Never the query string: it can carry signatures.
        _log.info("%s %s %d %.0f ms", method, ascii(path)[1:-1], status, milliseconds)
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        headers.append(("Content-Length", str(len(body))))
        start_response(f"{status} {REASONS.get(status, 'Status')}", headers)
        return [] if method == "HEAD" else [body]

    def _answer(self, environ: Environ) -> "_Answer":
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", errors="replace")
        matched = self._match(path or "/")
        if matched is None:
            return _message(403, "Missing Authentication Token")
        route, parameters = matched
        method = environ["REQUEST_METHOD"]
        if method not in route.methods:
            if method == "OPTIONS" and (headers := _preflight(route.methods)):
                return 200, headers, b""
            return _message(403, "Missing Authentication Token")
        event = _event(environ, route.resource, path, parameters, self._app.api.binary_types)
        return _unpacked(self._app(event, LambdaContext("api", time_limit_seconds=29)))

    def _match(self, path: str) -> tuple[_Route, dict[str, str]] | None:
        if len(path) > 1:
            path = path.rstrip("/") or "/"
        for route in self._routes:
            found = route.pattern.fullmatch(path)
            if found:
                return route, found.groupdict()
        return None


_Answer = tuple[int, list[tuple[str, str]], bytes]
REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
    301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
    307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 412: "Precondition Failed",
    413: "Content Too Large", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
    422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip


def _pattern(resource: str) -> re.Pattern[str]:
    parts = []
    end = 0
    for found in _PARAMETER.finditer(resource):
        parts.append(re.escape(resource[end : found.start()]))
        parts.append(f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})")
        end = found.end()
    return re.compile("".join(parts) + re.escape(resource[end:]))


def _message(status: int, text: str) -> _Answer:
    body = json.dumps({"message": text}).encode()
    return status, [("Content-Type", "application/json")], body


def _preflight(methods: dict[str, Any]) -> list[tuple[str, str]]:
    """The headers that Chalice has API Gateway answer a CORS preflight with, if CORS is on."""
    allowed = {name: entry.cors for name, entry in methods.items() if entry.cors}
    if not allowed:
        return []
    config = next(iter(allowed.values()))
    headers = {
        **config.get_access_control_headers(),
        "Access-Control-Allow-Methods": ",".join([*allowed, "OPTIONS"]),
    }
    return [(name, str(value)) for name, value in headers.items()]


def _event(
    environ: Environ, resource: str, path: str, parameters: dict[str, str], binary_types: list[str]
) -> dict[str, Any]:
    headers = _headers(environ)
    query: dict[str, list[str]] = {}
    for pair in environ.get("QUERY_STRING", "").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            query.setdefault(_decoded(name), []).append(_decoded(value))
    body, is_base64 = _body(environ, headers.get("content-type", ""), binary_types)
    method = environ["REQUEST_METHOD"]
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": is_base64,
        "requestContext": {
            "resourcePath": resource,
            "path": path_as_sent(environ),
            "httpMethod": method,
            "protocol": environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
            "stage": STAGE,
            "accountId": AWS_ACCOUNT,
            "apiId": "local",
            "domainName": headers.get("host", ""),
            "requestId": str(uuid.uuid4()),
            "requestTimeEpoch": int(time.time() * 1000),
            "identity": {
                "sourceIp": environ.get("REMOTE_ADDR", ""),
                "userAgent": headers.get("user-agent", ""),
            },
        },
    }


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="replace") if "%" in text or "+" in text else text


def path_as_sent(environ: Environ) -> str:
    """The path with its percent escapes, which signatures of URLs cover."""
    sent = str(environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/"))
    return urlsplit(sent).path if "://" in sent.split("?")[0] else sent.split("?")[0]


def request_headers(environ: Environ) -> dict[str, str]:
    """The headers of a request, names in lower case."""
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def _headers(environ: Environ) -> dict[str, str]:
    headers = request_headers(environ)
    headers["x-forwarded-for"] = environ.get("REMOTE_ADDR", "")
    headers["x-forwarded-proto"] = environ.get("wsgi.url_scheme", "http")
    headers["x-forwarded-port"] = str(environ.get("SERVER_PORT", ""))
    return headers


def _body(environ: Environ, content_type: str, binary_types: list[str]) -> tuple[str | None, bool]:
    """The body as text where it is text, else in base64, so that every byte arrives."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    data = environ["wsgi.input"].read(length) if length else b""
    if not data:
        return None, False
    if content_type.split(";")[0].strip().lower() not in binary_types:
        try:
            return data.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(data).decode("ascii"), True


def _unpacked(answer: dict[str, Any]) -> _Answer:
    headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    body = answer.get("body") or ""
    data = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode("utf-8")
    return int(answer["statusCode"]), headers, data
