"""What EventBridge does on AWS: calls the timers function, only more often."""

import logging
import os
import signal
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.lambda_context import LambdaContext
from local.layout import AWS_ACCOUNT, AWS_REGION, STAGE

_log = logging.getLogger("local.timers")


def interval_seconds() -> float:
    """Seconds between two calls; ``OPENVOD_LOCAL_TIMER_SECONDS``."""
    return max(0.1, float(os.environ.get("OPENVOD_LOCAL_TIMER_SECONDS", "2")))


def run(handler: Callable[[dict[str, Any], LambdaContext], Any], ready: Callable[[], None]) -> None:
    """Call the function again and again until SIGTERM; one call is never cut short by it."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    ready()
    while not stopping.is_set():
        try:
            handler(scheduled_event(), LambdaContext("timers", time_limit_seconds=60))
        except Exception:
            _log.exception("timers failed")
        stopping.wait(interval_seconds())


def scheduled_event() -> dict[str, Any]:
    """The event of an EventBridge schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": AWS_ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": AWS_REGION,
        "resources": [f"arn:aws:events:{AWS_REGION}:{AWS_ACCOUNT}:rule/openvod-{STAGE}-timers"],
        "detail": {},
    }
