"""HTTP routes: the vendors' APIs at the root, because their SDKs sign and call ``/``."""

from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib import tracing
from chalicelib.apis.protocol.http import HttpRequest

blueprint = Blueprint(__name__)


@blueprint.route("/", methods=["GET", "POST"], content_types=["*/*"], name="api")
def api() -> Response:
    """One action of a vendor's API."""
    # Imported here: every function imports this module, and only the API needs it.
    from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer

    with tracing.span("api"):
        result = answer(_http_request(_current()))
    return _response(result.body, result.status, result.headers)


@blueprint.route("/health", methods=["GET"], name="health")
def health() -> Response:
    """Tells that this process answers; says nothing about what lies behind it."""
    return _response("ok", 200, {"Content-Type": "text/plain"})


def _response(body: str, status: int, headers: dict[str, str]) -> Response:
    return Response(body=body, status_code=status, headers=dict(headers))


def _current() -> Request:
    request = blueprint.current_request
    assert request is not None
    return request


def _http_request(request: Request) -> HttpRequest:
    multi: dict[str, list[str]] = (
        request.to_original_event().get("multiValueQueryStringParameters") or {}
    )
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HttpRequest(
        method=request.method,
        path="/",
        query=[(name, value) for name, values in multi.items() for value in values],
        headers=headers,
        body=_body(request),
        source_ip=str(_identity(request.context).get("sourceIp", "")),
        secure=headers.get("x-forwarded-proto") == "https",
    )


def _identity(context: dict[str, Any]) -> dict[str, Any]:
    identity: dict[str, Any] = context.get("identity") or {}
    return identity


def _body(request: Request) -> bytes:
    raw: bytes | str = request.raw_body
    return raw.encode() if isinstance(raw, str) else raw
