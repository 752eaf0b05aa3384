"""Templates that clients number, and groups of them: kept as their API gave them.

Nothing of them is understood here: the API that took one in compiles it when a task names it.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from chalicelib.processing.errors import (
    ParameterGroupNotFound,
    ParameterNameTaken,
    ParameterSetNotFound,
)
from chalicelib.store import database
from chalicelib.store import parameter_sets as store
from chalicelib.store.database import Transaction
from chalicelib.store.numbers import new_number
from chalicelib.store.parameter_sets import (
    NamedKind,
    ParameterGroup,
    ParameterKind,
    ParameterSet,
)


class SetPage(BaseModel):
    """Some templates, and how many there are."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    sets: list[ParameterSet]
    total: int


class GroupView(BaseModel):
    """A group with its templates in their order."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    group: ParameterGroup
    members: list[ParameterSet]


class GroupPage(BaseModel):
    """Some groups, and how many there are."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    groups: list[GroupView]
    total: int


def add_set(
    account_id: str, kind: ParameterKind, name: str, content: str, *, named: NamedKind | None
) -> int:
    """Keep a template; returns its number.

    ``named``: its name has to differ from those of this kind, or raises ParameterNameTaken.
    """
    now = datetime.now(UTC)

    def write(tx: Transaction) -> int:
        if named is not None:
            _take_name(tx, account_id, named, name)
        new = ParameterSet(
            number=0,
            account_id=account_id,
            kind=kind,
            name=name,
            content=content,
            created_at=now,
            modified_at=now,
        )
        return _insert(tx, new).number

    return database.run(write)


def change_set(
    account_id: str,
    kind: ParameterKind,
    number: int,
    name: str,
    content: str,
    *,
    named: NamedKind | None,
) -> None:
    """Put another in a template's place. One of a group is changed with its group alone.

    Raises ParameterSetNotFound, ParameterNameTaken.
    """

    def write(tx: Transaction) -> None:
        old = _own(tx, account_id, kind, number)
        if named is not None and name != old.name:
            _take_name(tx, account_id, named, name)
            store.free_name(tx, account_id, named, old.name)
        changed = {"name": name, "content": content, "modified_at": datetime.now(UTC)}
        store.change_set(tx, old.model_copy(update=changed))

    database.run(write)


def remove_set(
    account_id: str, kind: ParameterKind, number: int, *, named: NamedKind | None
) -> None:
    """Forget a template that is in no group. Raises ParameterSetNotFound."""

    def write(tx: Transaction) -> None:
        old = _own(tx, account_id, kind, number)
        if named is not None:
            store.free_name(tx, account_id, named, old.name)
        store.delete_sets(tx, [number])

    database.run(write)


def find_sets(account_id: str, kind: ParameterKind, numbers: Sequence[int]) -> list[ParameterSet]:
    """Those with these numbers, oldest first; those of groups too. Others are left out."""
    if not numbers:
        return []
    return database.run_single(lambda tx: store.sets_of(tx, account_id, kind, numbers))


def list_sets(account_id: str, kind: ParameterKind, *, offset: int, limit: int) -> SetPage:
    """A page of those that are in no group, newest first."""

    def read(tx: Transaction) -> SetPage:
        found = store.page_of_sets(tx, account_id, kind, offset=offset, limit=limit)
        return SetPage(sets=found, total=store.count_sets(tx, account_id, kind))

    return database.run(read)


def add_group(account_id: str, name: str, content: str, contents: Sequence[str]) -> GroupView:
    """Keep a group, and a template for each of ``contents``. Raises ParameterNameTaken."""
    now = datetime.now(UTC)
    group = ParameterGroup(
        group_id=secrets.token_hex(16),
        account_id=account_id,
        name=name,
        content=content,
        created_at=now,
        modified_at=now,
    )

    def write(tx: Transaction) -> GroupView:
        _take_name(tx, account_id, "group", name)
        store.insert_group(tx, group)
        return GroupView(group=group, members=_with_contents(tx, group, [], contents))

    return database.run(write)


def change_group(
    account_id: str, group_id: str, name: str, content: str, contents: Sequence[str]
) -> None:
    """Put another in a group's place. Templates keep their numbers, in the order of ``contents``.

    Raises ParameterGroupNotFound, ParameterNameTaken.
    """

    def write(tx: Transaction) -> None:
        old = _own_group(tx, account_id, group_id)
        if name != old.name:
            _take_name(tx, account_id, "group", name)
            store.free_name(tx, account_id, "group", old.name)
        changed = {"name": name, "content": content, "modified_at": datetime.now(UTC)}
        group = old.model_copy(update=changed)
        store.change_group(tx, group)
        before = store.members(tx, account_id, "rendition", [group_id])
        _with_contents(tx, group, before, contents)

    database.run(write)


def remove_group(account_id: str, group_id: str) -> None:
    """Forget a group and its templates. Raises ParameterGroupNotFound."""

    def write(tx: Transaction) -> None:
        old = _own_group(tx, account_id, group_id)
        store.free_name(tx, account_id, "group", old.name)
        there = store.members(tx, account_id, "rendition", [group_id])
        store.delete_sets(tx, [one.number for one in there])
        store.delete_group(tx, group_id)

    database.run(write)


def find_groups(account_id: str, group_ids: Sequence[str]) -> list[GroupView]:
    """Those with these ids, oldest first; others are left out."""

    def read(tx: Transaction) -> list[GroupView]:
        return _views(tx, account_id, store.groups_of(tx, account_id, group_ids))

    return database.run(read)


def list_groups(
    account_id: str, names: Sequence[str] | None, *, offset: int, limit: int
) -> GroupPage:
    """A page of groups, newest first; ``names`` None: whatever they are called."""

    def read(tx: Transaction) -> GroupPage:
        found = store.page_of_groups(tx, account_id, names, offset=offset, limit=limit)
        total = store.count_groups(tx, account_id, names)
        return GroupPage(groups=_views(tx, account_id, found), total=total)

    return database.run(read)


def _views(tx: Transaction, account_id: str, groups: Sequence[ParameterGroup]) -> list[GroupView]:
    there = store.members(tx, account_id, "rendition", [group.group_id for group in groups])
    return [
        GroupView(group=group, members=[one for one in there if one.group_id == group.group_id])
        for group in groups
    ]


def _with_contents(
    tx: Transaction,
    group: ParameterGroup,
    before: Sequence[ParameterSet],
    contents: Sequence[str],
) -> list[ParameterSet]:
    """Bring the templates of a group to these contents: changed, added or removed at the end."""
    made: list[ParameterSet] = []
    for position, content in enumerate(contents):
        update = {"name": group.name, "content": content, "modified_at": group.modified_at}
        if position < len(before):
            made.append(before[position].model_copy(update=update | {"position": position}))
            store.change_set(tx, made[-1])
            continue
        new = ParameterSet(
            number=0,
            account_id=group.account_id,
            kind="rendition",
            group_id=group.group_id,
            position=position,
            created_at=group.modified_at,
            **update,
        )
        made.append(_insert(tx, new))
    store.delete_sets(tx, [one.number for one in before[len(contents) :]])
    return made


def _insert(tx: Transaction, new: ParameterSet) -> ParameterSet:
    """With the first number that nobody has."""
    while True:
        numbered = new.model_copy(update={"number": new_number()})
        if store.insert_set(tx, numbered):
            return numbered


def _take_name(tx: Transaction, account_id: str, kind: NamedKind, name: str) -> None:
    if not store.take_name(tx, account_id, kind, name):
        raise ParameterNameTaken(name)


def _own(tx: Transaction, account_id: str, kind: ParameterKind, number: int) -> ParameterSet:
    found = store.sets_of(tx, account_id, kind, [number])
    if not found or found[0].group_id:
        raise ParameterSetNotFound(number)
    return found[0]


def _own_group(tx: Transaction, account_id: str, group_id: str) -> ParameterGroup:
    found = store.groups_of(tx, account_id, [group_id])
    if not found:
        raise ParameterGroupNotFound(group_id)
    return found[0]
