"""Totals of searches that took long to count, remembered: exact, without counting again.

What is kept is the total without the changes that were there when it was counted
(``media_changes``); the same filter, asked of the changes that are there now, gives the rest. All
of it is read in one snapshot. When changes are cleared away a new epoch begins, and what was
remembered in the one before is counted again when it is next asked for.
"""

import hashlib

from psycopg import sql

from chalicelib.store.database import Transaction
from chalicelib.store.media_conditions import Conditions
from chalicelib.store.media_filter import Filter, Scope

# An account has at most so many rows; of two questions that meet in one, the later one stays.
_SLOTS = 1024

_EPOCH = sql.SQL("coalesce((SELECT epoch FROM media_total_epoch WHERE account_id = {account}), 0)")
_CHANGES = sql.SQL(
    "coalesce((SELECT sum(amount) FROM media_change WHERE {scope} AND {wanted}), 0)::bigint"
)
_RECALL = sql.SQL(
    "SELECT amount + {changes} AS total FROM media_total"
    " WHERE account_id = {account} AND slot = {slot} AND question = {question} AND epoch = {epoch}"
)
_REMEMBER = sql.SQL(
    "INSERT INTO media_total (account_id, slot, question, epoch, amount)"
    " VALUES ({account}, {slot}, {question}, {epoch}, {total} - {changes})"
    " ON CONFLICT (account_id, slot) DO UPDATE"
    " SET question = excluded.question, epoch = excluded.epoch, amount = excluded.amount"
)


def recall(tx: Transaction, scope: Scope, wanted: Filter) -> int | None:
    """The total, if it is remembered."""
    query, conditions = _about(_RECALL, scope, wanted)
    row = tx.execute(query.as_bytes(), conditions.values).fetchone()
    return row["total"] if row else None


def remember(tx: Transaction, scope: Scope, wanted: Filter, total: int) -> None:
    """Keep a total that this transaction has counted."""
    query, conditions = _about(_REMEMBER, scope, wanted, total)
    tx.execute(query.as_bytes(), conditions.values)


def _about(
    statement: sql.SQL, scope: Scope, wanted: Filter, total: int = 0
) -> tuple[sql.Composed, Conditions]:
    # No index knows the words of changes.
    conditions = Conditions(scope, by_index=False)
    question = hashlib.sha256(repr((scope, wanted)).encode()).hexdigest()
    account = conditions.value(scope.account_id)
    changes = _CHANGES.format(scope=conditions.of_scope(), wanted=conditions.of(wanted))
    query = statement.format(
        account=account,
        slot=conditions.value(int(question, 16) % _SLOTS),
        question=conditions.value(question),
        epoch=_EPOCH.format(account=account),
        changes=changes,
        total=conditions.value(total),
    )
    return query, conditions
