"""Results and errors on the wire, as XML (the default) or JSON (VOD API manual 4.3)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.apis.protocol.aliyun_rpc.decoding import Format
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.http import HttpResponse
from chalicelib.settings import settings

_CONTENT_TYPES: dict[Format, str] = {
    "XML": "application/xml; charset=utf-8",
    "JSON": "application/json; charset=utf-8",
}
# XML 1.0 has no way to write these, not even as a reference.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render_result(result: RpcResult, action: str, request_id: str, wanted: Format) -> HttpResponse:
    """A result under the root ``{action}Response`` (XML) or without a wrapper (JSON)."""
    if wanted == "JSON":
        body = result.model_dump_json(by_alias=True, exclude_none=True)
        # The protocol's own field goes before the others: "{" and perhaps "}" are the result's.
        comma = "," if len(body) > 2 else ""
        return _made(200, f'{{"RequestId":"{request_id}"{comma}{body[1:]}', request_id, wanted)
    values = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _response(200, f"{action}Response", {"RequestId": request_id, **values}, wanted)


def render_error(error: ApiError, request_id: str, wanted: Format) -> HttpResponse:
    """An error body: RequestId, HostId, Code, Message."""
    values = {
        "RequestId": request_id,
        "HostId": settings().host_id,
        "Code": error.code,
        "Message": error.message,
    }
    return _response(error.status, "Error", values, wanted)


def _response(status: int, root: str, values: Mapping[str, Any], wanted: Format) -> HttpResponse:
    if wanted == "JSON":
        body = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    else:
        content = "".join(_elements(root, values))
        body = f'<?xml version="1.0" encoding="UTF-8"?>{content}'
    return _made(status, body, values["RequestId"], wanted)


def _made(status: int, body: str, request_id: str, wanted: Format) -> HttpResponse:
    headers = {
        "Content-Type": _CONTENT_TYPES[wanted],
        "Cache-Control": "no-store",
        "x-acs-request-id": request_id,
        # Players in browsers ask from the app's own site; what they send is signed, and there
        # are no cookies, so any origin may read its answer.
        "Access-Control-Allow-Origin": "*",
    }
    return HttpResponse(status, headers, body)


def _elements(name: str, value: Any) -> Iterator[str]:
    """An element; a list repeats it for each item, so an empty list is nothing at all."""
    if isinstance(value, list):
        for item in value:
            yield from _elements(name, item)
        return
    yield f"<{name}>"
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _elements(key, item)
    else:
        yield escape(_text(value))
    yield f"</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _NOT_XML.sub("\ufffd", value)
    return json.dumps(value)
