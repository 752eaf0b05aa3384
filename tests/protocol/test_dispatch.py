"""Requests from end to end: who may do what, and what comes back."""

import json
import logging
import re
from collections.abc import Callable

import pytest

from chalicelib.apis.protocol.aliyun_rpc.dispatch import answer
from chalicelib.identity.accounts import deactivate_key
from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import issue_token
from tests.protocol.conftest import PRODUCTS, Ask, Key
from tests.protocol.sending import acs3, now, request, v1

REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


@pytest.mark.parametrize("form", [False, True])
def test_v1_requests_are_answered(admin: Key, account_id: str, ask: Ask, form: bool) -> None:
    status, body = ask(
        v1(admin, "Echo", {"Size": "9007199254740993", "Note": "é&=+ *~"}, form=form)
    )
    assert status == 200
    assert REQUEST_ID.fullmatch(body.pop("RequestId"))
    assert body == {
        "Account": account_id,
        "Principal": "user/admin",
        "Values": {"Size": 9007199254740993, "Note": "é&=+ *~"},
    }


@pytest.mark.parametrize("method", ["HMAC-SHA1", "Hmac-SHA1", "hmac-sha1"])
def test_the_name_of_the_method_may_be_in_any_case(admin: Key, ask: Ask, method: str) -> None:
    assert ask(v1(admin, "Echo", SignatureMethod=method))[0] == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"Flag=true&Names=x%2C+y"),
        ("application/json; charset=utf-8", b'{"Flag": true, "Names": "x, y"}'),
    ],
)
def test_acs3_requests_are_answered(admin: Key, ask: Ask, content_type: str, body: bytes) -> None:
    headers = {"content-type": content_type}
    status, result = ask(acs3(admin, "Echo", {"Note": "a b"}, body=body, headers=headers))
    assert status == 200
    assert result["Values"] == {"Note": "a b", "Flag": True, "Names": ["x", "y"]}


def test_a_nonce_is_good_for_one_request(admin: Key, ask: Ask) -> None:
    for again in (v1(admin, "Echo"), acs3(admin, "Echo")):
        assert ask(again)[0] == 200
        status, body = ask(again)
        assert (status, body["Code"]) == (400, "SignatureNonceUsed")


def test_two_keys_may_use_the_same_nonce(admin: Key, user: Callable[..., Key], ask: Ask) -> None:
    other = user("other", "AdministratorAccess")
    assert ask(v1(admin, "Echo", SignatureNonce="same"))[0] == 200
    assert ask(v1(other, "Echo", SignatureNonce="same"))[0] == 200


def test_a_wrong_signature_does_not_use_up_the_nonce(admin: Key, ask: Ask) -> None:
    status, body = ask(v1((admin[0], "wrong"), "Echo", SignatureNonce="mine"))
    assert (status, body["Code"]) == (400, "SignatureDoesNotMatch")
    assert ask(v1(admin, "Echo", SignatureNonce="mine"))[0] == 200


def test_a_wrong_v1_signature_is_explained(admin: Key, ask: Ask) -> None:
    _, body = ask(v1((admin[0], "wrong"), "Echo", {"Note": "x"}, SignatureNonce="n"))
    # The older official SDK takes what follows the first colon and compares it with its own.
    text = body["Message"].split(":")[1]
    assert text.startswith(
        f"GET&%2F&AccessKeyId%3D{admin[0]}%26Action%3DEcho%26Format%3DJSON%26Note"
    )
    assert admin[1] not in json.dumps(body)


def test_a_wrong_acs3_signature_is_explained(admin: Key, ask: Ask) -> None:
    _, body = ask(acs3((admin[0], "wrong"), "Echo", {"Note": "x y"}))
    assert body["Code"] == "SignatureDoesNotMatch"
    assert "server string to sign is:ACS3-HMAC-SHA256\n" in body["Message"]
    assert "POST\n/\nNote=x%20y\nhost:vod.example.com\n" in body["Message"]


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [
        ("1000 seconds ago", "InvalidTimeStamp.Expired"),
        ("in 1000 seconds", "InvalidTimeStamp.Expired"),
        ("0001-01-01T00:00:00Z", "InvalidTimeStamp.Expired"),
        ("2017-3-29T12:00:00Z", "InvalidTimeStamp.Expired"),
        ("yesterday", "InvalidTimeStamp.Format"),
        ("2017-03-29 12:00:00", "InvalidTimeStamp.Format"),
        ("2017-13-29T12:00:00Z", "InvalidTimeStamp.Format"),
    ],
)
def test_timestamps_out_of_the_window_are_refused(
    admin: Key, ask: Ask, timestamp: str, code: str
) -> None:
    # Counted from the test's own start: the tests were collected minutes before it.
    relative = {"1000 seconds ago": -1000, "in 1000 seconds": 1000}
    if timestamp in relative:
        timestamp = now(relative[timestamp])
    for sent in (
        v1(admin, "Echo", Timestamp=timestamp),
        acs3(admin, "Echo", headers={"x-acs-date": timestamp}),
    ):
        status, body = ask(sent)
        assert (status, body["Code"]) == (400, code)


def test_timestamps_inside_the_window_are_taken(admin: Key, ask: Ask) -> None:
    for offset in (-800, 800):
        assert ask(v1(admin, "Echo", Timestamp=now(offset)))[0] == 200


def test_unknown_and_deactivated_keys_are_refused(user: Callable[..., Key], ask: Ask) -> None:
    status, body = ask(v1(("OVAKnobody", "x"), "Echo"))
    assert (status, body["Code"]) == (404, "InvalidAccessKeyId.NotFound")
    key = user("leaver", "AdministratorAccess")
    assert ask(v1(key, "Echo"))[0] == 200
    deactivate_key(key[0])
    status, body = ask(v1(key, "Echo"))
    assert (status, body["Code"]) == (400, "InvalidAccessKeyId.Inactive")


@pytest.mark.parametrize("sign", [v1, acs3])
def test_temporary_keys_need_their_own_token(
    admin: Key, account_id: str, ask: Ask, sign: Callable[..., object]
) -> None:
    one, two = (issue_token(account_id, "play/x", ["AdministratorAccess"], 900) for _ in "12")
    key = (one.access_key_id, one.access_key_secret)
    assert ask(sign(key, "Echo", token=one.security_token))[1]["Principal"] == "play/x"
    for token, code in (
        ("", "MissingSecurityToken"),
        ("rubbish", "InvalidSecurityToken.Malformed"),
        (one.security_token[:-2], "InvalidSecurityToken.Malformed"),
        (two.security_token, "InvalidSecurityToken.MismatchWithAccessKey"),
    ):
        status, body = ask(sign(key, "Echo", token=token))
        assert (status, body["Code"]) == (400, code)
    status, body = ask(sign(admin, "Echo", token=one.security_token))
    assert (status, body["Code"]) == (400, "InvalidSecurityToken.MismatchWithAccessKey")


def test_policies_decide_about_the_action_and_the_resource(
    user: Callable[..., Key], account_id: str, ask: Ask
) -> None:
    key = user(
        "reader",
        allow(["tiny:Echo"], [f"acs:tiny:*:{account_id}:video/mine"]),
        allow(["tiny:OwnResource"], [f"acs:tiny:*:{account_id}:thing/7"]),
    )
    assert ask(v1(key, "Echo", {"VideoId": "mine"}))[0] == 200
    assert ask(v1(key, "OwnResource", {"Thing": "7"}))[0] == 200
    for action, parameters in (
        ("Echo", {"VideoId": "other"}),
        ("Echo", {"VideoId": f"x:{account_id}:video/mine"}),
        ("Echo", {}),
        ("OwnResource", {"Thing": "8"}),
        ("Shapes", {}),
    ):
        status, body = ask(v1(key, action, parameters))
        assert (status, body["Code"]) == (403, "Forbidden")
        assert body["Message"] == "User not authorized to operate on the specified resource."


def test_conditions_see_the_callers_address(user: Callable[..., Key], ask: Ask) -> None:
    policy = {
        "Version": "1",
        "Statement": {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "IpAddress": {"acs:SourceIp": "203.0.113.0/24"},
                "Bool": {"acs:SecureTransport": "true"},
            },
        },
    }
    key = user("local", json.dumps(policy))
    assert ask(v1(key, "Shapes"))[0] == 200
    assert ask(v1(key, "Shapes", source_ip="198.51.100.1"))[0] == 403
    assert ask(v1(key, "Shapes", secure=False))[0] == 403


@pytest.mark.parametrize(
    ("how", "status", "code", "message"),
    [
        ("lost", 404, "NoSuchThing", "There is no thing."),
        ("for good", 404, "NoSuchThing", "There is no other thing."),
        ("database", 503, "ServiceUnAvailable", None),
        ("bug", 500, "InternalError", None),
    ],
)
def test_domain_errors_become_wire_errors(
    admin: Key, ask: Ask, how: str, status: int, code: str, message: str | None
) -> None:
    got, body = ask(v1(admin, "Fail", {"How": how}))
    assert (got, body["Code"]) == (status, code)
    assert body["HostId"] == "vod.openvod"
    assert set(body) == {"RequestId", "HostId", "Code", "Message"}
    assert message is None or body["Message"] == message
    assert "hunter2" not in json.dumps(body)


def test_unknown_actions_and_versions(admin: Key, ask: Ask) -> None:
    status, body = ask(v1(admin, "NoSuchAction"))
    assert (status, body["Code"]) == (400, "UnsupportedOperation")
    assert body["Message"] == "The specified action is not supported."
    status, body = ask(v1(admin, "Echo", Version="1999-01-01"))
    assert (status, body["Code"]) == (400, "InvalidVersion")


def test_authentication_comes_before_validation(admin: Key, ask: Ask) -> None:
    assert ask(v1((admin[0], "wrong"), "Require"))[1]["Code"] == "SignatureDoesNotMatch"
    assert ask(v1(admin, "Require"))[1]["Code"] == "MissingParameter"


def test_the_log_tells_the_outcome_and_no_secret(
    admin: Key, account_id: str, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    temporary = issue_token(account_id, "play/x", ["AliyunVODPlayAuth"], 900)
    key = (temporary.access_key_id, temporary.access_key_secret)
    with caplog.at_level(logging.INFO):
        _, body = ask(v1(key, "Echo", {"Note": "private"}, token=temporary.security_token))
    (record,) = (one for one in caplog.records if one.getMessage() == "request")
    values = vars(record)
    assert values["action"] == "2099-01-01/Echo"
    assert values["request_id"] == body["RequestId"]
    assert (values["account"], values["status"], values["code"]) == (account_id, 403, "Forbidden")
    assert values["milliseconds"] >= 0
    for secret in ("private", temporary.access_key_secret, temporary.security_token):
        assert secret not in repr(values)


def test_every_request_has_its_own_id(admin: Key, ask: Ask) -> None:
    ids = {ask(v1(admin, "Shapes"))[1]["RequestId"] for _ in range(3)}
    assert len(ids) == 3


def test_xml_is_the_default_of_v1_and_json_that_of_acs3() -> None:
    assert (
        answer(request({"Action": "Echo"}), PRODUCTS)
        .headers["Content-Type"]
        .startswith("application/xml")
    )
    assert (
        answer(acs3(("x", "y"), "Nothing"), PRODUCTS)
        .headers["Content-Type"]
        .startswith("application/json")
    )


def test_an_action_that_does_not_say_what_it_touches_is_for_administrators(
    admin: Key, user: Callable[..., Key], ask: Ask
) -> None:
    assert ask(v1(admin, "Undeclared"))[0] == 200
    assert ask(v1(user("someone", allow(["tiny:*"], ["*"])), "Undeclared"))[0] == 403
