"""STS AssumeRole: temporary keys for roles."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from chalicelib.apis.protocol.http import HttpRequest
from chalicelib.identity.accounts import create_role
from chalicelib.identity.policies import allow
from tests.protocol.conftest import Ask, Key
from tests.protocol.sending import acs3, v1

STS = "2015-04-01"


def assume(key: Key, account_id: str, token: str = "", **parameters: str) -> HttpRequest:
    given = {
        "RoleArn": f"acs:ram::{account_id}:role/vod",
        "RoleSessionName": "alice",
        **parameters,
    }
    return v1(key, "AssumeRole", given, token=token, Version=STS, form=True)


def credentials(body: dict[str, Any]) -> tuple[Key, str]:
    found = body["Credentials"]
    return (found["AccessKeyId"], found["AccessKeySecret"]), found["SecurityToken"]


def test_the_answer_has_the_documented_shape(admin: Key, account_id: str, ask: Ask) -> None:
    before = int(time.time())
    status, body = ask(assume(admin, account_id))
    assert status == 200
    assert set(body) == {"RequestId", "AssumedRoleUser", "Credentials"}
    assert body["AssumedRoleUser"] == {
        "Arn": f"acs:ram::{account_id}:role/vod/alice",
        "AssumedRoleId": "vod:alice",
    }
    assert set(body["Credentials"]) == {
        "AccessKeyId",
        "AccessKeySecret",
        "SecurityToken",
        "Expiration",
    }
    expiration = body["Credentials"]["Expiration"]
    assert expiration.endswith("Z")
    expires = datetime.fromisoformat(expiration).timestamp()
    assert before + 3600 <= expires <= time.time() + 3600


@pytest.mark.parametrize("seconds", ["900", "1800", "3600"])
def test_the_life_of_the_key_can_be_chosen(
    admin: Key, account_id: str, ask: Ask, seconds: str
) -> None:
    _, body = ask(assume(admin, account_id, DurationSeconds=seconds))
    expires = datetime.fromisoformat(body["Credentials"]["Expiration"]).timestamp()
    assert int(seconds) - 60 < expires - time.time() <= int(seconds)


def test_the_key_works_with_both_signatures(admin: Key, account_id: str, ask: Ask) -> None:
    arn = create_role(account_id, "tiny", [allow(["tiny:*"], ["*"])])
    key, token = credentials(ask(assume(admin, account_id, RoleArn=arn))[1])
    for sent in (v1(key, "Echo", token=token), acs3(key, "Echo", token=token)):
        status, body = ask(sent)
        assert (status, body.get("Principal")) == (200, "role/tiny/alice")


def test_the_policy_narrows_the_role(admin: Key, account_id: str, ask: Ask) -> None:
    arn = create_role(account_id, "tiny", [allow(["tiny:Echo", "tiny:Shapes"], ["*"])])
    policy = json.dumps(
        {
            "Version": "1",
            "Statement": [
                {"Action": ["tiny:Echo", "tiny:OwnResource"], "Resource": "*", "Effect": "Allow"}
            ],
        },
        indent=2,
    )
    key, token = credentials(ask(assume(admin, account_id, RoleArn=arn, Policy=policy))[1])
    assert ask(v1(key, "Echo", token=token))[0] == 200
    assert ask(v1(key, "Shapes", token=token))[0] == 403
    assert ask(v1(key, "OwnResource", {"Thing": "1"}, token=token))[0] == 403


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"RoleArn": ""}, "MissingParameter", None),
        ({"RoleSessionName": ""}, "MissingParameter", None),
        (
            {"RoleArn": "vod"},
            "InvalidParameter.RoleArn",
            "The parameter RoleArn is wrongly formed.",
        ),
        ({"RoleArn": "acs:ram::x:role/vod"}, "InvalidParameter.RoleArn", None),
        ({"RoleArn": "acs:ram::1:user/vod"}, "InvalidParameter.RoleArn", None),
        ({"RoleArn": "acs:ram::1:role/a b"}, "InvalidParameter.RoleArn", None),
        (
            {"RoleSessionName": "a"},
            "InvalidParameter.RoleSessionName",
            "The parameter RoleSessionName is wrongly formed.",
        ),
        ({"RoleSessionName": "a" * 65}, "InvalidParameter.RoleSessionName", None),
        ({"RoleSessionName": "忍者"}, "InvalidParameter.RoleSessionName", None),
        ({"RoleSessionName": "a/b"}, "InvalidParameter.RoleSessionName", None),
        (
            {"Policy": "{"},
            "InvalidParameter.PolicyGrammar",
            "The parameter Policy has not passed grammar check.",
        ),
        ({"Policy": '{"Version":"1"}'}, "InvalidParameter.PolicyGrammar", None),
        ({"Policy": "x" * 2049}, "InvalidParameter.PolicyGrammar", None),
        (
            {"DurationSeconds": "899"},
            "InvalidParameter.DurationSeconds",
            "The Min/Max value of DurationSeconds is 15min/1hr.",
        ),
        ({"DurationSeconds": "3601"}, "InvalidParameter.DurationSeconds", None),
        ({"DurationSeconds": "-900"}, "InvalidParameter.DurationSeconds", None),
        ({"DurationSeconds": "soon"}, "InvalidParameter.DurationSeconds", None),
        ({"DurationSeconds": "9" * 5000}, "InvalidParameter.DurationSeconds", None),
    ],
)
def test_unusable_parameters(
    admin: Key,
    account_id: str,
    ask: Ask,
    parameters: dict[str, str],
    code: str,
    message: str | None,
) -> None:
    status, body = ask(assume(admin, account_id, **parameters))
    assert (status, body["Code"]) == (400, code)
    assert message is None or body["Message"] == message


def test_a_role_that_does_not_exist(admin: Key, account_id: str, ask: Ask) -> None:
    arn = f"acs:ram::{account_id}:role/nobody"
    status, body = ask(assume(admin, account_id, RoleArn=arn))
    assert (status, body["Code"]) == (404, "EntityNotExist.Role")
    assert arn in body["Message"]


def test_a_user_needs_the_right_to_assume_that_role(
    user: Callable[..., Key], account_id: str, ask: Ask
) -> None:
    arn = f"acs:ram::{account_id}:role/vod"
    allowed = (
        user("app", "AliyunSTSAssumeRoleAccess"),
        user("narrow", allow(["sts:AssumeRole"], [arn])),
    )
    refused = (
        user("vod-only", "AliyunVODFullAccess"),
        user("other-role", allow(["sts:AssumeRole"], [f"acs:ram::{account_id}:role/other"])),
    )
    for key in allowed:
        assert ask(assume(key, account_id))[0] == 200
    for key in refused:
        status, body = ask(assume(key, account_id))
        assert (status, body["Code"]) == (403, "NoPermission")
        assert body["Message"] == (
            "You are not authorized to do this action. You should be authorized by RAM."
        )


def test_an_assumed_role_does_not_assume_again_by_itself(
    admin: Key, account_id: str, ask: Ask
) -> None:
    key, token = credentials(ask(assume(admin, account_id))[1])
    assert ask(assume(key, account_id, token=token))[1]["Code"] == "NoPermission"
    arn = create_role(account_id, "chain", ["AliyunSTSAssumeRoleAccess"])
    key, token = credentials(ask(assume(admin, account_id, RoleArn=arn))[1])
    assert ask(assume(key, account_id, token=token))[0] == 200


def test_another_accounts_role_must_trust_the_caller(admin: Key, account_id: str, ask: Ask) -> None:
    other = account_id + "9"
    create_role(other, "closed", ["AliyunVODFullAccess"])
    create_role(other, "open", ["AliyunVODFullAccess"], trust=[f"acs:ram::{account_id}:user/admin"])
    for name, status in (("closed", 403), ("absent", 403), ("open", 200)):
        arn = f"acs:ram::{other}:role/{name}"
        assert ask(assume(admin, account_id, RoleArn=arn))[0] == status
