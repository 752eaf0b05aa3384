"""Signed requests as API Gateway hands them to the function."""

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from urllib.parse import quote


def signed(key: dict[str, str], **own: str) -> dict[str, str]:
    """The query of a request with signature version 1; ``own`` are the action's parameters."""
    parameters = {
        "Version": "2017-03-21",
        "Format": "JSON",
        "AccessKeyId": key["id"],
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **own,
    }
    pairs = (
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(parameters.items())
    )
    text = f"GET&%2F&{quote('&'.join(pairs), safe='-_.~')}"
    digest = hmac.new(f"{key['secret']}&".encode(), text.encode(), hashlib.sha1).digest()
    return parameters | {"Signature": base64.b64encode(digest).decode("ascii")}


def event(query: dict[str, str]) -> dict[str, object]:
    """The event of a GET request."""
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "GET",
        "headers": {"host": "vod.example"},
        "multiValueHeaders": {"host": ["vod.example"]},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {n: [v] for n, v in query.items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": "/",
            "path": "/",
            "httpMethod": "GET",
            "requestId": "r",
            "identity": {"sourceIp": "192.0.2.1"},
        },
    }
