"""Works off hints: fans events out and makes the attempts that are due, side by side."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from chalicelib.events import delivery
from chalicelib.events.fan_out import fan_out
from chalicelib.events.hints import EventHint, Hint
from chalicelib.events.types import Renderer
from chalicelib.logs import log

_AT_ONCE = 16


def work_off(hints: Mapping[str, Hint], render: Renderer) -> list[str]:
    """Do what the hints say; returns the keys of those that could not be worked off.

    `hints` is keyed by whatever the caller knows a hint by. An attempt that fails is not a hint
    that fails: it has its own schedule. The attempts run in threads, all else in the caller's, so
    that a batch needs one database connection and a receiver that hangs delays no other.
    """
    failed: dict[str, None] = {}
    attempts: list[tuple[str, delivery.Attempt]] = []
    for key, hint in hints.items():
        try:
            attempts += [(key, attempt) for attempt in _begin(hint, render)]
        except Exception:
            log.exception("a hint could not be worked off", extra=hint.message())
            failed[key] = None
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        running = {
            pool.submit(delivery.transmit, attempt): (key, attempt) for key, attempt in attempts
        }
        for done in as_completed(running):
            key, attempt = running[done]
            if not _settled(attempt, done):
                failed[key] = None
    return list(failed)


def _begin(hint: Hint, render: Renderer) -> list[delivery.Attempt]:
    ids = fan_out(hint.event_id, render) if isinstance(hint, EventHint) else [hint.delivery_id]
    return [attempt for one in ids if (attempt := delivery.claim(one)) is not None]


def _settled(attempt: delivery.Attempt, done: "Future[delivery.Outcome]") -> bool:
    try:
        delivery.settle(attempt, done.result())
    except Exception:
        # The lease runs out and the delivery is attempted again.
        log.exception(
            "an attempt could not be settled", extra={"delivery": attempt.delivery.delivery_id}
        )
        return False
    return True
