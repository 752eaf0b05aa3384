"""Signatures: the manuals' printed examples, and requests of the official SDKs."""

import pytest

from chalicelib.apis.protocol.aliyun_rpc import signature_acs3, signature_v1
from chalicelib.apis.protocol.aliyun_rpc.decoding import decode
from tests.protocol.sending import request, sdk_requests

SECRET = "testAccessKeySecret"
SDK_REQUESTS = sdk_requests()

VOD_4_4 = {
    "AccessKeyId": "testAccessKeyId",
    "Action": "GetVideoPlayAuth",
    "Format": "JSON",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureNonce": "8f8a035d-6496-4268-afd4-67c22837e38d",
    "SignatureVersion": "1.0",
    "Timestamp": "2017-10-10T12:02:54Z",
    "Version": "2017-03-21",
    "VideoId": "5aed81b74ba84920be578cdfe004af4b",
    "Signature": "Ibgh7y8Vp47LBuAsf5Xhi1SvDss=",
}
VOD_4_4_STRING = (
    "GET&%2F&AccessKeyId%3DtestAccessKeyId%26Action%3DGetVideoPlayAuth%26Format%3DJSON"
    "%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D8f8a035d-6496-4268-afd4-67c22837e38d"
    "%26SignatureVersion%3D1.0%26Timestamp%3D2017-10-10T12%253A02%253A54Z"
    "%26Version%3D2017-03-21%26VideoId%3D5aed81b74ba84920be578cdfe004af4b"
)
VOD_4_5 = {
    "Signature": "UI/wKfuvTtphzCKHwPhP0ErtLnc=",
    "SignatureVersion": "1.0",
    "Action": "GetVideoPlayAuth",
    "Format": "JSON",
    "VideoId": "68a4d2629a339db3207963ac073a88cd",
    "SignatureNonce": "578a50c1-280d-4a34-bffc-e06aa6b2df76",
    "Version": "2017-03-21",
    "AccessKeyId": "testId",
    "SignatureMethod": "HMAC-SHA1",
    "Timestamp": "2017-03-29T12:09:11Z",
}
MPS_4_4 = {
    "Signature": "kmDv4mWo806GWPjQMy2z4VhBBDQ=",
    "SignatureVersion": "1.0",
    "Action": "SearchTemplate",
    "Format": "XML",
    "SignatureNonce": "4902260a-516a-4b6a-a455-45b653cf6150",
    "PageSize": "2",
    "Version": "2014-06-18",
    "AccessKeyId": "testId",
    "SignatureMethod": "HMAC-SHA1",
    "Timestamp": "2015-05-14T09:03:45Z",
}


def test_the_string_to_sign_is_the_printed_one() -> None:
    assert signature_v1.string_to_sign("GET", VOD_4_4) == VOD_4_4_STRING


@pytest.mark.parametrize(
    ("parameters", "secret"),
    [(VOD_4_4, SECRET), (VOD_4_5, "testKeySecret"), (MPS_4_4, "testKeySecret")],
)
def test_the_printed_signatures_are_right(parameters: dict[str, str], secret: str) -> None:
    claim = signature_v1.claim(decode(request(parameters)))
    assert claim.access_key_id == parameters["AccessKeyId"]
    assert claim.expected(secret) == claim.signature
    assert claim.expected(secret + "x") != claim.signature


@pytest.mark.parametrize("name", sorted(SDK_REQUESTS))
def test_the_official_sdks_signatures_are_right(name: str) -> None:
    rpc = decode(SDK_REQUESTS[name])
    scheme = signature_acs3 if rpc.acs3 else signature_v1
    claim = scheme.claim(rpc)
    assert rpc.acs3 is name.startswith("acs3")
    assert claim.access_key_id == "testAccessKeyId"
    assert claim.expected(SECRET) == claim.signature
    assert claim.expected("another") != claim.signature


@pytest.mark.parametrize(
    ("name", "action", "expected"),
    [
        ("acs3-query", "CreateUploadVideo", {"Title": "阿里云 VOD *~+&=/", "FileName": "a b.mp4"}),
        ("acs3-form", "AddCategory", {"CateName": "体育 & x=1+2", "ParentId": "-1"}),
        ("acs3-json", "AddCategory", {"CateName": "体育", "ParentId": "-1", "Flag": "true"}),
        ("acs3-json", "AddCategory", {"Deep": '{"a":[1]}', "Type": "default"}),
        ("acs3-get", "AddCategory", {"CateName": "a", "Empty": ""}),
        ("v1-tea-form", "AddCategory", {"CateName": "体育 & x=1+2 *~", "Type": "default"}),
        ("v1-core-query", "CreateUploadVideo", {"Title": "阿里云 VOD *~+&=/"}),
        ("v1-core-form", "CreateUploadVideo", {"Description": "体育 & x=1+2 *~", "Title": "t"}),
    ],
)
def test_the_sdks_parameters_arrive(name: str, action: str, expected: dict[str, str]) -> None:
    rpc = decode(SDK_REQUESTS[name])
    assert rpc.action == action
    assert expected.items() <= rpc.parameters.items()


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("acs3-security-token", "token/+= x"),
        ("v1-tea-security-token", "tok/+="),
        ("v1-core-security-token", "tok/+= x"),
        ("v1-core-query", None),
        ("acs3-query", None),
    ],
)
def test_the_sdks_security_tokens_arrive(name: str, token: str | None) -> None:
    rpc = decode(SDK_REQUESTS[name])
    scheme = signature_acs3 if rpc.acs3 else signature_v1
    assert scheme.claim(rpc).security_token == token
