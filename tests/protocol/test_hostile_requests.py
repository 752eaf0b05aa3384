"""Whatever is sent, the answer is an error body of the protocol and never a traceback."""

import json
import xml.etree.ElementTree as ET
from urllib.parse import urlencode

import pytest

from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.apis.protocol.http import HttpRequest
from tests.protocol.conftest import PRODUCTS, Key
from tests.protocol.sending import FORM, acs3, now, request, v1

BASE = {"Action": "Echo", "Version": "2099-01-01", "Format": "JSON"}
ACS3 = {
    "x-acs-action": "Echo",
    "x-acs-version": "2099-01-01",
    "x-acs-date": now(),
    "x-acs-signature-nonce": "n",
    "x-acs-content-sha256": "0" * 64,
}
CREDENTIAL = "ACS3-HMAC-SHA256 Credential=x,SignedHeaders=host,Signature=" + "0" * 64


def post(body: bytes, content_type: str = FORM, **query: str) -> HttpRequest:
    return request(query, method="POST", headers={"content-type": content_type}, body=body)


def code_of(sent: HttpRequest) -> str:
    """The code of an error answer, which must be complete in its format."""
    response = answer(sent, PRODUCTS)
    if response.headers["Content-Type"].startswith("application/json"):
        body = json.loads(response.body)
    else:
        root = ET.fromstring(response.body)
        assert root.tag == "Error"
        body = {child.tag: child.text for child in root}
    assert set(body) == {"RequestId", "HostId", "Code", "Message"}
    assert body["Message"]
    assert 400 <= response.status < 500
    response.body.encode()
    return str(body["Code"])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (request(), "MissingParameter"),
        (request({"Action": "Echo"}), "MissingParameter"),
        (request(BASE), "MissingParameter"),
        (request(BASE, method="PUT"), "UnsupportedHTTPMethod"),
        (request(BASE, method=""), "UnsupportedHTTPMethod"),
        (request([*BASE.items(), ("Action", "Shapes")]), "InvalidParameter"),
        (post(b"Action=Echo", Action="Echo"), "InvalidParameter"),
        (post(b"A=1&A=1"), "InvalidParameter"),
        (request({**BASE, "Title": "a\0b"}), "InvalidParameter"),
        (request({**BASE, "Title": "\ud800"}), "InvalidParameter"),
        (request({**BASE, "Ti\ntle": "x"}), "InvalidParameter"),
        (request({**BASE, "x" * 200: "x"}), "InvalidParameter"),
        (request({**BASE, "Title": "x" * 300_000}), "InvalidParameter"),
        (request({**BASE, **{f"p{n}": "" for n in range(600)}}), "InvalidParameter"),
        (post(b"x" * 2 * 1024 * 1024, **BASE), "InvalidParameter"),
        (post(b"\xff\xfe=1", **BASE), "InvalidParameter"),
        (post(b"Title=%ff%fe", **BASE), "InvalidParameter"),
        (post(b"&a" * 100_000), "InvalidParameter"),
        (post(b"{}", "application/json", **BASE), "InvalidParameter"),
        (post(b"<a/>", "text/xml", **BASE), "InvalidParameter"),
        (post(b"x", "", **BASE), "InvalidParameter"),
        (request(BASE, headers={"x-other": "\udcff"}), "InvalidParameter"),
        (request({**BASE, "Version": "../../etc"}), "InvalidVersion"),
        (request({**BASE, "Action": "__class__"}), "UnsupportedOperation"),
        (request({**BASE, "Action": "RpcAction"}), "UnsupportedOperation"),
    ],
)
def test_requests_that_cannot_be_read(sent: HttpRequest, code: str) -> None:
    assert code_of(sent) == code


@pytest.mark.parametrize(
    "changed",
    [
        {"SignatureMethod": "HMAC-MD5"},
        {"SignatureVersion": "2.0"},
        {"SignatureType": "BEARERTOKEN"},
        {"SignatureNonce": "n" * 200},
        {"SignatureNonce": "a b"},
        {"SignatureNonce": "ü"},
    ],
)
def test_unusable_common_parameters(admin: Key, changed: dict[str, str]) -> None:
    assert code_of(v1(admin, "Echo", **changed)) == "InvalidParameter"


@pytest.mark.parametrize(
    "name",
    ["AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"],
)
def test_missing_common_parameters(admin: Key, name: str) -> None:
    assert code_of(v1(admin, "Echo", **{name: ""})) == "MissingParameter"


@pytest.mark.parametrize(
    "access_key_id",
    ["' OR 1=1 --", "x" * 100_000, "ÀÀÀ", "STS.", "OVAK\u202eabc", "%00", "../x"],
)
def test_unusable_access_key_ids(admin: Key, access_key_id: str) -> None:
    code = code_of(v1((access_key_id, "x"), "Echo"))
    assert code in ("InvalidAccessKeyId.NotFound", "MissingSecurityToken")


@pytest.mark.parametrize(
    "token",
    ["x", "OV1", "OV1AAAA", "OV1" + "A" * 100, "OV1" + "A" * 10_000, "OV1é", "OV1 ", "=" * 99],
)
def test_unusable_tokens(admin: Key, token: str) -> None:
    assert code_of(v1(("STS.x", "x"), "Echo", token=token)) == "InvalidSecurityToken.Malformed"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingParameter"),
        ({"x-acs-action": "Echo"}, "MissingParameter"),
        ({"x-acs-action": "Echo", "x-acs-version": "2099-01-01"}, "MissingParameter"),
        ({**ACS3}, "InvalidParameter"),
        ({**ACS3, "authorization": "ACS3-HMAC-SHA256"}, "IncompleteSignature"),
        ({**ACS3, "authorization": "ACS3-HMAC-SM3 Credential=x"}, "IncompleteSignature"),
        ({**ACS3, "authorization": CREDENTIAL + "0"}, "IncompleteSignature"),
        ({**ACS3, "authorization": CREDENTIAL + "," * 5000}, "IncompleteSignature"),
        ({**ACS3, "authorization": "ACS3-HMAC-SHA256 " + "a" * 9999}, "IncompleteSignature"),
        ({**ACS3, "x-acs-date": ""}, "MissingParameter"),
    ],
)
def test_acs3_requests_that_cannot_be_read(headers: dict[str, str], code: str) -> None:
    sent = request(method="POST", headers={"authorization": CREDENTIAL, **headers})
    assert code_of(sent) == code


def test_acs3_headers_that_matter_must_be_signed(admin: Key) -> None:
    for name in ("host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-content-sha256"):
        assert code_of(acs3(admin, "Echo", unsigned=(name,))) == "IncompleteSignature"
    extra = {"x-acs-later": "x"}
    assert code_of(acs3(admin, "Echo", headers=extra, unsigned=tuple(extra))) == (
        "IncompleteSignature"
    )


def test_acs3_headers_that_were_lost_are_noticed(admin: Key) -> None:
    sent = acs3(admin, "Echo", headers={"accept": "*/*"})
    del sent.headers["accept"]
    assert code_of(sent) == "IncompleteSignature"


def test_acs3_a_changed_body_is_noticed(admin: Key) -> None:
    sent = acs3(admin, "Echo", body=b"Note=a", headers={"content-type": FORM})
    changed = request(sent.query, method="POST", headers=sent.headers, body=b"Note=b")
    assert code_of(changed) == "InvalidParameter"


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{", b"\xff", b"1", b'{"a":' * 5000, b'{"A":"\\ud800"}', b'{"Note":"\\u0000"}'],
)
def test_acs3_unusable_json_bodies(admin: Key, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    assert code_of(acs3(admin, "Echo", body=body, headers=headers)) == "InvalidParameter"


def test_acs3_a_nul_in_a_header(admin: Key) -> None:
    sent = acs3((admin[0] + "\0", admin[1]), "Echo")
    assert code_of(sent) == "InvalidAccessKeyId.NotFound"
    assert code_of(acs3(admin, "Echo", headers={"x-acs-signature-nonce": "a\0"})) == (
        "InvalidParameter"
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"Home": "[" * 60_000},
        {"Home": '{"City":' * 60_000},
        {"Size": "9" * 100_000},
        {"Ratio": "-inf"},
        {"Names": "," * 200_000 + "w"},
        {"Numbers": "[" + "9" * 5000 + "]"},
    ],
)
def test_hostile_values(admin: Key, parameters: dict[str, str]) -> None:
    assert code_of(v1(admin, "Echo", parameters)) in ("InvalidParameter", "LengthExceededMax")
    assert code_of(v1(admin, "Echo", parameters, form=True)) in (
        "InvalidParameter",
        "LengthExceededMax",
    )


def test_a_form_larger_than_allowed_keeps_its_query_format() -> None:
    body = urlencode({"Title": "x" * 2_000_000}).encode()
    response = answer(post(body, **BASE), PRODUCTS)
    assert response.status == 413
    assert json.loads(response.body)["Code"] == "InvalidParameter"
