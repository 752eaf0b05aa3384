"""PlayAuth: a key inside, with which a player asks for one video's play URLs and nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.identity import master_keys
from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import issue_token
from chalicelib.playback.credentials import session_principal
from local.attachment import attach_to
from tests.edge.conftest import operating
from tests.sdk.conftest import Library
from tests.sdk.customer import Customer, decoded
from tests.sdk.driver import ApiFailure
from tests.sdk.player import play
from tests.stack_fixture import Stack, known_secrets


def play_auth(customer: Customer, video_id: str, **more: Any) -> dict[str, Any]:
    text = customer.call("GetVideoPlayAuth", VideoId=video_id, **more)["PlayAuth"]
    content = decoded(text)
    known_secrets.update((text, content["AccessKeySecret"], content["SecurityToken"]))
    return content


def key_inside(content: dict[str, Any]) -> dict[str, str]:
    return {
        "access_key_id": content["AccessKeyId"],
        "access_key_secret": content["AccessKeySecret"],
        "security_token": content["SecurityToken"],
    }


def test_what_a_player_finds_inside(customer: Customer, library: Library) -> None:
    content = play_auth(customer, library.film, AuthInfoTimeout=3000)
    assert set(content) == {
        "SecurityToken",
        "AccessKeyId",
        "AccessKeySecret",
        "AuthInfo",
        "Region",
        "VideoMeta",
        "PlayDomain",
        "CustomerId",
    }
    assert content["Region"] == "cn-shanghai"
    assert content["VideoMeta"]["VideoId"] == library.film
    assert content["VideoMeta"]["Title"] == "A film"
    auth_info = json.loads(content["AuthInfo"])
    assert auth_info["MediaId"] == library.film
    assert (
        auth_info["PlayDomain"]
        == content["PlayDomain"]
        == customer.stack.info["play_url"].removeprefix("http://")
    )


@pytest.mark.parametrize(("asked", "seconds"), [({}, 100), ({"AuthInfoTimeout": 3000}, 3000)])
def test_until_when_it_is_good(
    customer: Customer, library: Library, asked: dict[str, int], seconds: int
) -> None:
    expiry = json.loads(play_auth(customer, library.film, **asked)["AuthInfo"])["ExpireTime"]
    left = datetime.strptime(expiry + "+0000", "%Y-%m-%dT%H:%M:%SZ%z") - datetime.now(UTC)
    assert timedelta(seconds=seconds - 20) < left <= timedelta(seconds=seconds)


def test_its_key_gets_the_play_urls(customer: Customer, library: Library) -> None:
    content = play_auth(customer, library.film)
    answer = customer.call(
        "GetPlayInfo",
        credentials=key_inside(content),
        VideoId=library.film,
        Formats="mp4",
        ReAuthInfo="{}",
    )
    (stream,) = answer["PlayInfoList"]["PlayInfo"]
    assert play(stream["PlayURL"]).frames == 125


@pytest.mark.parametrize(
    ("action", "video"),
    [
        ("GetPlayInfo", "pending"),
        ("GetVideoInfo", "film"),
        ("GetMezzanineInfo", "film"),
        ("GetVideoPlayAuth", "film"),
        ("RefreshUploadVideo", "film"),
    ],
)
def test_its_key_does_nothing_else(
    customer: Customer, library: Library, action: str, video: str
) -> None:
    key = key_inside(play_auth(customer, library.film))
    with pytest.raises(ApiFailure) as refusal:
        customer.call(action, credentials=key, VideoId=getattr(library, video))
    assert (refusal.value.code, refusal.value.status) == ("Forbidden", 403)


def test_its_key_assumes_no_role(customer: Customer, library: Library) -> None:
    key = key_inside(play_auth(customer, library.film))
    with pytest.raises(ApiFailure) as refusal:
        customer.call(
            "AssumeRole",
            product="sts",
            credentials=key,
            RoleArn=f"acs:ram::{customer.stack.info['account_id']}:role/vod",
            RoleSessionName="player",
        )
    assert (refusal.value.code, refusal.value.status) == ("NoPermission", 403)


def test_the_parts_of_two_credentials_do_not_mix(customer: Customer, library: Library) -> None:
    one, other = (key_inside(play_auth(customer, library.film)) for _ in range(2))
    mixed = {**one, "security_token": other["security_token"]}
    with pytest.raises(ApiFailure) as refusal:
        customer.call("GetPlayInfo", credentials=mixed, VideoId=library.film)
    assert refusal.value.code == "InvalidSecurityToken.MismatchWithAccessKey"
    assert refusal.value.status == 400


def test_without_its_token_the_key_is_worth_nothing(customer: Customer, library: Library) -> None:
    key = key_inside(play_auth(customer, library.film))
    del key["security_token"]
    with pytest.raises(ApiFailure) as refusal:
        customer.call("GetPlayInfo", credentials=key, VideoId=library.film)
    assert (refusal.value.code, refusal.value.status) == ("MissingSecurityToken", 400)


def forged(
    stack: Stack, video_id: str, *, account_id: str = "", seconds: int = 100, foreign: bool = False
) -> dict[str, str]:
    """The key of a credential as the API makes it, but for another account, or expired, or by a
    deployment whose master key has the same number and other bytes."""
    with operating(stack), pytest.MonkeyPatch.context() as patch:
        attach_to(stack.info)
        if foreign:
            other = replace(master_keys.issuing_key(), secret=b"f" * 32)
            patch.setattr(master_keys, "issuing_key", lambda: other)
        account = account_id or stack.info["account_id"]
        policy = allow(["vod:GetPlayInfo"], [f"acs:vod:*:{account}:video/{video_id}"])
        key = issue_token(account, session_principal(video_id), [policy], seconds)
    known_secrets.update((key.access_key_secret, key.security_token))
    return {
        "access_key_id": key.access_key_id,
        "access_key_secret": key.access_key_secret,
        "security_token": key.security_token,
    }


def refused(customer: Customer, key: dict[str, str], video_id: str) -> tuple[str, int]:
    """How GetPlayInfo is refused to a key, which is the same with its parameters in the query and
    in a form."""
    found = set()
    for method in ("GET", "POST"):
        with pytest.raises(ApiFailure) as refusal:
            customer.call("GetPlayInfo", credentials=key, method=method, VideoId=video_id)
        found.add((refusal.value.code, refusal.value.status))
    (only,) = found
    return only


def test_a_credential_that_was_tampered_with_is_refused(
    customer: Customer, library: Library
) -> None:
    key = key_inside(play_auth(customer, library.film))
    token, secret = key["security_token"], key["access_key_secret"]
    place = len(token) // 2
    altered = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    for wrong in (altered, token[:-4], token[3:], "rubbish"):
        answer = refused(customer, key | {"security_token": wrong}, library.film)
        assert answer == ("InvalidSecurityToken.Malformed", 400)
    answer = refused(customer, key | {"access_key_secret": secret[::-1] + "0"}, library.film)
    # The second is what the older SDK makes of it, when it has signed the same text itself.
    assert answer in {("SignatureDoesNotMatch", 400), ("InvalidAccessKeySecret", 400)}


def test_a_credential_of_another_deployment_is_refused(
    customer: Customer, library: Library
) -> None:
    key = forged(customer.stack, library.film, foreign=True)
    assert refused(customer, key, library.film) == ("InvalidSecurityToken.Malformed", 400)


def test_a_credential_of_another_account_finds_no_video(
    customer: Customer, library: Library
) -> None:
    key = forged(customer.stack, library.film, account_id="1999999999999999")
    assert refused(customer, key, library.film) == ("InvalidVideo.NotFound", 404)


def test_a_credential_that_has_expired_is_refused(customer: Customer, library: Library) -> None:
    key = forged(customer.stack, library.film, seconds=1)

    def over() -> bool:
        try:
            customer.call("GetPlayInfo", credentials=key, VideoId=library.film)
        except ApiFailure:
            return True
        return False

    customer.stack.until("it expires", over)
    assert refused(customer, key, library.film) == ("InvalidSecurityToken.Expired", 400)
