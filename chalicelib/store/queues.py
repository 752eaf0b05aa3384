"""The message queues (SQS). Messages here are hints: the database knows what is to be done."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.logs import log
from chalicelib.store.aws import sqs

_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

Message = Mapping[str, Any]


class QueueNotFound(Exception):
    """There is no queue of that name, or OpenVOD may not send to it."""


class QueueUnavailable(Exception):
    """The queue did not take the message; it may take it later."""


def send(queue_url: str, message: Message, delay_seconds: int = 0) -> bool:
    """Send one hint, to be received after `delay_seconds` (0 to 900) at the earliest.

    Returns False where the queue did not take it: that is logged, never raised, because whoever
    sends a hint has already committed, and the timer finds what no hint announced.
    """
    if not queue_url:
        log.warning("a queue is not configured; its work waits for the timer")
        return False
    try:
        sqs().send_message(
            QueueUrl=queue_url, MessageBody=json.dumps(message), DelaySeconds=delay_seconds
        )
    except (BotoCoreError, ClientError) as error:
        log.warning("a hint was not sent", extra={"queue": queue_url, "reason": str(error)})
        return False
    return True


def send_many(queue_url: str, messages: Sequence[Message], delay_seconds: int = 0) -> int:
    """Send hints; returns how many the queue took.

    One call for each: nearly always there is one. (The emulator asks for a permission of its own
    for batches, which AWS does not have.)
    """
    return sum(send(queue_url, message, delay_seconds) for message in messages)


def require(queue_name: str) -> None:
    """See that there is a queue of this name in this account and region.

    Raises QueueNotFound or QueueUnavailable.
    """
    _url_of(queue_name)


def deliver(queue_name: str, body: str) -> None:
    """Put a finished message into a subscriber's queue, by name, in this account and region.

    Raises QueueNotFound or QueueUnavailable.
    """
    url = _url_of(queue_name)
    try:
        sqs().send_message(QueueUrl=url, MessageBody=body)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error, queue_name) from error


def _url_of(queue_name: str) -> str:
    try:
        return sqs().get_queue_url(QueueName=queue_name)["QueueUrl"]
    except (BotoCoreError, ClientError) as error:
        raise _translated(error, queue_name) from error


def _translated(error: BotoCoreError | ClientError, queue_name: str) -> Exception:
    if isinstance(error, BotoCoreError):
        return QueueUnavailable(type(error).__name__)
    code = error.response.get("Error", {}).get("Code", "")
    return QueueNotFound(queue_name) if code in _NO_QUEUE else QueueUnavailable(code)
