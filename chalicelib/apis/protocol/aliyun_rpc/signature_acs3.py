"""ACS3-HMAC-SHA256: the signature in the Authorization header that current SDKs send.

Signed are the method, the path, the query, the headers that the request names, and the hash of the
body. The headers must include ``host`` and all ``x-acs-`` headers, or else somebody on the way
could change the action.
"""

import hashlib
import hmac
import re

from chalicelib.apis.protocol.aliyun_rpc.decoding import RpcRequest
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    invalid_parameter,
    missing_parameter,
)
from chalicelib.apis.protocol.aliyun_rpc.signing import Claim, canonical_query
from chalicelib.apis.protocol.http import HttpRequest

ALGORITHM = "ACS3-HMAC-SHA256"

_AUTHORIZATION = re.compile(
    ALGORITHM
    + r" +Credential=(?P<key>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+), *"
    + r"Signature=(?P<signature>[0-9a-f]{64})"
)
_MANDATORY = ("x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256")


def claim(request: RpcRequest) -> Claim:
    """The request's signature and what it must be; raises ApiError when a part is absent."""
    http = request.http
    found = _AUTHORIZATION.fullmatch(http.headers["authorization"].strip())
    if found is None:
        raise _incomplete(f"Authorization must be {ALGORITHM} Credential,SignedHeaders,Signature.")
    for name in _MANDATORY:
        if not http.headers.get(name):
            raise missing_parameter(name)
    if http.headers["x-acs-content-sha256"].lower() != hashlib.sha256(http.body).hexdigest():
        raise invalid_parameter("x-acs-content-sha256", "It is not the SHA-256 of the body.")
    signed_headers = found["headers"].lower().split(";")
    _check_signed_headers(http, signed_headers)
    canonical = canonical_request(http, request.query, signed_headers)
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return Claim(
        access_key_id=found["key"],
        security_token=http.headers.get("x-acs-security-token"),
        timestamp=http.headers["x-acs-date"],
        nonce=http.headers["x-acs-signature-nonce"],
        signature=found["signature"],
        explanation=f"{text}, server canonical request is:{canonical}",
        expected=lambda secret: sign(secret, text),
    )


def canonical_request(http: HttpRequest, query: dict[str, str], signed_headers: list[str]) -> str:
    """The request as both sides spell it before hashing."""
    names = sorted(signed_headers)
    headers = "".join(f"{name}:{http.headers[name].strip()}\n" for name in names)
    body_hash = http.headers["x-acs-content-sha256"]
    lines = (http.method, http.path or "/", canonical_query(query), headers, ";".join(names))
    return "\n".join((*lines, body_hash))


def sign(secret: str, text: str) -> str:
    """The signature, in lower-case hexadecimal."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _check_signed_headers(http: HttpRequest, signed_headers: list[str]) -> None:
    needed = {"host"} | {name for name in http.headers if name.startswith("x-acs-")}
    unsigned = sorted(needed - set(signed_headers))
    if unsigned:
        raise _incomplete(f"These headers must be signed: {', '.join(unsigned)}.")
    absent = sorted(set(signed_headers) - set(http.headers))
    if absent or len(set(signed_headers)) != len(signed_headers):
        raise _incomplete(f"These headers are signed but were not sent: {', '.join(absent)}.")


def _incomplete(problem: str) -> ApiError:
    return ApiError(
        "IncompleteSignature",
        400,
        f"The request signature does not conform to the rules: {problem}",
    )
