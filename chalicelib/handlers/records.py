"""Messages of a queue, one by one: what fails is reported, so that only that is sent again."""

from collections.abc import Callable
from typing import Any

from chalicelib.logs import log

BatchResult = dict[str, list[dict[str, str]]]


def each_record(event: dict[str, Any], work: Callable[[str], None]) -> BatchResult:
    """Call ``work`` with the body of every SQS record; returns Lambda's partial batch response.

    Messages that raise come again until the queue moves them to its dead letters.
    """
    failed = []
    for record in event["Records"]:
        try:
            work(record["body"])
        except Exception:
            log.exception("a message failed", extra={"message_id": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
