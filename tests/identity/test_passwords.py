"""Passwords: kept as hashes, of users who are there, neither too short nor too long."""

import pytest

from chalicelib.identity import call_rates
from chalicelib.identity.accounts import create_user
from chalicelib.identity.errors import IdentityNotFound, PasswordUnusable, PasswordWrong
from chalicelib.identity.passwords import check_password, remove_password, set_password
from chalicelib.store import identities


@pytest.fixture
def someone(deployment: None, account_id: str) -> str:
    """The account of a user of this name."""
    call_rates.forget()
    create_user(account_id, "someone", ["AdministratorAccess"])
    return account_id


def test_the_right_password_gives_the_users_rights(someone: str) -> None:
    set_password(someone, "someone", "pässwörd 密码")
    found = check_password(someone, "someone", "pässwörd 密码")
    assert found.rights == (("AdministratorAccess",),)
    for wrong in ("passwörd 密码", "", "pässwörd 密码 "):
        with pytest.raises(PasswordWrong):
            check_password(someone, "someone", wrong)


def test_the_same_password_is_kept_differently(someone: str) -> None:
    create_user(someone, "other", ["AdministratorAccess"])
    kept = []
    for name in ("someone", "other", "someone"):
        set_password(someone, name, "the same words")
        row = identities.user(someone, name)
        assert row is not None
        assert row.password_hash is not None
        assert row.password_hash.startswith("scrypt$32768$8$1$")
        kept.append(row.password_hash)
    assert len(set(kept)) == 3
    assert "scrypt" not in repr(row)


def test_a_password_can_be_taken_away(someone: str) -> None:
    set_password(someone, "someone", "the same words")
    remove_password(someone, "someone")
    with pytest.raises(PasswordWrong):
        check_password(someone, "someone", "the same words")
    remove_password(someone, "someone")


@pytest.mark.parametrize("password", ["", "7 chars", "x" * 129])
def test_what_is_no_password(someone: str, password: str) -> None:
    with pytest.raises(PasswordUnusable):
        set_password(someone, "someone", password)


def test_nobody_gets_none(someone: str) -> None:
    with pytest.raises(IdentityNotFound):
        set_password(someone, "nobody", "the same words")
