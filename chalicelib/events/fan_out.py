"""Turns events into their deliveries, exactly once however often it is asked to."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chalicelib.events import file_notices, outbox
from chalicelib.events.attempts import LEASE_SECONDS, Claimed, signers
from chalicelib.events.endpoints import Gate, endpoint_id
from chalicelib.events.file_notices import Destination, FileNotice
from chalicelib.events.schedule import patience
from chalicelib.events.subscriptions import chosen_types
from chalicelib.events.types import FILE_TASK_TYPES, Event, Renderer, selects
from chalicelib.logs import log
from chalicelib.store import deliveries, subscriptions
from chalicelib.store import events as store
from chalicelib.store.database import Transaction, run
from chalicelib.store.deliveries import NewDelivery
from chalicelib.store.subscriptions import Channel, SubscriptionRow

# With a hundred subscribers each, within what one transaction of Aurora DSQL may write.
EVENTS_AT_ONCE = 10


class Target(NamedTuple):
    """Where an event goes, and whose key signs it."""

    channel: Channel
    address: str
    subscriber_id: str


@dataclass
class FannedOut:
    """The attempts that were begun, and the events that could not be rendered."""

    claimed: list[Claimed] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def fan_out(event_ids: Sequence[str], render: Renderer) -> FannedOut:
    """Give events their deliveries where they have none yet, and begin to attempt them.

    At most `EVENTS_AT_ONCE` events. One that nobody wants gets none and is done. One that is not
    there is not an error: the transaction that recorded it may have been rolled back after all.
    Deliveries are added as already claimed, which spares a second round through the database; where
    the worker dies, their lease ends. Those to an endpoint that is ill are added as held.
    """
    return run(lambda tx: _fan_out(tx, event_ids, render))


def _fan_out(tx: Transaction, event_ids: Sequence[str], render: Renderer) -> FannedOut:
    result = FannedOut()
    new: dict[str, NewDelivery] = {}
    receivers = _Receivers(tx)
    done = []
    for row in store.recorded_events(tx, event_ids):
        try:
            event = outbox.read(row)
            targets = receivers.of(event)
            new |= {one.delivery_id: one for one in _deliveries(event, targets, render)}
        except Exception:
            log.exception("an event cannot be rendered", extra={"event": row.event_id})
            result.failed.append(row.event_id)
            continue
        done.append(row.event_id)
    store.mark_fanned_out(tx, done)
    if new:
        _begin(tx, new, result)
    return result


def _begin(tx: Transaction, new: dict[str, NewDelivery], result: FannedOut) -> None:
    """Write the deliveries down, and note the attempts that are begun."""
    gate = Gate(tx, [one.endpoint_id for one in new.values()])
    admitted = {one.delivery_id: _admitted(one, gate) for one in new.values()}
    added = deliveries.insert_deliveries(tx, [one for one, _ in admitted.values()])
    begun = [one for one in added if one.claims]
    probes = {delivery_id for delivery_id, (_, probe) in admitted.items() if probe}
    result.claimed = [
        Claimed(one, signer, gate.is_ill(one.endpoint_id or ""), one.delivery_id in probes)
        for one, signer in zip(begun, signers(tx, begun), strict=True)
    ]


class _Receivers:
    """Who is told of events; what is read for one event is kept for the others."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._of_media: dict[tuple[str, str], list[SubscriptionRow]] = {}
        self._of_files: dict[str, dict[FileNotice, Destination]] = {}

    def of(self, event: Event) -> list[Target]:
        if event.event_type in FILE_TASK_TYPES:
            return self._of_file_task(event)
        whose = (event.account_id, event.app_id)
        if whose not in self._of_media:
            self._of_media[whose] = subscriptions.subscribers_of(self._tx, *whose)
        return targets_of(event, self._of_media[whose])

    def _of_file_task(self, event: Event) -> list[Target]:
        account_id = event.account_id
        if account_id not in self._of_files:
            self._of_files[account_id] = file_notices.destinations(self._tx, account_id)
        notice = file_notices.notice_of(event)
        place = self._of_files[account_id].get(notice) if notice else None
        return [Target(place.channel, place.target, "")] if place else []


def _deliveries(event: Event, targets: Sequence[Target], render: Renderer) -> list[NewDelivery]:
    if not targets:
        return []
    body = json.dumps(render(event), separators=(",", ":"), allow_nan=False)
    return [
        NewDelivery(
            delivery_id=delivery_id(event.id, target),
            event_id=event.id,
            account_id=event.account_id,
            app_id=event.app_id,
            media_id=event.media_id,
            event_type=event.event_type.value,
            channel=target.channel,
            target=target.address,
            endpoint_id=endpoint_id(event.account_id, target.channel, target.address),
            subscriber_id=target.subscriber_id,
            body=body,
        )
        for target in targets
    ]


def _admitted(new: NewDelivery, gate: Gate) -> tuple[NewDelivery, bool]:
    """The delivery as it is written down, and whether it is a probe."""
    verdict = gate.verdict(new.endpoint_id)
    if verdict == "hold":
        return new.model_copy(update={"state": "held", "wait": patience()}), False
    if verdict == "dead":
        reason = gate.reason(new.endpoint_id)
        return new.model_copy(update={"state": "dead", "error": reason}), False
    return new.model_copy(update={"claims": 1, "wait": LEASE_SECONDS}), verdict == "probe"


def targets_of(event: Event, subscribers: Sequence[SubscriptionRow]) -> list[Target]:
    """Where the event goes; an address that several subscribers name gets it once.

    The choice of types of the vendors' subscription holds for every event of the application. An
    event whose request named its own HTTP address goes there and not to that subscription's. The
    vendor honours such an address only for applications that have an HTTP subscription; here it is
    honoured without one too, because a request that names an address and is then never answered
    there serves nobody. Further subscribers get what they have chosen, whatever a request names.
    """
    main = next((one for one in subscribers if not one.subscriber_id), None)
    targets = []
    if main is None or selects(chosen_types(main), event.event_type):
        if event.override_url:
            targets.append(Target("http", event.override_url, ""))
        elif main is not None:
            targets.append(_target(main))
    for one in subscribers:
        if one.subscriber_id and selects(chosen_types(one), event.event_type):
            targets.append(_target(one))
    return list({target[:2]: target for target in reversed(targets)}.values())


def _target(row: SubscriptionRow) -> Target:
    if row.channel == "http":
        return Target("http", row.callback_url, row.subscriber_id)
    return Target("queue", row.queue_name, row.subscriber_id)


def delivery_id(event_id: str, target: Target) -> str:
    """The same for the same event and address, so that the table cannot hold the pair twice."""
    return hashlib.sha256("\n".join((event_id, *target[:2])).encode()).hexdigest()[:32]
