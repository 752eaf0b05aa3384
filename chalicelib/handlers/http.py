"""HTTP routes: APIs that are called at the root, because their SDKs sign and call ``/``."""

from collections.abc import Callable
from functools import cache

from chalice.app import Blueprint, Response

from chalicelib import tracing
from chalicelib.apis.protocol.http import HttpRequest, HttpResponse
from chalicelib.handlers.http_messages import from_protocol, to_protocol

blueprint = Blueprint(__name__)


@blueprint.route("/", methods=["GET", "POST"], content_types=["*/*"], name="api")
def api() -> Response:
    """One action of a vendor's API."""
    with tracing.span("api"):
        return from_protocol(_answer()(to_protocol(blueprint.current_request)))


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
