"""Categories of media: plain SQL over the table ``category``."""

import secrets
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many

CategoryKind = Literal["default", "material"]

# Stands above the first level; it is no category itself.
ROOT = 0


class Category(BaseModel):
    """One category of an account. ``level`` counts from 0; ``children``: how many are directly
    below it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    account_id: str
    category_id: int
    kind: CategoryKind
    parent_id: int
    level: int
    name: str
    children: int = 0
    created_at: datetime


_COLUMNS = tuple(Category.model_fields)
_INSERT = (
    f"INSERT INTO category ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)})"
    " ON CONFLICT (account_id, category_id) DO NOTHING"
)


def new_category_id() -> int:
    """Ten digits, drawn by lot: clients in JavaScript know no integers beyond 53 bits."""
    return secrets.randbelow(9_000_000_000) + 1_000_000_000


def insert(tx: Transaction, category: Category) -> int:
    """Add a category; returns 0 if its id is taken."""
    return change(tx, _INSERT, **category.model_dump())


def get(tx: Transaction, account_id: str, category_id: int) -> Category | None:
    """The category, if the account has it."""
    found = get_several(tx, account_id, [category_id])
    return found[0] if found else None


def get_several(tx: Transaction, account_id: str, category_ids: list[int]) -> list[Category]:
    """Those of the categories that exist, in no order."""
    if not category_ids:
        return []
    rows = many(
        tx,
        "SELECT * FROM category WHERE category_id = ANY(%(ids)s::bigint[])"
        " AND account_id = %(account_id)s",
        ids=category_ids,
        account_id=account_id,
    )
    return [Category.model_validate(row) for row in rows]


def below(
    tx: Transaction,
    account_id: str,
    parent_id: int,
    *,
    kind: CategoryKind,
    descending: bool = True,
    offset: int = 0,
    limit: int,
) -> list[Category]:
    """A page of the direct subcategories by their time of creation."""
    order = "DESC" if descending else "ASC"
    rows = many(
        tx,
        "SELECT * FROM category WHERE account_id = %(account_id)s"  # noqa: S608
        " AND parent_id = %(parent_id)s AND kind = %(kind)s"
        f" ORDER BY created_at {order}, category_id {order} OFFSET %(offset)s LIMIT %(limit)s",
        account_id=account_id,
        kind=kind,
        parent_id=parent_id,
        offset=offset,
        limit=limit,
    )
    return [Category.model_validate(row) for row in rows]


def add_children(tx: Transaction, category: Category, amount: int) -> None:
    """Count more (or fewer) subcategories; whoever changes the same level at once meets here."""
    change(
        tx,
        "UPDATE category SET children = children + %(amount)s"
        " WHERE account_id = %(account_id)s AND category_id = %(id)s",
        account_id=category.account_id,
        id=category.category_id,
        amount=amount,
    )


def rename(tx: Transaction, category: Category, name: str) -> None:
    """Give the category another name."""
    change(
        tx,
        "UPDATE category SET name = %(name)s"
        " WHERE account_id = %(account_id)s AND category_id = %(id)s",
        account_id=category.account_id,
        id=category.category_id,
        name=name,
    )


def delete(tx: Transaction, account_id: str, category_ids: list[int]) -> int:
    """Remove categories; returns how many there were."""
    return change(
        tx,
        "DELETE FROM category WHERE account_id = %(account_id)s"
        " AND category_id = ANY(%(ids)s::bigint[])",
        account_id=account_id,
        ids=category_ids,
    )
