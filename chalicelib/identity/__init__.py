"""Who calls: accounts, users, roles, access keys, policies, temporary tokens, master keys."""

from chalicelib.identity.accounts import (
    AccessKeyPair,
    bootstrap,
    create_role,
    create_user,
    deactivate_key,
)
from chalicelib.identity.caller import Caller

__all__ = [
    "AccessKeyPair",
    "Caller",
    "bootstrap",
    "create_role",
    "create_user",
    "deactivate_key",
]
