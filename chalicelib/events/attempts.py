"""Attempts: they are claimed, made and settled.

Only the claim and the settling touch the database, many attempts in one transaction, so that many
wait for slow receivers at once over one connection. A claim is a lease: a worker that dies between
claim and settling leaves a delivery that becomes due again, with the same webhook-id, because
nobody knows whether the receiver got it. Such attempts do not count as failures, but the number of
claims that came to nothing is bounded, too.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chalicelib import metrics
from chalicelib.events.endpoints import Gate, endpoint_of, note_failures, note_success
from chalicelib.events.hints import hint_at_deliveries
from chalicelib.events.schedule import patience, pause_after
from chalicelib.events.subscriptions import signing_key
from chalicelib.logs import log
from chalicelib.store import deliveries as store
from chalicelib.store import subscriptions
from chalicelib.store.database import Transaction, run
from chalicelib.store.deliveries import AttemptReport, Delivery, Settlement
from chalicelib.store.subscriptions import SubscriptionRow

# An attempt begins at most BEGIN_SECONDS after its claim and takes at most five; the rest is for
# settling it. What cannot begin by then goes to an endpoint that is slow for what it gets: it is
# given back, so that a backlog of one endpoint does not keep the worker from taking others' events.
LEASE_SECONDS = 20.0
BEGIN_SECONDS = 2.0
LOST_CLAIMS = 10
_EARLY_SECONDS = 1.5  # a hint may be that much faster than the clock
_GIVEN_BACK_SECONDS = 2.0


class Claimed(NamedTuple):
    """A delivery whose attempt is begun.

    `signer` is the subscription whose key signs it; `ill`: its endpoint has failed before;
    `probe`: it alone was let through an open circuit.
    """

    delivery: Delivery
    signer: SubscriptionRow | None
    ill: bool = False
    probe: bool = False


@dataclass(frozen=True)
class Attempt:
    """What is sent. An empty `auth_key`: unsigned. `problem`: why it cannot be sent at all."""

    delivery: Delivery
    endpoint: str
    auth_key: str = field(default="", repr=False)
    problem: str = ""
    ill: bool = False
    probe: bool = False
    attempt_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended; `hopeless`: another one could not end otherwise; `ours`: the endpoint
    was not even asked."""

    delivered: bool
    report: AttemptReport
    hopeless: bool = False
    ours: bool = False


def claim(delivery_ids: Sequence[str]) -> list[Attempt]:
    """Begin the attempts that are due among the deliveries and may go out to their endpoints."""
    claimed, early = run(lambda tx: _claim(tx, delivery_ids))
    if early:
        # A hint that was faster than the clock is sent round once more.
        hint_at_deliveries(early, _EARLY_SECONDS)
    return prepare(claimed)


def _claim(tx: Transaction, delivery_ids: Sequence[str]) -> tuple[list[Claimed], list[str]]:
    due = store.due_among(tx, delivery_ids)
    found = {one.delivery_id for one in due}
    missing = [one for one in delivery_ids if one not in found]
    early = store.due_soon(tx, missing, _EARLY_SECONDS) if missing else []
    gate = Gate(tx, [endpoint_of(one) for one in due])
    verdicts = {one.delivery_id: gate.verdict(endpoint_of(one)) for one in due}
    _stop(tx, due, verdicts, gate)
    going = [one for one, verdict in verdicts.items() if verdict in ("go", "probe")]
    begun: list[Delivery] = []
    lost: list[Delivery] = []
    for one in store.claim(tx, going, LEASE_SECONDS) if going else []:
        worn_out = one.claims - (one.claims_before or 0) - one.attempts > LOST_CLAIMS
        (lost if worn_out else begun).append(one)
    if lost:
        reason = "no worker lived to see an attempt through"
        store.bury(tx, [one.delivery_id for one in lost], reason)
    return [
        Claimed(one, signer, gate.is_ill(endpoint_of(one)), verdicts[one.delivery_id] == "probe")
        for one, signer in zip(begun, signers(tx, begun), strict=True)
    ], early


def _stop(tx: Transaction, due: Sequence[Delivery], verdicts: dict[str, str], gate: Gate) -> None:
    """Hold what goes to an open circuit, bury what goes to a disabled endpoint."""
    held = [one for one, verdict in verdicts.items() if verdict == "hold"]
    if held:
        store.hold(tx, held, patience())
    for one in due:
        if verdicts[one.delivery_id] == "dead":
            store.bury(tx, [one.delivery_id], gate.reason(endpoint_of(one)))


def signers(tx: Transaction, begun: Sequence[Delivery]) -> list[SubscriptionRow | None]:
    """For each delivery the subscription whose key signs it; None if it is gone.

    What goes into queues and topics carries no signature.
    """
    known: dict[tuple[str, str, str], SubscriptionRow | None] = {}
    found: list[SubscriptionRow | None] = []
    for one in begun:
        if one.channel != "http":
            found.append(None)
            continue
        key = (one.account_id, one.app_id, one.subscriber_id or "")
        if key not in known:
            known[key] = (
                subscriptions.get_subscriber(tx, key[2])
                if key[2]
                else subscriptions.get_subscription(tx, key[0], key[1])
            )
        found.append(known[key])
    return found


def prepare(claimed: Sequence[Claimed]) -> list[Attempt]:
    """Open the keys that sign. After the commit: a key that does not open must not undo claims."""
    opened: dict[str, tuple[str, str]] = {}
    attempts = []
    for one in claimed:
        row = one.signer
        sealed = row.sealed_auth_key if row and row.signed else ""
        if row and sealed not in opened:
            opened[sealed] = _opened(row)
        key, problem = opened.get(sealed, ("", "")) if row else ("", "")
        attempts.append(
            Attempt(one.delivery, endpoint_of(one.delivery), key, problem, one.ill, one.probe)
        )
    return attempts


def _opened(row: SubscriptionRow) -> tuple[str, str]:
    try:
        return signing_key(row), ""
    except Exception:
        log.exception("an AuthKey cannot be read", extra={"account": row.account_id})
        return "", "the key that signs it cannot be read"


def settle(ended: Sequence[tuple[Attempt, Outcome]]) -> None:
    """Write outcomes down; hint at the next attempts, and tell the endpoints' health of it.

    Changes nothing where the lease ran out and somebody else has begun another attempt.
    """
    settlements = [_settlement(attempt, outcome) for attempt, outcome in ended]
    changed = run(lambda tx: store.settle(tx, settlements))
    again: dict[float, list[str]] = {}
    for one in settlements:
        if one.delivery_id in changed:
            outcome = "retried" if one.state == "pending" else one.state
            metrics.count("Deliveries", outcome=outcome)
        if one.state == "pending" and one.delivery_id in changed:
            again.setdefault(one.pause, []).append(one.delivery_id)
        if one.state == "dead":
            reason = {"delivery": one.delivery_id, "reason": one.report.error}
            log.warning("an event could not be delivered", extra=reason)
    for pause, ids in again.items():
        hint_at_deliveries(ids, pause)
    _tell_endpoints(ended)


def _settlement(attempt: Attempt, outcome: Outcome) -> Settlement:
    delivery = attempt.delivery
    pause = None if outcome.hopeless else pause_after(delivery.attempts + 1)
    failed: store.DeliveryState = "dead" if pause is None else "pending"
    return Settlement(
        attempt_id=attempt.attempt_id,
        delivery_id=delivery.delivery_id,
        claims=delivery.claims,
        state="delivered" if outcome.delivered else failed,
        pause=pause or 0.0,
        report=outcome.report,
    )


def _tell_endpoints(ended: Sequence[tuple[Attempt, Outcome]]) -> None:
    asked = [(attempt, outcome) for attempt, outcome in ended if not outcome.ours]
    well = {attempt.endpoint: attempt.ill for attempt, outcome in asked if outcome.delivered}
    for endpoint, ill in well.items():
        if ill:
            note_success(endpoint)
    failed = [(attempt, outcome) for attempt, outcome in asked if attempt.endpoint not in well]
    counts = Counter(attempt.endpoint for attempt, _ in failed)
    probed = {attempt.endpoint for attempt, _ in failed if attempt.probe}
    for endpoint, (attempt, outcome) in {one[0].endpoint: one for one in failed}.items():
        note_failures(
            attempt.delivery, counts[endpoint], outcome.report.error, probed=endpoint in probed
        )


def give_back(attempts: Sequence[Attempt]) -> None:
    """Undo claims whose attempts were never begun; others, or later rounds, make them."""
    claimed = [attempt.delivery for attempt in attempts]
    ids = run(lambda tx: store.give_back(tx, claimed, _GIVEN_BACK_SECONDS))
    hint_at_deliveries(ids, _GIVEN_BACK_SECONDS)
