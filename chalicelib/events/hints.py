"""The messages of the deliveries queue: which events or deliveries to look at.

They carry no state. A hint that comes twice, late or never changes nothing but the time at which
the database's truth is acted on.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chalicelib.settings import settings
from chalicelib.store import queues

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]

# Small enough that what one message asks for is done in seconds, even with many subscribers.
EVENTS_IN_A_HINT = 25
DELIVERIES_IN_A_HINT = 100
_LONGEST_DELAY_SECONDS = 900  # SQS's


class Hint(BaseModel):
    """Recorded events that wait to be fanned out, and deliveries that are due."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_ids: tuple[Id, ...] = Field((), max_length=EVENTS_IN_A_HINT)
    delivery_ids: tuple[Id, ...] = Field((), max_length=DELIVERIES_IN_A_HINT)


def parse_hint(body: str) -> Hint:
    """The hint in a message body; raises pydantic's ValidationError (a ValueError) if none is."""
    return Hint.model_validate_json(body)


def hint_at_events(event_ids: Sequence[str]) -> int:
    """Say that events are recorded; returns how many the queue was told of."""
    return sum(
        len(part) * _send({"event_ids": part}, 0.0) for part in _parts(event_ids, EVENTS_IN_A_HINT)
    )


def hint_at_deliveries(delivery_ids: Sequence[str], delay: float = 0.0) -> int:
    """Say that deliveries are due in `delay` seconds; returns how many the queue was told of.

    What is due later than a queue can wait is left to the timer.
    """
    if delay > _LONGEST_DELAY_SECONDS:
        return 0
    return sum(
        len(part) * _send({"delivery_ids": part}, delay)
        for part in _parts(delivery_ids, DELIVERIES_IN_A_HINT)
    )


def _parts(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def _send(message: dict[str, Any], delay: float) -> bool:
    return queues.send(settings().deliveries_queue_url, message, delay_seconds=round(delay))
