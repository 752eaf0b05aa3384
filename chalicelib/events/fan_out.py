"""Turns one event into its deliveries, exactly once however often it is asked to."""

import hashlib
import json
from typing import NamedTuple

from chalicelib.events import outbox
from chalicelib.events.subscriptions import chosen_types
from chalicelib.events.types import Event, Renderer, selects
from chalicelib.store import events as store
from chalicelib.store.database import Transaction, run


class _Target(NamedTuple):
    channel: store.Channel
    address: str


def fan_out(event_id: str, render: Renderer) -> list[str]:
    """Give the event its deliveries if it has none yet; returns the ids of the unfinished ones.

    An event that nobody wants gets none and is done. An event that is not there is not an error:
    the transaction that recorded it may have been rolled back after all.
    """

    def in_one_transaction(tx: Transaction) -> list[str]:
        row = store.get_event(tx, event_id)
        if row is None:
            return []
        if store.mark_fanned_out(tx, event_id):
            _insert_deliveries(tx, row, render)
        return store.pending_of_event(tx, event_id)

    return run(in_one_transaction)


def _insert_deliveries(tx: Transaction, row: store.EventRow, render: Renderer) -> None:
    event = outbox.read(row)
    targets = _targets(event, store.get_subscription(tx, event.account_id, event.app_id))
    if not targets:
        return
    body = json.dumps(render(event), separators=(",", ":"), allow_nan=False)
    for target in targets:
        store.insert_delivery(
            tx, _delivery_id(event.id, target), row, target.channel, target.address, body
        )


def _targets(event: Event, subscription: store.SubscriptionRow | None) -> list[_Target]:
    """Where the event goes.

    The subscription's choice of types holds for every event of the application. An event whose
    request named its own HTTP address goes there and not to the subscription's. The vendor honours
    such an address only for applications that have an HTTP subscription; here it is honoured
    without one too, because a request that names an address and is then never answered there
    serves nobody.
    """
    if subscription and not selects(chosen_types(subscription), event.event_type):
        return []
    if event.override_url:
        return [_Target("http", event.override_url)]
    if subscription is None:
        return []
    if subscription.channel == "http":
        return [_Target("http", subscription.callback_url)]
    return [_Target("queue", subscription.queue_name)]


def _delivery_id(event_id: str, target: _Target) -> str:
    """The same for the same event and target, so that the table cannot hold the pair twice."""
    return hashlib.sha256("\n".join((event_id, *target)).encode()).hexdigest()[:32]
