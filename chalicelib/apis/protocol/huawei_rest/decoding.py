"""From an HTTP request to an operation object; the one place where violations are found."""

from itertools import chain
from typing import Any, TypeVar

from pydantic import ValidationError

from chalicelib.apis.protocol.http import HttpRequest
from chalicelib.apis.protocol.huawei_rest.errors import ContentTypeNotSupported, InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation
from chalicelib.apis.protocol.json_values import JsonUnusable, fits_64_bits, read_json

O = TypeVar("O", bound=RestOperation)  # noqa: E741 - an operation

MAX_BODY_BYTES = 256 * 1024
MAX_PARAMETERS = 100
MAX_VALUE_CHARS = 4096
MAX_DEPTH = 12

_IN_THE_QUERY = frozenset({"GET", "DELETE"})


def check_request(request: HttpRequest) -> None:
    """Raises InvalidRequest for more than anybody could mean, and for what is no text."""
    if len(request.body) > MAX_BODY_BYTES:
        raise InvalidRequest(f"the body is larger than {MAX_BODY_BYTES} bytes")
    if len(request.query) > MAX_PARAMETERS:
        raise InvalidRequest(f"the query has more than {MAX_PARAMETERS} parameters")
    texts = (request.path, *request.headers, *request.headers.values(), *chain(*request.query))
    if not all(map(_is_text, texts)):
        raise InvalidRequest("the request contains characters that are not allowed")


def decoded(operation: type[O], request: HttpRequest) -> O:
    """The operation with its parameters converted and checked.

    Raises InvalidRequest, ContentTypeNotSupported, and what the class's own validators raise.
    """
    values = _query(request) if request.method in _IN_THE_QUERY else _body(request)
    try:
        made = operation.model_validate(values)
    except ValidationError as error:
        # Missing parameters are told before others: what is there may be wrong for lack of them.
        details = error.errors(include_url=False, include_input=False)
        detail = next((one for one in details if one["type"] == "missing"), details[0])
        name = ".".join(map(str, detail["loc"]))
        if detail["type"] == "missing":
            raise InvalidRequest(f"{name} is required") from None
        problem = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
        raise InvalidRequest(f"{name}: {problem}" if name else problem) from None
    for name, value in made:
        if not fits_64_bits(value):
            raise InvalidRequest(f"{name}: it is beyond 64 bits")
    return made


def _query(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in request.query:
        if len(value) > MAX_VALUE_CHARS:
            raise InvalidRequest("a parameter of the query is too long")
        if not value:
            continue  # as if it were not given, which a client means by it
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _body(request: HttpRequest) -> dict[str, Any]:
    if not request.body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json"):
        raise ContentTypeNotSupported(media_type)
    try:
        value = read_json(request.body, MAX_DEPTH)
    except JsonUnusable as problem:
        raise InvalidRequest(f"the body cannot be used. {problem}") from problem
    if not isinstance(value, dict):
        raise InvalidRequest("the body must be a JSON object")
    found: dict[str, Any] = _without_nulls(value)
    return found


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return "\0" not in text
