"""HTTP routes of the APIs that have a path for each operation."""

from chalice.app import Blueprint, Response

from chalicelib import tracing
from chalicelib.handlers.http_messages import from_protocol, to_protocol

blueprint = Blueprint(__name__)

# Whole trees, so that what is wrong with a path or a method is told in the API's own form too.
_TREES = ("/v1/{operation+}", "/v1.0-ext/{operation+}", "/v3/{operation+}")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def operation() -> Response:
    """One operation of a vendor's API."""
    # Imported here: every function imports this module, and only these paths need it.
    from chalicelib.apis.protocol.huawei_rest.dispatch import answer

    with tracing.span("api"):
        return from_protocol(answer(to_protocol(blueprint.current_request)))


for number, tree in enumerate(_TREES):
    blueprint.route(tree, methods=_METHODS, content_types=["*/*"], name=f"rest_{number}")(operation)
