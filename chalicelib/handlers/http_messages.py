"""Between Chalice's requests and responses and those that the protocols see."""

from typing import Any

from chalice.app import Request, Response

from chalicelib.apis.protocol.http import HttpRequest, HttpResponse


def to_protocol(request: Request | None) -> HttpRequest:
    """The current request of a blueprint, as it arrived."""
    assert request is not None
    event: dict[str, Any] = request.to_original_event()
    multi: dict[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HttpRequest(
        method=request.method,
        # What lies above the root, as a stage's name, is none of the protocol's business.
        path="/" if event["resource"] == "/" else str(event["path"]),
        query=[(name, value) for name, values in multi.items() for value in values],
        headers=headers,
        body=_body(request),
        source_ip=str(_identity(request.context).get("sourceIp", "")),
        secure=headers.get("x-forwarded-proto") == "https",
    )


def from_protocol(response: HttpResponse) -> Response:
    """A protocol's response as Chalice sends it."""
    return Response(body=response.body, status_code=response.status, headers=dict(response.headers))


def _identity(context: dict[str, Any]) -> dict[str, Any]:
    identity: dict[str, Any] = context.get("identity") or {}
    return identity


def _body(request: Request) -> bytes:
    raw: bytes | str = request.raw_body
    return raw.encode() if isinstance(raw, str) else raw
