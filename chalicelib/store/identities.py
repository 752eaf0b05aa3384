"""Accounts, users, access keys, roles and nonces in the database."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.store.database import Row, Transaction, change, many, one, run, run_single


class AccessKeyRow(BaseModel):
    """An access key with its user's policies; ``secret`` is the ciphertext."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    access_key_id: str
    account_id: str
    user_name: str
    secret: str = Field(repr=False)
    master_key_id: int
    active: bool
    policies: tuple[str, ...] = ()


class UserRow(BaseModel):
    """A user; ``password_hash`` is None for one without a password."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    policies: tuple[str, ...]
    password_hash: str | None = Field(repr=False)


class RoleRow(BaseModel):
    """A role: what it may do, and who may assume it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    account_id: str
    role_name: str
    policies: tuple[str, ...]
    trust: tuple[str, ...]
    created_at: datetime


def add_account(account_id: str, created_at: datetime) -> None:
    """Make the account unless it exists."""
    statement = """
        INSERT INTO account (account_id, created_at)
        VALUES (%(account_id)s, %(created_at)s) ON CONFLICT DO NOTHING
    """
    run(lambda tx: change(tx, statement, account_id=account_id, created_at=created_at))


def add_user(key: AccessKeyRow, created_at: datetime) -> bool:
    """Make a user together with the first access key; False when the user exists already."""
    user = """
        INSERT INTO ram_user (account_id, user_name, policies, created_at)
        VALUES (%(account_id)s, %(user_name)s, %(policies)s, %(created_at)s)
        ON CONFLICT DO NOTHING
    """

    def work(tx: Transaction) -> bool:
        values: dict[str, Any] = {**key.model_dump(), "created_at": created_at}
        values["policies"] = json.dumps(key.policies)
        if change(tx, user, **values) == 0:
            return False
        change(tx, _ADD_KEY, **values)
        return True

    return run(work)


_ADD_KEY = """
    INSERT INTO access_key (access_key_id, account_id, user_name, secret, master_key_id, active,
                            created_at)
    VALUES (%(access_key_id)s, %(account_id)s, %(user_name)s, %(secret)s, %(master_key_id)s,
            %(active)s, %(created_at)s)
"""
_KEY = """
    SELECT access_key_id, account_id, user_name, secret, master_key_id, active, policies
    FROM access_key JOIN ram_user USING (account_id, user_name)
"""


def access_key(access_key_id: str) -> AccessKeyRow | None:
    """One access key."""
    statement = _KEY + "WHERE access_key_id = %(access_key_id)s"
    return _key(run(lambda tx: one(tx, statement, access_key_id=access_key_id)))


def user(account_id: str, user_name: str) -> UserRow | None:
    """One user."""
    statement = """
        SELECT policies, user_password.hash AS password_hash
        FROM ram_user LEFT JOIN user_password USING (account_id, user_name)
        WHERE account_id = %(account_id)s AND user_name = %(user_name)s
    """
    row = run(lambda tx: one(tx, statement, account_id=account_id, user_name=user_name))
    return UserRow(**_decoded(row)) if row else None


def set_password_hash(account_id: str, user_name: str, text: str, changed_at: datetime) -> bool:
    """Keep the hash of a user's password; False when there is no such user."""
    statement = """
        INSERT INTO user_password (account_id, user_name, hash, changed_at)
        SELECT account_id, user_name, %(hash)s, %(changed_at)s FROM ram_user
        WHERE account_id = %(account_id)s AND user_name = %(user_name)s
        ON CONFLICT (account_id, user_name)
        DO UPDATE SET hash = EXCLUDED.hash, changed_at = EXCLUDED.changed_at
    """
    values = {"account_id": account_id, "user_name": user_name, "hash": text}
    return bool(run(lambda tx: change(tx, statement, **values, changed_at=changed_at)))


def remove_password(account_id: str, user_name: str) -> bool:
    """Forget a user's password; False when there was none."""
    statement = """
        DELETE FROM user_password
        WHERE account_id = %(account_id)s AND user_name = %(user_name)s
    """
    return bool(run(lambda tx: change(tx, statement, account_id=account_id, user_name=user_name)))


def first_access_key(account_id: str, user_name: str) -> AccessKeyRow | None:
    """The oldest access key of a user."""
    statement = (
        _KEY
        + """WHERE account_id = %(account_id)s AND user_name = %(user_name)s
        ORDER BY access_key.created_at LIMIT 1"""
    )
    return _key(run(lambda tx: one(tx, statement, account_id=account_id, user_name=user_name)))


def access_keys_under_older(master_key_id: int, after: str, limit: int) -> list[AccessKeyRow]:
    """Keys whose secrets hang on a master key before this one, by id, after the id ``after``."""
    statement = (
        _KEY
        + """WHERE master_key_id < %(master_key_id)s AND access_key_id > %(after)s
        ORDER BY access_key_id LIMIT %(limit)s"""
    )

    def work(tx: Transaction) -> list[Row]:
        return many(tx, statement, master_key_id=master_key_id, after=after, limit=limit)

    return [AccessKeyRow(**_decoded(row)) for row in run(work)]


def replace_secret(before: AccessKeyRow, secret: str, master_key_id: int) -> bool:
    """Put the re-encrypted secret in place of the old one; False when the row has changed."""
    statement = """
        UPDATE access_key SET secret = %(secret)s, master_key_id = %(master_key_id)s
        WHERE access_key_id = %(access_key_id)s AND secret = %(before)s
    """
    values = {
        "access_key_id": before.access_key_id,
        "before": before.secret,
        "secret": secret,
        "master_key_id": master_key_id,
    }
    return bool(run(lambda tx: change(tx, statement, **values)))


def deactivate_access_key(access_key_id: str) -> bool:
    """Switch a key off; False when there is no such key."""
    statement = "UPDATE access_key SET active = false WHERE access_key_id = %(access_key_id)s"
    return bool(run(lambda tx: change(tx, statement, access_key_id=access_key_id)))


def add_role(role: RoleRow) -> bool:
    """Make a role; False when the account has one of this name."""
    statement = """
        INSERT INTO ram_role (account_id, role_name, policies, trust, created_at)
        VALUES (%(account_id)s, %(role_name)s, %(policies)s, %(trust)s, %(created_at)s)
        ON CONFLICT DO NOTHING
    """
    values: dict[str, Any] = role.model_dump()
    values["policies"] = json.dumps(role.policies)
    values["trust"] = json.dumps(role.trust)
    return bool(run(lambda tx: change(tx, statement, **values)))


def role(account_id: str, role_name: str) -> RoleRow | None:
    """One role."""
    statement = """
        SELECT account_id, role_name, policies, trust, created_at FROM ram_role
        WHERE account_id = %(account_id)s AND role_name = %(role_name)s
    """
    row = run(lambda tx: one(tx, statement, account_id=account_id, role_name=role_name))
    return RoleRow(**_decoded(row)) if row else None


def remember_nonce(access_key_id: str, nonce: str, request_id: str, expires_at: datetime) -> bool:
    """Keep the nonce of a request; False when another request brought it before."""
    insert = """
        INSERT INTO nonce (access_key_id, nonce, request_id, expires_at)
        VALUES (%(access_key_id)s, %(nonce)s, %(request_id)s, %(expires_at)s)
        ON CONFLICT DO NOTHING
    """
    select = """
        SELECT request_id FROM nonce
        WHERE access_key_id = %(access_key_id)s AND nonce = %(nonce)s
    """
    values: dict[str, Any] = {"access_key_id": access_key_id, "nonce": nonce}

    def work(tx: Transaction) -> bool:
        if change(tx, insert, **values, request_id=request_id, expires_at=expires_at):
            return True
        # The transaction may run again after a commit whose answer was lost: then the row that
        # stands in the way is our own.
        row = one(tx, select, **values)
        return row is not None and row["request_id"] == request_id

    return run_single(work)


def forget_nonces(now: datetime, limit: int) -> int:
    """Delete up to ``limit`` nonces whose requests would be refused for their age by now."""
    statement = """
        DELETE FROM nonce WHERE (access_key_id, nonce) IN (
            SELECT access_key_id, nonce FROM nonce
            WHERE expires_at < %(now)s ORDER BY expires_at LIMIT %(limit)s
        )
    """
    return run(lambda tx: change(tx, statement, now=now, limit=limit))


def _key(row: Row | None) -> AccessKeyRow | None:
    return AccessKeyRow(**_decoded(row)) if row else None


def _decoded(row: Row) -> Row:
    return {
        name: tuple(json.loads(value)) if name in ("policies", "trust") else value
        for name, value in row.items()
    }
