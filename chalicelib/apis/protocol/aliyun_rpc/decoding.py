"""From an HTTP request to an RPC request: which action, with which parameters.

Signature version 1 carries everything as parameters, in the query or in a form body. ACS3 carries
action, version and signature in headers, and its body may be a form or a JSON object.
"""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from pydantic_core import from_json, to_json

from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    invalid_parameter,
    missing_parameter,
)
from chalicelib.apis.protocol.http import HttpRequest

Format = Literal["XML", "JSON"]

MAX_BODY_BYTES = 1024 * 1024
MAX_PARAMETERS = 500
MAX_NAME_CHARS = 128
MAX_VALUE_CHARS = 256 * 1024

_ACS3 = "ACS3-"
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class RpcRequest:
    """A decoded request that nobody has authenticated yet.

    ``query`` and ``parameters`` are by name; the latter are those of query and body together.
    """

    http: HttpRequest
    acs3: bool
    action: str
    version: str
    query: dict[str, str]
    parameters: dict[str, str]


def response_format(request: HttpRequest) -> Format:
    """The format to answer in, also when the request cannot be decoded.

    XML is the manual's default. An ACS3 request has no Format; its SDKs read JSON.
    """
    wanted = next((value for name, value in request.query if name == "Format"), "")
    if not wanted and request.method == "POST" and _media_type(request) == _FORM:
        body = request.body[:MAX_BODY_BYTES].decode("utf-8", "replace")
        wanted = _format_of_form(body)
    if wanted:
        return "JSON" if wanted.upper() == "JSON" else "XML"
    return "JSON" if _is_acs3(request) else "XML"


def _format_of_form(body: str) -> str:
    try:
        pairs = parse_qsl(body, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return ""
    return next((value for name, value in pairs if name == "Format"), "")


def decode(request: HttpRequest) -> RpcRequest:
    """Action and parameters of a request; raises ApiError for one that cannot be read."""
    if request.method not in ("GET", "POST"):
        raise ApiError("UnsupportedHTTPMethod", 403, "This http method is not supported.")
    if len(request.body) > MAX_BODY_BYTES:
        raise ApiError(
            "InvalidParameter", 413, f"The request body is larger than {MAX_BODY_BYTES} bytes."
        )
    if not _is_unicode("".join((request.path, *request.headers, *request.headers.values()))):
        raise ApiError("InvalidParameter", 400, "The request is not encoded in UTF-8.")
    acs3 = _is_acs3(request)
    query = _unique(request.query)
    posted = _body_parameters(request, acs3)
    parameters = _unique([*request.query, *posted]) if posted else query
    if parameters.get("Format", "JSON").upper() not in ("JSON", "XML"):
        raise invalid_parameter("Format", "It must be JSON or XML.")
    if acs3:
        action, version = (_header(request, f"x-acs-{name}") for name in ("action", "version"))
    else:
        action, version = (_required(parameters, name) for name in ("Action", "Version"))
    return RpcRequest(request, acs3, action, version, query, parameters)


def _body_parameters(request: HttpRequest, acs3: bool) -> list[tuple[str, str]]:
    if not request.body:
        return []
    media_type = _media_type(request)
    if media_type == _FORM:
        return _form(request.body)
    # Signature version 1 covers parameters only: a body of another type would be unsigned.
    if media_type == _JSON and acs3:
        return _json(request.body)
    raise invalid_parameter("Content-Type", f"A body must be {_FORM}.")


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError as error:
        raise ApiError(
            "InvalidParameter", 400, "The request body is not a form in UTF-8."
        ) from error


def _json(body: bytes) -> list[tuple[str, str]]:
    try:
        values = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError("InvalidParameter", 400, "The request body is not valid JSON.") from error
    if not isinstance(values, dict):
        raise ApiError("InvalidParameter", 400, "The request body is not a JSON object.")
    return [(name, _text(value)) for name, value in values.items() if value is not None]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value).decode()


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    if len(pairs) > MAX_PARAMETERS:
        raise ApiError(
            "InvalidParameter", 400, f"The request has more than {MAX_PARAMETERS} parameters."
        )
    found = dict(pairs)
    if len(found) == len(pairs) and _are_plain(found):
        return found
    found = {}
    for name, value in pairs:
        if len(name) > MAX_NAME_CHARS or not name.isprintable():
            raise ApiError("InvalidParameter", 400, "A parameter has an unusable name.")
        if name in found:
            raise invalid_parameter(name, "It is given more than once.")
        if len(value) > MAX_VALUE_CHARS:
            raise invalid_parameter(name, "It is too long.")
        if "\0" in value or not _is_unicode(value):
            raise invalid_parameter(name, "It contains characters that are not allowed.")
        found[name] = value
    return found


def _are_plain(parameters: dict[str, str]) -> bool:
    """Whether nothing of all this can be wrong: so it is with nearly every request."""
    return (
        all(len(name) <= MAX_NAME_CHARS for name in parameters)
        and all(len(value) <= MAX_VALUE_CHARS for value in parameters.values())
        # Neither control characters nor halves of surrogate pairs can be printed.
        and "".join((*parameters, *parameters.values())).isprintable()
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _is_acs3(request: HttpRequest) -> bool:
    return request.headers.get("authorization", "").startswith(_ACS3)


def _media_type(request: HttpRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _required(parameters: dict[str, str], name: str) -> str:
    if not parameters.get(name):
        raise missing_parameter(name)
    return parameters[name]


def _header(request: HttpRequest, name: str) -> str:
    if not request.headers.get(name):
        raise missing_parameter(name)
    return request.headers[name]
