"""The ids under which this vendor's clients know an account and its one project.

A deployment is one region, and an account has one project in it. Both ids are derived: they need
no record, and are the same for ever.
"""

import hashlib

from chalicelib.settings import settings


def project_id(account_id: str) -> str:
    """The id in the paths, 32 hexadecimal digits, of an account's project in this deployment."""
    return _digest(f"project/{account_id}/{settings().region}")


def domain_id(account_id: str) -> str:
    """What the vendor calls the account's id: 32 hexadecimal digits. Its name is our own id."""
    return _digest(f"domain/{account_id}")


def user_id(account_id: str, user_name: str) -> str:
    """A user's id, 32 hexadecimal digits."""
    return _digest(f"user/{account_id}/{user_name}")


def _digest(text: str) -> str:
    return hashlib.sha256(f"openvod/{text}".encode()).hexdigest()[:32]
