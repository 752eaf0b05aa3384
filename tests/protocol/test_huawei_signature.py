"""SDK-HMAC-SHA256: requests as the official SDK signs them, and what is refused of others."""

from dataclasses import replace

import pytest

from chalicelib.apis.protocol.huawei_rest.errors import Unauthenticated
from chalicelib.apis.protocol.huawei_rest.signature import claim
from tests.protocol.huawei_sending import sdk_requests, signed

_SDK = sdk_requests()
_SECRET = "testSecretAccessKey"
_KEY = ("testAccessKeyId", _SECRET)
_UNSIGNED_BODY = "a body that is not signed"
_GOOD = sorted(_SDK.keys() - {_UNSIGNED_BODY})
_QUERY = [("task_id", "2"), ("task_id", "1"), ("page", "0")]


@pytest.mark.parametrize("name", _GOOD)
def test_the_sdks_signature_is_right(name: str) -> None:
    found = claim(_SDK[name])
    assert found.access_key_id == "testAccessKeyId"
    assert found.time.isoformat() == "2026-11-21T08:00:00+00:00"
    assert found.is_signed_with(_SECRET)
    assert not found.is_signed_with("testSecretAccessKez")


def test_a_security_token_is_found() -> None:
    assert claim(_SDK["a security token"]).security_token == "OV1abc_-"


def test_a_body_that_anybody_could_exchange_is_refused() -> None:
    with pytest.raises(Unauthenticated, match="not the SHA-256 of the body"):
        claim(_SDK[_UNSIGNED_BODY])


def test_a_query_in_any_order_is_the_same() -> None:
    request = signed(_KEY, "GET", "/v1/p/remux", _QUERY)
    assert claim(replace(request, query=_QUERY[::-1])).is_signed_with(_SECRET)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "DELETE"},
        {"path": "/v1/q/remux"},
        {"query": [*_QUERY, ("size", "1")]},
        {"query": _QUERY[1:]},
        {"body": b"{}"},
    ],
    ids=str,
)
def test_a_changed_request_is_signed_no_more(changes: dict[str, object]) -> None:
    request = signed(_KEY, "GET", "/v1/p/remux", _QUERY)
    assert not claim(replace(request, **changes)).is_signed_with(_SECRET)


def test_a_changed_header_that_is_signed_is_noticed() -> None:
    request = signed(_KEY, "GET", "/v1/p/remux", x_project_id="p")
    request.headers["x-project-id"] = "q"
    assert not claim(request).is_signed_with(_SECRET)


@pytest.mark.parametrize(
    ("unsigned", "headers"),
    [
        (("host",), {}),
        (("x-sdk-date",), {}),
        (("x-security-token",), {"x_security_token": "OV1abc"}),
    ],
)
def test_what_matters_must_be_signed(unsigned: tuple[str, ...], headers: dict[str, str]) -> None:
    request = signed(_KEY, "GET", "/v1/p/remux", unsigned=unsigned, **headers)
    with pytest.raises(Unauthenticated, match=f"must be signed: {unsigned[0]}"):
        claim(request)


def test_a_header_that_is_signed_must_be_there() -> None:
    request = signed(_KEY, "GET", "/v1/p/remux", x_project_id="p")
    del request.headers["x-project-id"]
    with pytest.raises(Unauthenticated, match="were not sent: x-project-id"):
        claim(request)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer abc",
        "SDK-HMAC-SM3 Access=a, SignedHeaders=host;x-sdk-date, Signature=" + "0" * 64,
        "V11-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=" + "0" * 64,
        "SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date, Signature=" + "0" * 63,
        "SDK-HMAC-SHA256 Access=a, Signature=" + "0" * 64,
    ],
)
def test_other_authorizations_are_none(authorization: str) -> None:
    request = signed(_KEY, "GET", "/v1/p/remux")
    request.headers["authorization"] = authorization
    with pytest.raises(Unauthenticated, match="Authorization must be SDK-HMAC-SHA256"):
        claim(request)


@pytest.mark.parametrize("date", ["yesterday", "2026-11-21T08:00:00Z", "20261321T080000Z"])
def test_a_time_of_another_form_is_none(date: str) -> None:
    with pytest.raises(Unauthenticated, match="X-Sdk-Date"):
        claim(signed(_KEY, "GET", "/v1/p/remux", x_sdk_date=date))
