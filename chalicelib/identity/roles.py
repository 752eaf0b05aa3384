"""Assuming a role: temporary keys for users (VOD developer guide 3.3)."""

import re

from pydantic import BaseModel, ConfigDict

from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import (
    InvalidDuration,
    InvalidRoleArn,
    InvalidSessionName,
    PermissionDenied,
    RoleNotFound,
)
from chalicelib.identity.patterns import matches
from chalicelib.identity.policies import check_policy
from chalicelib.identity.tokens import TemporaryKey, issue_token
from chalicelib.store import identities as store

ASSUME_ROLE = "sts:AssumeRole"
MIN_SECONDS, MAX_SECONDS = 900, 3600

_ROLE_ARN = re.compile(r"acs:ram::([0-9]{1,32}):role/([A-Za-z0-9._-]{1,64})", re.ASCII)
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}", re.ASCII)


class RoleSession(BaseModel):
    """An assumed role: its temporary key, its ARN, and its id ``{role}:{session}``."""

    model_config = ConfigDict(frozen=True)

    key: TemporaryKey
    arn: str
    id: str


def assume_role(
    caller: Caller, role_arn: str, session_name: str, seconds: int, policy: str | None = None
) -> RoleSession:
    """A session whose temporary key may do what both the role and ``policy`` (if given) allow.

    The caller needs ``sts:AssumeRole`` on the role's ARN and the role's trust. Raises
    InvalidRoleArn, InvalidSessionName, InvalidDuration (900 to 3600 s), PolicyMalformed,
    PolicyTooLarge, PermissionDenied, RoleNotFound.
    """
    account_id, role_name = parse_role_arn(role_arn)
    if not _SESSION_NAME.fullmatch(session_name):
        raise InvalidSessionName("2 to 64 characters of A-Za-z0-9.@_-")
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise InvalidDuration(f"not within {MIN_SECONDS} to {MAX_SECONDS} seconds")
    session_policy = check_policy(policy) if policy else None
    if not caller.may(ASSUME_ROLE, role_arn):
        raise PermissionDenied(ASSUME_ROLE, role_arn)
    role = store.role(account_id, role_name)
    if role is None:
        if account_id != caller.account_id:
            # Nobody learns from outside which roles another account has.
            raise PermissionDenied(ASSUME_ROLE, role_arn)
        raise RoleNotFound(role_arn)
    if not _trusts(role.trust, caller):
        raise PermissionDenied(ASSUME_ROLE, role_arn)
    principal = f"role/{role_name}/{session_name}"
    return RoleSession(
        key=issue_token(account_id, principal, role.policies, seconds, session_policy),
        arn=f"acs:ram::{account_id}:{principal}",
        id=f"{role_name}:{session_name}",
    )


def parse_role_arn(role_arn: str) -> tuple[str, str]:
    """Account and name out of ``acs:ram::{account}:role/{name}``; raises InvalidRoleArn."""
    found = _ROLE_ARN.fullmatch(role_arn)
    if found is None:
        raise InvalidRoleArn("acs:ram::{account}:role/{name}")
    return found[1], found[2]


def _trusts(trust: tuple[str, ...], caller: Caller) -> bool:
    everyone = f"acs:ram::{caller.account_id}:root"
    return any(pattern == everyone or matches(pattern, caller.arn) for pattern in trust)
