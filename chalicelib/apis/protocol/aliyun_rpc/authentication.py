"""Whether a request comes from whom it says: key, token, time, signature, nonce."""

import hmac
import re
from datetime import UTC, datetime, timedelta

from chalicelib.apis.protocol.aliyun_rpc import signature_acs3, signature_v1
from chalicelib.apis.protocol.aliyun_rpc.decoding import RpcRequest
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.signing import parse_timestamp
from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.caller import Caller
from chalicelib.identity.nonces import use_nonce
from chalicelib.settings import settings

_NONCE = re.compile(r"[!-~]{1,128}")
# Two processes' clocks may disagree about when a timestamp is too old.
_CLOCK_SLACK = timedelta(seconds=60)


def authenticate(request: RpcRequest, request_id: str) -> Caller:
    """The caller whose secret signed the request.

    The nonce is used up last, after the signature is proven. Raises ApiError for a broken or
    wrong signature or a timestamp out of the window, and the identity room's errors for keys,
    tokens and nonces.
    """
    scheme = signature_acs3 if request.acs3 else signature_v1
    claim = scheme.claim(request)
    if not _NONCE.fullmatch(claim.nonce):
        name = "x-acs-signature-nonce" if request.acs3 else "SignatureNonce"
        raise invalid_parameter(name, "It must be 1 to 128 printable ASCII characters.")
    timestamp = _fresh(claim.timestamp)
    credential = authenticate_key(
        claim.access_key_id,
        claim.security_token,
        source_ip=request.http.source_ip,
        secure=request.http.secure,
    )
    expected = claim.expected(credential.secret)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        # The official SDKs compare what follows the colon with their own string to sign.
        raise ApiError(
            "SignatureDoesNotMatch",
            400,
            "Specified signature is not matched with our calculation."
            f" server string to sign is:{claim.explanation}",
        )
    expires_at = timestamp + _window() + _CLOCK_SLACK
    use_nonce(claim.access_key_id, claim.nonce, request_id, expires_at)
    return credential.caller


def _fresh(text: str) -> datetime:
    try:
        timestamp = parse_timestamp(text)
    except ValueError as error:
        raise ApiError(
            "InvalidTimeStamp.Format",
            400,
            "Specified time stamp or date value is not well formatted.",
        ) from error
    if abs(datetime.now(UTC) - timestamp) > _window():
        raise ApiError(
            "InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired."
        )
    return timestamp


def _window() -> timedelta:
    return timedelta(seconds=settings().timestamp_window_seconds)
