"""Temporary keys: what they carry, and that nobody else can make or change them."""

import base64
import json
import time

import pytest

from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.errors import (
    AccessKeyNotFound,
    InvalidDuration,
    PolicyTooLarge,
    TokenExpired,
    TokenMalformed,
    TokenMissing,
    TokenOfAnotherKey,
)
from chalicelib.identity.master_keys import add_master_key
from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import MAX_TOKEN_CHARS, TemporaryKey, issue_token, open_token
from chalicelib.settings import settings
from chalicelib.store import aws, database
from tests.identity.conftest import age_master_keys

VIDEO = "43a1b2c3d4e5f60718293a4b5c6d7e8f"


def play_key(account_id: str, seconds: int = 100) -> TemporaryKey:
    policy = allow(["vod:GetPlayInfo"], [f"acs:vod:*:{account_id}:video/{VIDEO}"])
    return issue_token(account_id, f"play/{VIDEO}", [policy], seconds)


def test_a_token_says_who_and_what(account_id: str) -> None:
    before = int(time.time())
    key = play_key(account_id)
    credential = authenticate_key(
        key.access_key_id, key.security_token, source_ip="203.0.113.7", secure=True
    )
    caller = credential.caller
    assert credential.secret == key.access_key_secret
    assert caller.account_id == account_id
    assert caller.arn == f"acs:ram::{account_id}:play/{VIDEO}"
    assert key.access_key_id.startswith("STS.")
    assert before + 100 <= key.expires_at.timestamp() <= time.time() + 100
    resource = f"acs:vod:cn-shanghai:{account_id}:video/"
    assert caller.may("vod:GetPlayInfo", resource + VIDEO)
    assert not caller.may("vod:GetPlayInfo", resource + "0" * 32)
    assert not caller.may("vod:DeleteVideo", resource + VIDEO)


def test_a_session_policy_narrows(account_id: str) -> None:
    session = allow(["vod:Get*"], ["*"])
    key = issue_token(account_id, "role/vod/x", ["AliyunVODUploadAuth"], 900, session)
    caller = authenticate_key(key.access_key_id, key.security_token, "", True).caller
    assert not caller.may("vod:CreateUploadVideo", "*")
    assert not caller.may("vod:GetPlayInfo", "*")


def test_keys_and_tokens_are_never_the_same(account_id: str) -> None:
    one, two = play_key(account_id), play_key(account_id)
    for name in ("access_key_id", "access_key_secret", "security_token"):
        assert getattr(one, name) != getattr(two, name)


def test_secrets_are_not_printed(account_id: str) -> None:
    key = play_key(account_id)
    assert key.access_key_secret not in repr(key)
    assert key.security_token not in repr(key)


def test_every_changed_character_is_noticed(account_id: str) -> None:
    key = play_key(account_id)
    token = key.security_token
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(TokenMalformed):
            open_token(key.access_key_id, changed)
    for changed in (token[:-1], token + "A", token + "=", token + "\n", "", token[3:]):
        with pytest.raises(TokenMalformed):
            open_token(key.access_key_id, changed)


def test_a_token_is_not_readable(account_id: str) -> None:
    token = play_key(account_id).security_token
    raw = base64.urlsafe_b64decode(token.removeprefix("OV1") + "==")
    assert account_id.encode() not in raw
    assert b"GetPlayInfo" not in raw


def test_a_token_of_another_deployment_is_refused(account_id: str) -> None:
    key = play_key(account_id)
    database.run(lambda tx: database.change(tx, "DELETE FROM master_key"))
    age_master_keys(0)
    play_key(account_id)
    with pytest.raises(TokenMalformed):
        open_token(key.access_key_id, key.security_token)


def test_a_token_belongs_to_one_key(account_id: str) -> None:
    one, two = play_key(account_id), play_key(account_id)
    with pytest.raises(TokenOfAnotherKey):
        open_token(one.access_key_id, two.security_token)
    with pytest.raises(TokenMissing):
        authenticate_key(one.access_key_id, None, "", True)
    with pytest.raises(AccessKeyNotFound):
        authenticate_key("OVAKsomething", one.security_token, "", True)


def test_a_token_expires(account_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = play_key(account_id)
    open_token(key.access_key_id, key.security_token)
    # The clock is the one thing here that cannot be had for real.
    later = time.time() + 100
    monkeypatch.setattr("chalicelib.identity.tokens.time.time", lambda: later)
    with pytest.raises(TokenExpired):
        open_token(key.access_key_id, key.security_token)


@pytest.mark.parametrize("seconds", [0, -1, 43201])
def test_a_life_out_of_bounds(account_id: str, seconds: int) -> None:
    with pytest.raises(InvalidDuration):
        play_key(account_id, seconds)


def test_the_largest_policies_fit_into_a_token(account_id: str) -> None:
    large = allow(["vod:*"], ["x" * 1980])
    key = issue_token(account_id, "role/vod/" + "s" * 64, [large], 900, large)
    assert len(key.security_token) <= MAX_TOKEN_CHARS
    open_token(key.access_key_id, key.security_token)
    with pytest.raises(PolicyTooLarge):
        issue_token(account_id, "role/vod/x", [large, large], 900, large)


def test_once_the_keys_are_warm_neither_database_nor_kms_is_needed(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_key(account_id)
    database.close()
    monkeypatch.setenv("OPENVOD_DATABASE_URL", "postgresql://127.0.0.1:1/nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    aws.kms.cache_clear()
    key = play_key(account_id)
    assert authenticate_key(key.access_key_id, key.security_token, "", True).caller


def test_tokens_survive_one_rotation_and_not_two(account_id: str) -> None:
    first = play_key(account_id)
    age_master_keys(700)
    add_master_key()
    age_master_keys(700)
    second = play_key(account_id)
    for key in (first, second):
        assert open_token(key.access_key_id, key.security_token)[1] == key.access_key_secret
    add_master_key()
    assert open_token(second.access_key_id, second.security_token)
    with pytest.raises(TokenMalformed):
        open_token(first.access_key_id, first.security_token)


def test_claims_are_compact(account_id: str) -> None:
    policy = allow(["vod:GetPlayInfo"], [f"acs:vod:*:{account_id}:video/{VIDEO}"])
    assert len(play_key(account_id).security_token) < 1.5 * len(json.dumps([policy])) + 250
