"""What operators do: look deliveries up, send them again, forget what is old.

The dead-letter store is the deliveries in state "dead", with their reasons and all their attempts.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from chalicelib.events.hints import hint_at_deliveries
from chalicelib.settings import settings
from chalicelib.store import delivery_log as store
from chalicelib.store import endpoints, events
from chalicelib.store.database import Transaction, run
from chalicelib.store.deliveries import Delivery, DeliveryState
from chalicelib.store.delivery_log import AttemptRow, DeliveryFilter

_BATCH = 200
_FINISHED: tuple[DeliveryState, ...] = ("delivered", "dead")


def list_deliveries(
    account_id: str, which: DeliveryFilter | None = None, limit: int = 100
) -> list[Delivery]:
    """The account's deliveries that fit, the newest first."""
    return run(lambda tx: store.find_deliveries(tx, account_id, which or DeliveryFilter(), limit))


def get_delivery(account_id: str, delivery_id: str) -> tuple[Delivery, list[AttemptRow]] | None:
    """A delivery of the account and its attempts, the first one first; None if there is none."""

    def read(tx: Transaction) -> tuple[Delivery, list[AttemptRow]] | None:
        found = store.get_delivery(tx, account_id, delivery_id)
        return (found, store.attempts_of(tx, delivery_id)) if found else None

    return run(read)


def replay_deliveries(account_id: str, delivery_ids: Sequence[str]) -> list[str]:
    """Send finished deliveries once more, with a new schedule; returns which ones.

    The event and its webhook-id stay the same, and the history grows on. Deliveries that are still
    on their way, or held, are left alone.
    """
    begun: list[str] = []
    for start in range(0, len(delivery_ids), _BATCH):
        part = delivery_ids[start : start + _BATCH]
        begun += _replayed(partial(store.replay_these, account_id=account_id, delivery_ids=part))
    return begun


def replay_matching(
    account_id: str, which: DeliveryFilter, progress: Callable[[int], None] | None = None
) -> int:
    """Send every finished delivery that fits once more, in batches; returns how many.

    With ``state="dead"`` the whole dead-letter store; with times, what went out in a range.
    `progress` is called with the number so far.
    """
    before: datetime = run(endpoints.clock)
    count = 0
    while ids := _replayed(lambda tx: store.replay(tx, account_id, which, before, _BATCH)):
        count += len(ids)
        if progress:
            progress(count)
    return count


def _replayed(work: Callable[[Transaction], list[str]]) -> list[str]:
    ids = run(work)
    hint_at_deliveries(ids)
    return ids


def purge(limit: int = 20_000, days: int | None = None) -> int:
    """Delete finished deliveries, their attempts, and events that are older than the retention.

    `days` is the setting's unless it is given. At most `limit` of each kind, in small
    transactions; returns how many deliveries and events. For a timer.
    """
    keep = settings().event_retention_days if days is None else days
    gone = 0
    for state in _FINISHED:
        gone += _in_batches(limit, partial(store.forget_deliveries, state=state, days=keep))
    return gone + _in_batches(limit, partial(events.forget_events, days=keep))


def _in_batches(limit: int, forget: Callable[..., int]) -> int:
    gone = 0
    while gone < limit:
        size = min(_BATCH, limit - gone)
        found = run(partial(forget, limit=size))
        gone += found
        if found < size:
            break
    return gone
