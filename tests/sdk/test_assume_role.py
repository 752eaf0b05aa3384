"""STS: temporary keys for an app's users, and that they are held to their policy."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sdk.conftest import Library
from tests.sdk.customer import Customer
from tests.sdk.driver import ApiFailure
from tests.stack_fixture import known_secrets


def role_arn(customer: Customer) -> str:
    return f"acs:ram::{customer.stack.info['account_id']}:role/vod"


def assume(customer: Customer, **more: Any) -> dict[str, Any]:
    answer = customer.call(
        "AssumeRole",
        product="sts",
        RoleArn=role_arn(customer),
        RoleSessionName="user-4711@app",
        **more,
    )
    keys = answer["Credentials"]
    known_secrets.update((keys["AccessKeySecret"], keys["SecurityToken"]))
    return answer


def key_of(answer: dict[str, Any]) -> dict[str, str]:
    keys = answer["Credentials"]
    return {
        "access_key_id": keys["AccessKeyId"],
        "access_key_secret": keys["AccessKeySecret"],
        "security_token": keys["SecurityToken"],
    }


def test_what_it_returns(customer: Customer) -> None:
    answer = assume(customer, DurationSeconds=900)
    user = answer["AssumedRoleUser"]
    assert user["Arn"] == f"{role_arn(customer)}/user-4711@app"
    assert user["AssumedRoleId"].endswith(":user-4711@app")
    keys = answer["Credentials"]
    assert set(keys) == {"AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"}
    assert re.fullmatch(r"STS\.\w+", keys["AccessKeyId"])
    expiry = datetime.strptime(keys["Expiration"] + "+0000", "%Y-%m-%dT%H:%M:%SZ%z")
    left = expiry - datetime.now(UTC)
    assert timedelta(seconds=880) < left <= timedelta(seconds=900)


def test_its_key_does_what_the_role_may(customer: Customer, library: Library) -> None:
    key = key_of(assume(customer))
    answer = customer.call("GetVideoInfo", credentials=key, VideoId=library.film)
    assert answer["Video"]["Title"] == "A film"
    made = customer.call(
        "CreateUploadVideo", credentials=key, Title="By a temporary key", FileName="a.mp4"
    )
    assert customer.video(made["VideoId"])["Title"] == "By a temporary key"


def test_its_key_does_no_more_than_its_policy(customer: Customer, library: Library) -> None:
    account = customer.stack.info["account_id"]
    policy = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["vod:GetPlayInfo", "vod:GetVideoInfo"],
                "Resource": f"acs:vod:*:{account}:video/{library.film}",
            }
        ],
    }
    key = key_of(assume(customer, Policy=json.dumps(policy)))
    for action in ("GetPlayInfo", "GetVideoInfo"):
        customer.call(action, credentials=key, VideoId=library.film)
    for action, video in (("GetVideoInfo", library.pending), ("ListSnapshots", library.film)):
        with pytest.raises(ApiFailure) as refusal:
            customer.call(action, credentials=key, VideoId=video)
        assert (refusal.value.code, refusal.value.status) == ("Forbidden", 403)
    with pytest.raises(ApiFailure) as refusal:
        customer.call("CreateUploadVideo", credentials=key, Title="No", FileName="a.mp4")
    assert (refusal.value.code, refusal.value.status) == ("Forbidden", 403)


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"RoleArn": "vod"}, "InvalidParameter.RoleArn", 400),
        ({"RoleArn": "acs:ram::1000000000000001:role/no"}, "EntityNotExist.Role", 404),
        ({"RoleArn": "acs:ram::1000000000000009:role/vod"}, "NoPermission", 403),
        ({"RoleSessionName": "a b"}, "InvalidParameter.RoleSessionName", 400),
        ({"DurationSeconds": 60}, "InvalidParameter.DurationSeconds", 400),
        ({"Policy": "{}"}, "InvalidParameter.PolicyGrammar", 400),
    ],
)
def test_what_it_refuses(
    customer: Customer, changes: dict[str, Any], code: str, status: int
) -> None:
    asked = {"RoleArn": role_arn(customer), "RoleSessionName": "user", **changes}
    with pytest.raises(ApiFailure) as refusal:
        customer.call("AssumeRole", product="sts", **asked)
    assert (refusal.value.code, refusal.value.status) == (code, status)
