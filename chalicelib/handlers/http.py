"""HTTP routes: the vendors' APIs at the root, because their SDKs sign and call ``/``."""

from collections.abc import Callable
from functools import cache
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib import tracing
from chalicelib.apis.protocol.http import HttpRequest, HttpResponse

blueprint = Blueprint(__name__)


@blueprint.route("/", methods=["GET", "POST"], content_types=["*/*"], name="api")
def api() -> Response:
    """One action of a vendor's API."""
    with tracing.span("api"):
        result = _answer()(_http_request(_current()))
    return _response(result.body, result.status, result.headers)


@cache
def _answer() -> Callable[[HttpRequest], HttpResponse]:
    # Imported here: every function imports this module, and only the API needs it.
    from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer

    return answer


@blueprint.route("/health", methods=["GET"], name="health")
def health() -> Response:
    """Tells that this process answers; says nothing about what lies behind it."""
    return _response("ok", 200, {"Content-Type": "text/plain"})


@blueprint.route("/crossdomain.xml", methods=["GET", "HEAD"], name="cross_domain")
def cross_domain() -> Response:
    """Which sites players of the Flash kind may play from; 404 until somebody has said it."""
    # Imported here: a request of the API does not need it.
    from chalicelib.playback.cross_domain import policy

    content = policy()
    if content is None:
        return _plain(404, "There is no such object.")
    headers = {"Content-Type": "text/x-cross-domain-policy", "Cache-Control": "max-age=300"}
    return _response(content, 200, headers)


def _plain(status: int, text: str) -> Response:
    headers = {"Content-Type": "text/plain; charset=utf-8", "Access-Control-Allow-Origin": "*"}
    return _response(text, status, headers)


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
