"""One event to one target: at most three attempts, a second apart, then it is dead.

An attempt is claimed, made and settled. Only the claim and the settling touch the database, so
that many attempts wait for slow receivers at once over one connection. A claim is a lease: a
worker that dies between claim and settling leaves a delivery that becomes due again, with the
same webhook-id, because nobody knows whether the receiver got it. Such attempts do not count as
failures, but the number of claims is bounded, too.
"""

import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from chalicelib import metrics
from chalicelib.events.hints import DeliveryHint
from chalicelib.events.pinned_http import Answer, Deadline, NoAnswer, post
from chalicelib.events.signing import signature
from chalicelib.events.subscriptions import signing_key
from chalicelib.events.target_guard import TargetRefused, TargetUnresolved, resolve_public
from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import events as store
from chalicelib.store import queues
from chalicelib.store.database import Transaction, run

MAX_ATTEMPTS = 3
RETRY_SECONDS = 1
ANSWER_SECONDS = 5.0
LEASE_SECONDS = 15.0
MAX_CLAIMS = 10
_EXCERPT_BYTES = 2048
_SUCCESS = 200


class Attempt(BaseModel):
    """A claimed delivery; `auth_key` signs it, empty: it goes unsigned."""

    model_config = ConfigDict(frozen=True)

    delivery: store.Delivery
    auth_key: str = Field(default="", repr=False)


class Outcome(BaseModel):
    """How an attempt ended; `hopeless`: another one could not end otherwise."""

    model_config = ConfigDict(frozen=True)

    delivered: bool
    hopeless: bool = False
    report: store.AttemptReport


def claim(delivery_id: str) -> Attempt | None:
    """Begin an attempt, or return None where none is to be begun now."""

    claimed, subscription, wait = run(lambda tx: _claimed(tx, delivery_id))
    if claimed is None:
        if wait is not None and 0 < wait <= RETRY_SECONDS:
            # A hint that was faster than the clock is sent round once more.
            _hint(delivery_id)
        return None
    # After the commit: a key that does not open must not undo the count of claims.
    return Attempt(delivery=claimed, auth_key=signing_key(subscription) if subscription else "")


def _claimed(
    tx: Transaction, delivery_id: str
) -> tuple[store.Delivery | None, store.SubscriptionRow | None, float | None]:
    """The delivery, if it is due, with its subscription; else the seconds until it is due."""
    claimed = store.claim(tx, delivery_id, LEASE_SECONDS)
    if claimed is None:
        return None, None, store.due_in(tx, delivery_id)
    if claimed.claims > MAX_CLAIMS:
        lost = store.AttemptReport(error="no worker lived to see an attempt through")
        store.finish(tx, claimed, "dead", lost)
        return None, None, None
    return claimed, store.get_subscription(tx, claimed.account_id, claimed.app_id), None


def transmit(attempt: Attempt) -> Outcome:
    """Send once. Touches neither the database nor its thread's state; raises nothing expected."""
    started = time.monotonic()
    send: Callable[[Attempt], Outcome] = (
        _send_http if attempt.delivery.channel == "http" else _send_to_queue
    )
    outcome = send(attempt)
    latency = round((time.monotonic() - started) * 1000)
    report = outcome.report.model_copy(update={"latency_ms": latency})
    return outcome.model_copy(update={"report": report})


def settle(attempt: Attempt, outcome: Outcome) -> None:
    """Write the outcome down; after a failure that is not the last, hint at the next attempt.

    Changes nothing if the lease ran out and somebody else has begun another attempt.
    """
    delivery = attempt.delivery
    last = outcome.hopeless or delivery.attempts + 1 >= MAX_ATTEMPTS
    if outcome.delivered:
        run(lambda tx: store.finish(tx, delivery, "delivered", outcome.report))
        metrics.count("Deliveries", outcome="delivered")
        return
    reason = {"delivery": delivery.delivery_id, "reason": outcome.report.error}
    if last:
        run(lambda tx: store.finish(tx, delivery, "dead", outcome.report))
        log.warning("an event could not be delivered", extra=reason)
        metrics.count("Deliveries", outcome="dead")
    elif run(lambda tx: store.put_off(tx, delivery, RETRY_SECONDS, outcome.report)):
        log.info("an event is sent again", extra=reason)
        metrics.count("Deliveries", outcome="retried")
        _hint(delivery.delivery_id)


def _hint(delivery_id: str) -> None:
    queues.send(
        settings().deliveries_queue_url,
        DeliveryHint(delivery_id=delivery_id).message(),
        delay_seconds=RETRY_SECONDS,
    )


def _send_http(attempt: Attempt) -> Outcome:
    delivery = attempt.delivery
    deadline = Deadline(ANSWER_SECONDS)
    try:
        target = resolve_public(
            delivery.target, settings().allow_private_callbacks, deadline.remaining()
        )
        body = delivery.body.encode()
        answer = post(target, body, _headers(attempt), deadline, _EXCERPT_BYTES)
    except TargetRefused as refusal:
        return _failed(str(refusal), hopeless=True)
    except (NoAnswer, TargetUnresolved, TimeoutError) as reason:
        return _failed(str(reason))
    return _judged(answer)


def _headers(attempt: Attempt) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "OpenVOD",
        "Connection": "close",
        # The same on every attempt, so that a receiver can tell a repetition.
        "webhook-id": attempt.delivery.event_id,
    }
    if attempt.auth_key:
        now = int(time.time())
        headers["X-VOD-TIMESTAMP"] = str(now)
        headers["X-VOD-SIGNATURE"] = signature(attempt.delivery.target, now, attempt.auth_key)
    return headers


def _judged(answer: Answer) -> Outcome:
    """Only 200 is success: not 204, and not a redirect, which is not followed."""
    delivered = answer.status == _SUCCESS
    return Outcome(
        delivered=delivered,
        report=store.AttemptReport(
            status=answer.status,
            error="" if delivered else f"the answer's status was {answer.status}",
            # A text column takes no NUL.
            excerpt=answer.excerpt.decode("utf-8", "replace").replace("\0", "�"),
        ),
    )


def _send_to_queue(attempt: Attempt) -> Outcome:
    try:
        queues.deliver(attempt.delivery.target, attempt.delivery.body)
    except queues.QueueNotFound as error:
        return _failed(f"there is no queue {error}")
    except queues.QueueUnavailable as error:
        return _failed(f"the queue did not take it: {error}")
    return Outcome(delivered=True, report=store.AttemptReport())


def _failed(reason: str, *, hopeless: bool = False) -> Outcome:
    return Outcome(
        delivered=False,
        hopeless=hopeless,
        report=store.AttemptReport(error=reason),
    )
