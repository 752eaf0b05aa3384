"""How many media there are of each kind that lists are filtered by: exact totals without counting.

A cell is one combination of application, type, status, category and month of creation. Whoever
changes a media writes the differences into ``media_count_change`` in the same transaction, where
writers never meet; the timer adds them up into ``media_count``. A total is the sum over both.
"""

import json
import uuid
from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING, Any

from chalicelib.store import media_changes
from chalicelib.store.database import Transaction, change, many, one

if TYPE_CHECKING:
    from chalicelib.store.media import Media

_DIMENSIONS = ("app_id", "media_type", "status", "category_id", "month")

# Aurora DSQL takes 3,000 rows in a transaction; each change costs a deletion and at most an upsert.
_MOST_CHANGES = 1_000


def moved(tx: Transaction, before: "Media | None", after: "Media | None") -> None:
    """A media came (``before`` is None), went (``after`` is None) or changed."""
    old, new = _cell(before), _cell(after)
    if old == new:
        return
    for media, cell, amount in ((before, old, -1), (after, new, 1)):
        if media is not None:
            _write(tx, media.account_id, cell, amount)


def add_up(tx: Transaction) -> int:
    """Move some changes into the numbers; returns how many."""
    rows = many(
        tx,
        "SELECT * FROM media_count_change ORDER BY change_id LIMIT %(limit)s",
        limit=_MOST_CHANGES,
    )
    if not rows:
        return 0
    sums: dict[tuple[str, str], int] = defaultdict(int)
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["account_id"], row["cell"])
        sums[key] += row["amount"]
        cells[key] = row
    change(
        tx,
        "DELETE FROM media_count_change WHERE change_id = ANY(%(ids)s)",
        ids=[row["change_id"] for row in rows],
    )
    for key, amount in sums.items():
        if amount:
            _add(tx, {**cells[key], "amount": amount})
    for account_id in sorted({account_id for account_id, _ in sums}):
        change(
            tx,
            "INSERT INTO media_count_check (account_id, due_at) VALUES (%(account_id)s, now())"
            " ON CONFLICT (account_id) DO NOTHING",
            account_id=account_id,
        )
    return len(rows)


def check_one(tx: Transaction, hours: float) -> int:
    """Compare an account's numbers with its media, if that is due, and put right what differs.

    Both are of one moment, and what differs is added to the numbers as a change like any other, so
    that those who write meanwhile are not in the way. Totals that are remembered are counted anew
    after it. Returns how many numbers were wrong.
    """
    due = one(
        tx, "SELECT account_id FROM media_count_check WHERE due_at <= now() ORDER BY due_at LIMIT 1"
    )
    if due is None:
        return 0
    # Two checks of one account meet here, or they would both put the same thing right.
    change(
        tx,
        "UPDATE media_count_check SET due_at = now() + %(hours)s * interval '1 hour'"
        " WHERE account_id = %(account_id)s",
        **due,
        hours=hours,
    )
    # What a function of a former version has changed, nobody has noted for these either.
    media_changes.forget_totals(tx, due["account_id"])
    wrong = many(tx, _DIFFERENCES, **due)
    for row in wrong:
        cell = {name: row[name] for name in _DIMENSIONS}
        _write(tx, due["account_id"], cell, row["amount"])
    return len(wrong)


_DIFFERENCES = """
    SELECT app_id, media_type, status, category_id, month, sum(amount)::bigint AS amount
      FROM (SELECT app_id, media_type, status, category_id,
                   to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, 1 AS amount
              FROM media WHERE account_id = %(account_id)s AND indexed
            UNION ALL
            SELECT app_id, media_type, status, category_id, month, -amount
              FROM media_count WHERE account_id = %(account_id)s
            UNION ALL
            SELECT app_id, media_type, status, category_id, month, -amount
              FROM media_count_change WHERE account_id = %(account_id)s) AS cells
     GROUP BY app_id, media_type, status, category_id, month
    HAVING sum(amount) <> 0
     LIMIT 1000
"""


def _add(tx: Transaction, row: dict[str, Any]) -> None:
    change(
        tx,
        """
        INSERT INTO media_count (account_id, cell, app_id, media_type, status, category_id, month,
                                 amount)
        VALUES (%(account_id)s, %(cell)s, %(app_id)s, %(media_type)s, %(status)s,
                %(category_id)s, %(month)s, %(amount)s)
        ON CONFLICT (account_id, cell) DO UPDATE SET amount = media_count.amount + excluded.amount
        """,
        **{name: row[name] for name in ("account_id", "cell", "amount", *_DIMENSIONS)},
    )


def _write(tx: Transaction, account_id: str, cell: dict[str, Any], amount: int) -> None:
    change(
        tx,
        """
        INSERT INTO media_count_change (change_id, account_id, cell, app_id, media_type, status,
                                        category_id, month, amount)
        VALUES (%(change_id)s, %(account_id)s, %(cell)s, %(app_id)s, %(media_type)s, %(status)s,
                %(category_id)s, %(month)s, %(amount)s)
        """,
        change_id=uuid.uuid4().hex,
        account_id=account_id,
        cell=json.dumps([cell[name] for name in _DIMENSIONS]),
        amount=amount,
        **cell,
    )


def _cell(media: "Media | None") -> dict[str, Any]:
    if media is None:
        return {}
    return {
        "app_id": media.app_id,
        "media_type": media.media_type.value,
        "status": media.status.value,
        "category_id": media.category_id,
        "month": media.created_at.astimezone(UTC).strftime("%Y-%m"),
    }
