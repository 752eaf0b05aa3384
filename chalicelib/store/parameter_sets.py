"""Numbered templates, their groups and names: plain SQL over ``parameter_set``,
``parameter_group`` and ``parameter_name``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

ParameterKind = Literal["rendition", "watermark"]
NamedKind = Literal["rendition", "group"]
"""What has a name that nothing else of its kind in the account has."""


class ParameterSet(BaseModel):
    """One numbered template. ``content`` is JSON of the API that it was made through.

    ``group_id`` and ``position`` of one that is part of a group; empty and 0 of all others.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    number: int
    account_id: str
    kind: ParameterKind
    group_id: str = ""
    position: int = 0
    name: str
    content: str
    created_at: datetime
    modified_at: datetime


class ParameterGroup(BaseModel):
    """One group of numbered templates. ``content`` is JSON of the API that it was made through."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    group_id: str
    account_id: str
    name: str
    content: str
    created_at: datetime
    modified_at: datetime


_SET_COLUMNS = tuple(ParameterSet.model_fields)
_INSERT_SET = (
    f"INSERT INTO parameter_set ({', '.join(_SET_COLUMNS)}) "  # noqa: S608 - the model's names
    f"VALUES ({', '.join(f'%({name})s' for name in _SET_COLUMNS)}) ON CONFLICT (number) DO NOTHING"
)
_GROUP_COLUMNS = tuple(ParameterGroup.model_fields)
_INSERT_GROUP = (
    f"INSERT INTO parameter_group ({', '.join(_GROUP_COLUMNS)}) "  # noqa: S608 - as above
    f"VALUES ({', '.join(f'%({name})s' for name in _GROUP_COLUMNS)})"
)


def take_name(tx: Transaction, account_id: str, kind: NamedKind, name: str) -> bool:
    """Claim a name; False if it is taken."""
    return bool(
        change(
            tx,
            "INSERT INTO parameter_name (account_id, kind, name)"
            " VALUES (%(account_id)s, %(kind)s, %(name)s) ON CONFLICT DO NOTHING",
            account_id=account_id,
            kind=kind,
            name=name,
        )
    )


def free_name(tx: Transaction, account_id: str, kind: NamedKind, name: str) -> None:
    """Let others have the name."""
    change(
        tx,
        "DELETE FROM parameter_name"
        " WHERE account_id = %(account_id)s AND kind = %(kind)s AND name = %(name)s",
        account_id=account_id,
        kind=kind,
        name=name,
    )


def insert_set(tx: Transaction, new: ParameterSet) -> bool:
    """Add a template; False if its number is taken."""
    return change(tx, _INSERT_SET, **new.model_dump()) == 1


def change_set(tx: Transaction, changed: ParameterSet) -> None:
    """Put another name, place and content in the place of a template's."""
    change(
        tx,
        "UPDATE parameter_set SET name = %(name)s, position = %(position)s,"
        " content = %(content)s, modified_at = %(modified_at)s WHERE number = %(number)s",
        **changed.model_dump(),
    )


def delete_sets(tx: Transaction, numbers: Sequence[int]) -> None:
    """Remove templates."""
    change(tx, "DELETE FROM parameter_set WHERE number = ANY(%(numbers)s)", numbers=list(numbers))


def sets_of(
    tx: Transaction, account_id: str, kind: ParameterKind, numbers: Sequence[int]
) -> list[ParameterSet]:
    """The account's templates of a kind that have these numbers, oldest first."""
    rows = many(
        tx,
        "SELECT * FROM parameter_set WHERE number = ANY(%(numbers)s)"
        " AND account_id = %(account_id)s AND kind = %(kind)s ORDER BY number",
        numbers=list(numbers),
        account_id=account_id,
        kind=kind,
    )
    return [ParameterSet.model_validate(row) for row in rows]


def page_of_sets(
    tx: Transaction, account_id: str, kind: ParameterKind, *, offset: int, limit: int
) -> list[ParameterSet]:
    """Some of the account's templates of a kind that are in no group, newest first."""
    rows = many(
        tx,
        "SELECT * FROM parameter_set WHERE account_id = %(account_id)s AND kind = %(kind)s"
        " AND group_id = '' ORDER BY number DESC LIMIT %(limit)s OFFSET %(offset)s",
        account_id=account_id,
        kind=kind,
        limit=limit,
        offset=offset,
    )
    return [ParameterSet.model_validate(row) for row in rows]


def count_sets(tx: Transaction, account_id: str, kind: ParameterKind) -> int:
    """How many templates of a kind the account has outside of groups."""
    row = one(
        tx,
        "SELECT count(*) AS found FROM parameter_set"
        " WHERE account_id = %(account_id)s AND kind = %(kind)s AND group_id = ''",
        account_id=account_id,
        kind=kind,
    )
    return int(row["found"]) if row else 0


def members(
    tx: Transaction, account_id: str, kind: ParameterKind, group_ids: Sequence[str]
) -> list[ParameterSet]:
    """The templates of these groups, each group's in their order."""
    rows = many(
        tx,
        "SELECT * FROM parameter_set WHERE account_id = %(account_id)s AND kind = %(kind)s"
        " AND group_id = ANY(%(group_ids)s) ORDER BY group_id, position",
        account_id=account_id,
        kind=kind,
        group_ids=list(group_ids),
    )
    return [ParameterSet.model_validate(row) for row in rows]


def insert_group(tx: Transaction, new: ParameterGroup) -> None:
    """Add a group."""
    change(tx, _INSERT_GROUP, **new.model_dump())


def change_group(tx: Transaction, changed: ParameterGroup) -> None:
    """Put another name and content in the place of a group's."""
    change(
        tx,
        "UPDATE parameter_group SET name = %(name)s, content = %(content)s,"
        " modified_at = %(modified_at)s WHERE group_id = %(group_id)s",
        **changed.model_dump(),
    )


def delete_group(tx: Transaction, group_id: str) -> None:
    """Remove a group."""
    change(tx, "DELETE FROM parameter_group WHERE group_id = %(group_id)s", group_id=group_id)


def groups_of(tx: Transaction, account_id: str, group_ids: Sequence[str]) -> list[ParameterGroup]:
    """The account's groups with these ids, oldest first."""
    rows = many(
        tx,
        "SELECT * FROM parameter_group WHERE group_id = ANY(%(group_ids)s)"
        " AND account_id = %(account_id)s ORDER BY created_at, group_id",
        group_ids=list(group_ids),
        account_id=account_id,
    )
    return [ParameterGroup.model_validate(row) for row in rows]


def page_of_groups(
    tx: Transaction, account_id: str, names: Sequence[str] | None, *, offset: int, limit: int
) -> list[ParameterGroup]:
    """Some of the account's groups, newest first; ``names`` None: whatever they are called."""
    named = "" if names is None else " AND name = ANY(%(names)s)"
    rows = many(
        tx,
        f"SELECT * FROM parameter_group WHERE account_id = %(account_id)s{named}"  # noqa: S608
        " ORDER BY created_at DESC, group_id DESC LIMIT %(limit)s OFFSET %(offset)s",
        account_id=account_id,
        names=list(names or ()),
        limit=limit,
        offset=offset,
    )
    return [ParameterGroup.model_validate(row) for row in rows]


def count_groups(tx: Transaction, account_id: str, names: Sequence[str] | None) -> int:
    """How many groups the account has."""
    named = "" if names is None else " AND name = ANY(%(names)s)"
    row = one(
        tx,
        "SELECT count(*) AS found FROM parameter_group"  # noqa: S608 - constants
        f" WHERE account_id = %(account_id)s{named}",
        account_id=account_id,
        names=list(names or ()),
    )
    return int(row["found"]) if row else 0
