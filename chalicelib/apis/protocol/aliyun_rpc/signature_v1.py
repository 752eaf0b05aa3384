"""Signature version 1: HMAC-SHA1 over all parameters (VOD API manual 4.2, 4.4)."""

import base64
import hashlib
import hmac

from chalicelib.apis.protocol.aliyun_rpc.decoding import RpcRequest
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter, missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.signing import Claim, canonical_query

_MANDATORY = (
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "Timestamp",
)


def claim(request: RpcRequest) -> Claim:
    """The request's signature and what it must be; raises ApiError when a part is absent."""
    parameters = request.parameters
    for name in _MANDATORY:
        if not parameters.get(name):
            raise missing_parameter(name)
    # The manual's own samples write Hmac-SHA1.
    if parameters["SignatureMethod"].upper() != "HMAC-SHA1":
        raise invalid_parameter("SignatureMethod", "It must be HMAC-SHA1.")
    if parameters["SignatureVersion"] != "1.0":
        raise invalid_parameter("SignatureVersion", "It must be 1.0.")
    if parameters.get("SignatureType"):
        raise invalid_parameter("SignatureType", "It must be empty.")
    text = string_to_sign(request.http.method, parameters)
    return Claim(
        access_key_id=parameters["AccessKeyId"],
        security_token=parameters.get("SecurityToken"),
        timestamp=parameters["Timestamp"],
        nonce=parameters["SignatureNonce"],
        signature=parameters["Signature"],
        explanation=text,
        expected=lambda secret: sign(secret, text),
    )


def string_to_sign(method: str, parameters: dict[str, str]) -> str:
    """The text that a client signs: all parameters but Signature."""
    signed = {name: value for name, value in parameters.items() if name != "Signature"}
    return f"{method}&%2F&{_encoded_again(canonical_query(signed))}"


def _encoded_again(query: str) -> str:
    """``percent_encode`` of what it has made already: of the reserved only these three are left."""
    return query.replace("%", "%25").replace("&", "%26").replace("=", "%3D")


def sign(secret: str, text: str) -> str:
    """The signature, in Base64."""
    # SHA-1 is what the protocol asks for; as an HMAC it is not broken.
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()
