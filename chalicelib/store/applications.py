"""Applications, and the policies that users and roles have on them: plain SQL."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Row, Transaction, change, many, one

IdentityKind = Literal["user", "role"]
AppPolicy = Literal["full", "read", "administrator"]


class Application(BaseModel):
    """One application of an account."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    account_id: str
    app_id: str
    name: str
    description: str = ""
    active: bool = True
    created_at: datetime
    modified_at: datetime


class Grant(BaseModel):
    """A policy that an identity has; ``app_id`` is empty for the policy of administrators."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    app_id: str
    policy: AppPolicy
    created_at: datetime


def account_created_at(tx: Transaction, account_id: str) -> datetime | None:
    """When the account was made; None when it was not."""
    row = one(
        tx,
        "SELECT created_at FROM account WHERE account_id = %(account_id)s",
        account_id=account_id,
    )
    return row["created_at"] if row else None


def all_of(tx: Transaction, account_id: str) -> list[Application]:
    """The applications that have a row, oldest first."""
    rows = many(
        tx, "SELECT * FROM application WHERE account_id = %(account_id)s", account_id=account_id
    )
    found = [Application.model_validate(row) for row in rows]
    return sorted(found, key=lambda one_of: (one_of.created_at, one_of.app_id))


def save(tx: Transaction, application: Application) -> None:
    """Add it, or put it in place of what it was."""
    change(
        tx,
        """
        INSERT INTO application (account_id, app_id, name, description, active, created_at,
                                 modified_at)
        VALUES (%(account_id)s, %(app_id)s, %(name)s, %(description)s, %(active)s,
                %(created_at)s, %(modified_at)s)
        ON CONFLICT (account_id, app_id) DO UPDATE
           SET name = excluded.name, description = excluded.description,
               active = excluded.active, modified_at = excluded.modified_at
        """,
        **application.model_dump(),
    )


def delete(tx: Transaction, account_id: str, app_id: str) -> None:
    """Remove it with the policies on it and its settings of notifications."""
    for table in ("application", "application_grant", "event_subscription"):
        change(
            tx,
            f"DELETE FROM {table} WHERE account_id = %(account_id)s"  # noqa: S608 - names above
            " AND app_id = %(app_id)s",
            account_id=account_id,
            app_id=app_id,
        )


def lock_registry(tx: Transaction, account_id: str) -> None:
    """Let one change of the account's applications conflict with any other at the same time."""
    change(
        tx,
        """
        INSERT INTO application_registry (account_id, revision) VALUES (%(account_id)s, 1)
        ON CONFLICT (account_id) DO UPDATE SET revision = application_registry.revision + 1
        """,
        account_id=account_id,
    )


def hold(tx: Transaction, account_id: str, kind: IdentityKind, name: str) -> None:
    """Hold the identity to its policies from now on; conflicts with other changes of them."""
    change(
        tx,
        """
        INSERT INTO application_identity (account_id, kind, name, revision)
        VALUES (%(account_id)s, %(kind)s, %(name)s, 1)
        ON CONFLICT (account_id, kind, name) DO UPDATE
           SET revision = application_identity.revision + 1
        """,
        account_id=account_id,
        kind=kind,
        name=name,
    )


def is_held(tx: Transaction, account_id: str, kind: IdentityKind, name: str) -> bool:
    """Whether the identity was ever given a policy."""
    return bool(
        one(
            tx,
            "SELECT revision FROM application_identity WHERE account_id = %(account_id)s"
            " AND kind = %(kind)s AND name = %(name)s",
            account_id=account_id,
            kind=kind,
            name=name,
        )
    )


def identity_exists(tx: Transaction, account_id: str, kind: IdentityKind, name: str) -> bool:
    """Whether the account has such a user or role."""
    statements = {
        "user": "SELECT 1 FROM ram_user WHERE account_id = %(account_id)s AND user_name = %(name)s",
        "role": "SELECT 1 FROM ram_role WHERE account_id = %(account_id)s AND role_name = %(name)s",
    }
    return bool(one(tx, statements[kind], account_id=account_id, name=name))


def grants(tx: Transaction, account_id: str, kind: IdentityKind, name: str) -> list[Grant]:
    """The policies of an identity, oldest first."""
    rows = many(
        tx,
        "SELECT * FROM application_grant WHERE account_id = %(account_id)s"
        " AND kind = %(kind)s AND name = %(name)s",
        account_id=account_id,
        kind=kind,
        name=name,
    )
    found = [Grant.model_validate(row) for row in rows]
    return sorted(found, key=lambda grant: (grant.created_at, grant.app_id, grant.policy))


def add_grant(
    tx: Transaction, account_id: str, kind: IdentityKind, name: str, grant: Grant
) -> None:
    """Give a policy; one that the identity has already stays as it is."""
    change(
        tx,
        """
        INSERT INTO application_grant (account_id, kind, name, app_id, policy, created_at)
        VALUES (%(account_id)s, %(kind)s, %(name)s, %(app_id)s, %(policy)s, %(created_at)s)
        ON CONFLICT DO NOTHING
        """,
        account_id=account_id,
        kind=kind,
        name=name,
        **grant.model_dump(),
    )


def remove_grant(
    tx: Transaction,
    account_id: str,
    kind: IdentityKind,
    name: str,
    app_id: str,
    policy: AppPolicy,
) -> bool:
    """Take a policy away; False when the identity does not have it."""
    return bool(
        change(
            tx,
            "DELETE FROM application_grant WHERE account_id = %(account_id)s AND kind = %(kind)s"
            " AND name = %(name)s AND app_id = %(app_id)s AND policy = %(policy)s",
            account_id=account_id,
            kind=kind,
            name=name,
            app_id=app_id,
            policy=policy,
        )
    )


# What an application may hold, and what each is called: it cannot be deleted before these are gone.
_HOLDINGS = {
    "media": "media",
    "template_group": "transcode template group",
    "watermark": "watermark",
    "picture_template": "template",
    "workflow": "workflow",
}


def holding(tx: Transaction, account_id: str, app_id: str) -> str | None:
    """What the application still holds, as a word; None when it is empty."""
    for table, word in _HOLDINGS.items():
        row: Row | None = one(
            tx,
            f"SELECT 1 FROM {table} WHERE account_id = %(account_id)s"  # noqa: S608 - names above
            " AND app_id = %(app_id)s LIMIT 1",
            account_id=account_id,
            app_id=app_id,
        )
        if row:
            return word
    return None
