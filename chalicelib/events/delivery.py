"""Sending one event to one target once: by HTTP, into a queue, or to a topic."""

import time
from collections.abc import Callable

from chalicelib.events import signing
from chalicelib.events.attempts import Attempt, Outcome
from chalicelib.events.pinned_http import Answer, NoAnswer, post
from chalicelib.outbound.target_guard import (
    OWN_NETWORKS,
    TargetRefused,
    TargetUnresolved,
    resolve_public,
)
from chalicelib.outbound.timed_socket import Deadline
from chalicelib.settings import settings
from chalicelib.store import queues, topics
from chalicelib.store.deliveries import AttemptReport
from chalicelib.store.subscriptions import Channel

ANSWER_SECONDS = 5.0
_EXCERPT_BYTES = 2048
_SUCCESS = 200


def transmit(attempt: Attempt) -> Outcome:
    """Send once. Touches neither the database nor its thread's state; raises nothing expected."""
    if attempt.problem:
        return Outcome(False, AttemptReport(error=attempt.problem), ours=True)
    started = time.monotonic()
    outcome = _SENDERS[attempt.delivery.channel](attempt)
    latency = round((time.monotonic() - started) * 1000)
    report = outcome.report.model_copy(update={"latency_ms": latency})
    return Outcome(outcome.delivered, report, outcome.hopeless)


def _send_http(attempt: Attempt) -> Outcome:
    delivery = attempt.delivery
    deadline = Deadline(ANSWER_SECONDS)
    try:
        allowed = OWN_NETWORKS if settings().allow_private_callbacks else ()
        target = resolve_public(delivery.target, allowed, deadline.remaining())
        body = delivery.body.encode()
        answer = post(target, body, _headers(attempt, body), deadline, _EXCERPT_BYTES)
    except TargetRefused as refusal:
        return _failed(str(refusal), hopeless=True)
    except (NoAnswer, TargetUnresolved, TimeoutError) as reason:
        return _failed(str(reason))
    return _judged(answer)


def _headers(attempt: Attempt, body: bytes) -> dict[str, str]:
    now = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "OpenVOD",
        # The same on every attempt, so that a receiver can tell a repetition.
        "webhook-id": attempt.delivery.event_id,
        "webhook-timestamp": str(now),
    }
    if attempt.auth_key:
        key = attempt.auth_key
        headers["X-VOD-TIMESTAMP"] = str(now)
        headers["X-VOD-SIGNATURE"] = signing.signature(attempt.delivery.target, now, key)
        headers["webhook-signature"] = signing.standard_signature(
            attempt.delivery.event_id, now, body, key
        )
    return headers


def _judged(answer: Answer) -> Outcome:
    """Only 200 is success: not 204, and not a redirect, which is not followed."""
    delivered = answer.status == _SUCCESS
    return Outcome(
        delivered,
        AttemptReport(
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
    return Outcome(True, AttemptReport())


def _send_to_topic(attempt: Attempt) -> Outcome:
    try:
        topics.publish(attempt.delivery.target, attempt.delivery.body)
    except topics.TopicNotFound as error:
        return _failed(f"there is no topic {error}")
    except topics.TopicForbidden as error:
        return _failed(f"AWS does not let OpenVOD publish to {error}")
    except topics.TopicUnavailable as error:
        return _failed(f"the topic did not take it: {error}")
    return Outcome(True, AttemptReport())


_SENDERS: dict[Channel, Callable[[Attempt], Outcome]] = {
    "http": _send_http,
    "queue": _send_to_queue,
    "topic": _send_to_topic,
}


def _failed(reason: str, *, hopeless: bool = False) -> Outcome:
    return Outcome(False, AttemptReport(error=reason), hopeless)
