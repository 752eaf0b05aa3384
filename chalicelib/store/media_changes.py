"""What has lately changed of media, in the columns that searches ask for.

Totals that were remembered (``media_totals``) stay exact by it. Writers never meet: each adds rows
of its own, in the transaction of the change.
"""

import uuid
from typing import TYPE_CHECKING

from chalicelib.store.database import Transaction, change, many, one

if TYPE_CHECKING:
    from chalicelib.store.media import Media

# Searches look through all of an account's changes, so there are not to be many.
MOST_CHANGES = 500
# Aurora DSQL takes 3,000 rows in a transaction.
_CLEARED_AT_ONCE = 1_000

_COLUMNS = (
    "account_id",
    "app_id",
    "media_type",
    "media_id",
    "category_id",
    "category_ids",
    "status",
    "business_type",
    "preprocessing",
    "title",
    "tags",
    "description",
    "file_name",
    "source_size",
    "duration_ms",
    "created_at",
    "modified_at",
)
_INSERT = (
    f"INSERT INTO media_change (change_id, amount, {', '.join(_COLUMNS)}) "  # noqa: S608 - names above
    f"VALUES (%(change_id)s, %(amount)s, {', '.join(f'%({name})s' for name in _COLUMNS)})"
)


def note(tx: Transaction, before: "Media | None", after: "Media | None") -> None:
    """A media came (``before`` is None), went (``after`` is None) or changed."""
    old, new = (item and item.model_dump(include=set(_COLUMNS)) for item in (before, after))
    if old == new:
        return
    for values, amount in ((old, -1), (new, 1)):
        if values:
            change(tx, _INSERT, change_id=uuid.uuid4().hex, amount=amount, **values)


def next_account(tx: Transaction, after: str) -> str | None:
    """The next account of which changes are kept, in the order of the accounts' ids."""
    row = one(
        tx,
        "SELECT account_id FROM media_change WHERE account_id > %(after)s"
        " ORDER BY account_id LIMIT 1",
        after=after,
    )
    return row["account_id"] if row else None


def clear_some(tx: Transaction, account_id: str) -> int:
    """Clear changes of the account away if there are too many; returns how many went.

    With them goes what was remembered of its totals.
    """
    rows = many(
        tx,
        "SELECT change_id FROM media_change WHERE account_id = %(account_id)s LIMIT %(limit)s",
        account_id=account_id,
        limit=_CLEARED_AT_ONCE,
    )
    if len(rows) <= MOST_CHANGES:
        return 0
    forget_totals(tx, account_id)
    return change(
        tx,
        "DELETE FROM media_change WHERE account_id = %(account_id)s AND change_id = ANY(%(ids)s)",
        account_id=account_id,
        ids=[row["change_id"] for row in rows],
    )


def forget_totals(tx: Transaction, account_id: str) -> None:
    """Begin a new epoch: totals that were remembered in the one before are not used any more."""
    change(
        tx,
        "INSERT INTO media_total_epoch (account_id, epoch) VALUES (%(account_id)s, 1)"
        " ON CONFLICT (account_id) DO UPDATE SET epoch = media_total_epoch.epoch + 1",
        account_id=account_id,
    )
