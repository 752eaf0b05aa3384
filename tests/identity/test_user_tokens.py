"""Tokens that stand for users: kept apart from other tokens, good across a rotation."""

import pytest

from chalicelib.identity.access_keys import authenticate_key
from chalicelib.identity.accounts import create_user
from chalicelib.identity.errors import TokenMalformed
from chalicelib.identity.master_keys import PUBLISH_SECONDS, add_master_key
from chalicelib.identity.tokens import issue_token, open_token
from chalicelib.identity.user_tokens import by_key, opened, sealed
from tests.identity.conftest import age_master_keys


@pytest.fixture
def bearer(account_id: str) -> str:
    """The token of a user who has shown a key."""
    pair = create_user(account_id, "someone", ["AdministratorAccess"])
    caller = authenticate_key(pair.access_key_id, None, source_ip="", secure=True).caller
    return sealed(by_key(caller, "a scope"))


def test_a_token_gives_its_user_and_scope_back(bearer: str, account_id: str) -> None:
    token, caller = opened(bearer, "203.0.113.7", secure=True)
    assert (token.scope, token.proven_by) == ("a scope", "key")
    assert caller.arn == f"acs:ram::{account_id}:user/someone"
    assert caller.source_ip == "203.0.113.7"
    assert caller.may("mpc:ListBuckets", "*")
    assert (token.expires_at - token.issued_at).total_seconds() == 24 * 3600


def test_tokens_of_one_kind_are_none_of_the_other(bearer: str, account_id: str) -> None:
    temporary = issue_token(account_id, "role/r/s", ["AdministratorAccess"], 900)
    renamed = "OVU1" + temporary.security_token.removeprefix("OV1")
    for text in (temporary.security_token, renamed, "", "OVU1", bearer + "A", bearer.lower()):
        with pytest.raises(TokenMalformed):
            opened(text, "", secure=True)
    for text in (bearer, "OV1" + bearer.removeprefix("OVU1")):
        with pytest.raises(TokenMalformed):
            open_token(temporary.access_key_id, text)


def test_a_token_outlives_one_rotation_of_the_master_key(bearer: str) -> None:
    for is_good in (True, False):
        add_master_key()
        age_master_keys(PUBLISH_SECONDS)
        if is_good:
            opened(bearer, "", secure=True)
        else:
            with pytest.raises(TokenMalformed):
                opened(bearer, "", secure=True)


def test_a_token_shows_nothing(bearer: str) -> None:
    token, _ = opened(bearer, "", secure=True)
    assert token.proof not in repr(token)
    assert token.user_name not in bearer
