"""Making accounts, users, access keys and roles. Every function may be repeated safely."""

import re
import secrets
import string
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.identity import access_keys
from chalicelib.identity.errors import (
    AccessKeyNotFound,
    InvalidName,
    PolicyTooLarge,
    RoleExists,
    UserExists,
)
from chalicelib.identity.policies import ADMINISTRATOR, MAX_POLICY_CHARS, allow, check_policy
from chalicelib.identity.sealing import Sealed, seal, unseal
from chalicelib.store import identities as store

ADMIN_USER = "admin"
DEFAULT_ROLE = "vod"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_LETTERS = string.ascii_letters + string.digits


class AccessKeyPair(BaseModel):
    """A user's access key; the secret is shown to its owner and never logged."""

    model_config = ConfigDict(frozen=True)

    access_key_id: str
    access_key_secret: str = Field(repr=False)


def bootstrap(account_id: str) -> AccessKeyPair:
    """Make the account with a user ``admin``, who may do everything, and the role ``vod``.

    The role's ARN is ``acs:ram::{account_id}:role/vod``; it may use all of VOD, and users of the
    account may assume it. Returns the admin's first key pair, the same one at every call.
    """
    store.add_account(account_id, datetime.now(UTC))
    with suppress(RoleExists):  # somebody changed what it may do
        create_role(account_id, DEFAULT_ROLE, [allow(["vod:*"], ["*"])])
    existing = _first_pair(account_id, ADMIN_USER)
    if existing is not None:
        return existing
    try:
        return create_user(account_id, ADMIN_USER, [ADMINISTRATOR])
    except UserExists:
        pair = _first_pair(account_id, ADMIN_USER)  # another process was faster
        assert pair is not None, "a user is made together with the first key"
        return pair


def create_user(account_id: str, user_name: str, policies: Sequence[str]) -> AccessKeyPair:
    """A RAM user with a first key pair. Policies are system policies' names or documents.

    Raises InvalidName, UserExists, PolicyMalformed, PolicyTooLarge.
    """
    pair = AccessKeyPair(access_key_id="OVAK" + _random(20), access_key_secret=_random(30))
    sealed = seal(pair.access_key_secret, pair.access_key_id)
    row = store.AccessKeyRow(
        access_key_id=pair.access_key_id,
        account_id=account_id,
        user_name=_checked_name(user_name),
        secret=sealed.text,
        master_key_id=sealed.master_key_id,
        active=True,
        policies=_checked_policies(policies),
    )
    if not store.add_user(row, datetime.now(UTC)):
        raise UserExists(user_name)
    return pair


def create_role(
    account_id: str, role_name: str, policies: Sequence[str], trust: Sequence[str] | None = None
) -> str:
    """A role; returns its ARN. Making the same role again changes nothing.

    ``trust`` lists who may assume it besides having the right to: ``acs:ram::{account}:root`` for
    every user of an account, or the ARN of one user; ``*`` is a wildcard. Without it: the users
    of the role's own account. Raises InvalidName, PolicyMalformed, PolicyTooLarge, and RoleExists
    when a different role has the name.
    """
    role = store.RoleRow(
        account_id=account_id,
        role_name=_checked_name(role_name),
        policies=_checked_policies(policies),
        trust=tuple(trust) if trust is not None else (f"acs:ram::{account_id}:root",),
        created_at=datetime.now(UTC),
    )
    if not store.add_role(role):
        existing = store.role(account_id, role_name)
        if existing is None or (existing.policies, existing.trust) != (role.policies, role.trust):
            raise RoleExists(role_name)
    return role_arn(account_id, role_name)


def role_arn(account_id: str, role_name: str) -> str:
    """``acs:ram::{account}:role/{name}``."""
    return f"acs:ram::{account_id}:role/{role_name}"


def deactivate_key(access_key_id: str) -> None:
    """Switch an access key off, here at once and in other processes within 30 s.

    Raises AccessKeyNotFound.
    """
    found = store.deactivate_access_key(access_key_id)
    access_keys.forget(access_key_id)
    if not found:
        raise AccessKeyNotFound(access_key_id)


def _first_pair(account_id: str, user_name: str) -> AccessKeyPair | None:
    row = store.first_access_key(account_id, user_name)
    if row is None:
        return None
    sealed = Sealed(text=row.secret, master_key_id=row.master_key_id)
    return AccessKeyPair(
        access_key_id=row.access_key_id, access_key_secret=unseal(sealed, row.access_key_id)
    )


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidName("1 to 64 letters, digits, dots, dashes and underscores")
    return name


def _checked_policies(policies: Sequence[str]) -> tuple[str, ...]:
    checked = tuple(check_policy(policy) for policy in policies)
    # A role's policies travel in its tokens, next to a session policy of the same size.
    if sum(len(policy.encode()) for policy in checked) > MAX_POLICY_CHARS:
        raise PolicyTooLarge(f"more than {MAX_POLICY_CHARS} bytes of policies")
    return checked


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
