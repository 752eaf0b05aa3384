"""SDK-HMAC-SHA256: the signature that the official SDKs put into the Authorization header.

Signed are the method, the path (always with a final slash), the query in the order of its names,
the headers that the request names, and the hash of the body. The manual does not describe it
(MPC API manual 3.2); this is what the SDKs compute.

What is stricter here than it could be: ``Host`` and ``X-Sdk-Date`` must be among the signed
headers, and so must a security token; and the body must be covered. ``UNSIGNED-PAYLOAD``, which
the SDKs write for bodies that are neither JSON nor empty, is refused: no operation takes such a
body, and a request whose body anybody could exchange is no proof of who wants the operation.

Replays: these requests carry no nonce, and the SDK sends the very same one again when a connection
breaks or it is told to slow down. So within the 15 minutes of its timestamp a request is good as
often as it comes, as it is with the vendor; TLS keeps others from having it.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from chalicelib.apis.protocol.http import HttpRequest
from chalicelib.apis.protocol.huawei_rest.errors import Unauthenticated

ALGORITHM = "SDK-HMAC-SHA256"
DATE, BODY_HASH, SECURITY_TOKEN = "x-sdk-date", "x-sdk-content-sha256", "x-security-token"

_AUTHORIZATION = re.compile(
    ALGORITHM
    + r" +Access=(?P<key>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+), *"
    + r"Signature=(?P<signature>[0-9a-f]{64})"
)
_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a request claims to be from, and the means to check it."""

    access_key_id: str
    security_token: str | None
    time: datetime
    is_signed_with: Callable[[str], bool] = field(repr=False)


def claim(request: HttpRequest) -> Claim:
    """The request's signature, taken apart; raises Unauthenticated when it cannot be."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
    if found is None:
        raise Unauthenticated(f"Authorization must be {ALGORITHM} Access, SignedHeaders, Signature")
    names = found["headers"].lower().split(";")
    _check_signed_headers(request, names)
    body_hash = _body_hash(request)
    date = request.headers[DATE]
    time = parse_date(date)
    texts = [
        string_to_sign(date, canonical_request(request, query, names, body_hash))
        for query in _canonical_queries(request.query)
    ]

    def is_signed_with(secret: str) -> bool:
        matches = [hmac.compare_digest(sign(secret, text), found["signature"]) for text in texts]
        return any(matches)

    token = request.headers.get(SECURITY_TOKEN)
    return Claim(found["key"], token, time, is_signed_with)


def canonical_request(
    request: HttpRequest, query: str, names: Sequence[str], body_hash: str
) -> str:
    """The request as both sides spell it before hashing."""
    parts = [quote(part, safe="~") for part in unquote(request.path).split("/")]
    path = "/".join(parts).removesuffix("/") + "/"
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    return "\n".join((request.method.upper(), path, query, headers, ";".join(names), body_hash))


def string_to_sign(date: str, canonical: str) -> str:
    """What is signed: the algorithm, the time, and the hash of the canonical request."""
    return f"{ALGORITHM}\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def sign(secret: str, text: str) -> str:
    """The signature, in lower-case hexadecimal."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def parse_date(text: str) -> datetime:
    """``20261121T080000Z``, in UTC; raises Unauthenticated."""
    try:
        if _DATE.fullmatch(text):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:  # a 13th month
        pass
    raise Unauthenticated("X-Sdk-Date must be of the form 20261121T080000Z")


def _check_signed_headers(request: HttpRequest, names: list[str]) -> None:
    needed = {"host", DATE} | ({SECURITY_TOKEN} & request.headers.keys())
    if unsigned := sorted(needed - set(names)):
        raise Unauthenticated(f"these headers must be signed: {', '.join(unsigned)}")
    if absent := sorted(set(names) - request.headers.keys()):
        raise Unauthenticated(f"these headers are signed but were not sent: {', '.join(absent)}")


def _body_hash(request: HttpRequest) -> str:
    own = hashlib.sha256(request.body).hexdigest()
    # An empty body is always signed as such, whatever its header says.
    sent = request.headers.get(BODY_HASH, own) if request.body else own
    if sent != own:
        raise Unauthenticated("X-Sdk-Content-Sha256 is not the SHA-256 of the body")
    return own


def _canonical_queries(pairs: Sequence[tuple[str, str]]) -> list[str]:
    # The values of a repeated name are in order as numbers or as texts, whichever the client has.
    # As numbers, they arrive in the order in which they were signed.
    as_sent = sorted(pairs, key=lambda pair: pair[0])
    return list(dict.fromkeys(_encoded(order) for order in (as_sent, sorted(pairs))))


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
