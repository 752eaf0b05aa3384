"""Works off hints: fans events out and makes the attempts that are due, side by side.

Attempts run in the threads of one pool for the whole process; how many of them may be with one
endpoint at a time is limited, so that a receiver that hangs keeps a few threads and no more. All
else happens in the caller's thread, over one database connection.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import lru_cache

from chalicelib.events import attempts, delivery
from chalicelib.events.attempts import BEGIN_SECONDS, Attempt, Outcome
from chalicelib.events.fan_out import EVENTS_AT_ONCE, fan_out
from chalicelib.events.hints import Hint
from chalicelib.events.types import Renderer
from chalicelib.logs import log
from chalicelib.settings import settings

_THREADS = 256
_DELIVERIES_AT_ONCE = 100
# New deliveries are taken on while fewer than so many are in hand.
_IN_HAND = 100
_LOOK_SECONDS = 0.05
_IDLE_SECONDS = 0.3


def work_off(hints: Mapping[str, Hint], render: Renderer, seconds: float = 45.0) -> list[str]:
    """Do what the hints say; returns the keys of those that could not be worked off.

    `hints` is keyed by whatever the caller knows a hint by. An attempt that fails is not a hint
    that fails: it has its own schedule. After `seconds` nothing new is begun; what is left over
    counts as not worked off.
    """
    return _Shift(hints, render, time.monotonic() + seconds).run()


class _Slots:
    """How many attempts of this process are with each endpoint."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self._lock = threading.Lock()

    def enter(self, endpoint: str) -> bool:
        with self._lock:
            taken = self._taken.get(endpoint, 0)
            if taken >= settings().endpoint_concurrency:
                return False
            self._taken[endpoint] = taken + 1
            return True

    def leave(self, endpoint: str) -> None:
        with self._lock:
            left = self._taken[endpoint] - 1
            if left:
                self._taken[endpoint] = left
            else:
                del self._taken[endpoint]


_slots = _Slots()


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="callback")


class _Shift:
    """One call: what is to be taken on, what waits for its endpoint, what is under way."""

    def __init__(self, hints: Mapping[str, Hint], render: Renderer, ends: float) -> None:
        self._render = render
        self._ends = ends
        self._keys: dict[str, set[str]] = {}
        self._failed: set[str] = set()
        for key, hint in hints.items():
            for one in (*hint.event_ids, *hint.delivery_ids):
                self._keys.setdefault(one, set()).add(key)
        events = dict.fromkeys(one for hint in hints.values() for one in hint.event_ids)
        due = dict.fromkeys(one for hint in hints.values() for one in hint.delivery_ids)
        self._events = deque(_parts(list(events), EVENTS_AT_ONCE))
        self._due = deque(_parts(list(due), _DELIVERIES_AT_ONCE))
        self._waiting: dict[str, deque[tuple[Attempt, float]]] = {}
        self._running: dict[Future[Outcome], Attempt] = {}
        self._failing: set[str] = set()

    def run(self) -> list[str]:
        idle_since: float | None = None
        while True:
            self._take_on()
            self._start()
            if self._running:
                idle_since = None
                self._collect()
            elif self._waiting:
                # Others of this process have the endpoints' slots; nobody waits long for them.
                idle_since = idle_since or time.monotonic()
                if time.monotonic() - idle_since > _IDLE_SECONDS:
                    self._give_back(list(self._waiting))
                    idle_since = None
                else:
                    time.sleep(_LOOK_SECONDS / 5)
            elif not self._events and not self._due:
                return list(self._failed)

    def _take_on(self) -> None:
        while self._events or self._due:
            if time.monotonic() > self._ends:
                for part in (*self._events, *self._due):
                    self._fail(part)
                self._events.clear()
                self._due.clear()
                return
            if len(self._running) + sum(map(len, self._waiting.values())) >= _IN_HAND:
                return
            # Events first: their subscribers wait for the first attempt, not for another one.
            part, is_event = (
                (self._events.popleft(), True) if self._events else (self._due.popleft(), False)
            )
            try:
                begun = self._begin_events(part) if is_event else attempts.claim(part)
            except Exception:
                log.exception("hints could not be worked off", extra={"ids": part})
                self._fail(part)
                continue
            now = time.monotonic()
            for attempt in begun:
                self._waiting.setdefault(attempt.endpoint, deque()).append((attempt, now))

    def _begin_events(self, event_ids: Sequence[str]) -> list[Attempt]:
        result = fan_out(event_ids, self._render)
        self._fail(result.failed)
        return attempts.prepare(result.claimed)

    def _start(self) -> None:
        for endpoint in list(self._waiting):
            queue = self._waiting[endpoint]
            if endpoint in self._failing or time.monotonic() - queue[0][1] > BEGIN_SECONDS:
                # It fails, or is too slow for what is in hand: its turn comes again, by its health.
                self._give_back([endpoint])
                continue
            while queue and _slots.enter(endpoint):
                attempt, _ = queue.popleft()
                self._running[_pool().submit(_transmit, attempt)] = attempt
            if not queue:
                del self._waiting[endpoint]

    def _collect(self) -> None:
        timeout = _LOOK_SECONDS if self._waiting else None
        done, _ = wait(self._running, timeout, return_when=FIRST_COMPLETED)
        ended = []
        for future in done:
            attempt = self._running.pop(future)
            try:
                ended.append((attempt, future.result()))
            except Exception:
                # The lease runs out and the delivery is attempted again.
                log.exception("an attempt broke off", extra=_ids([attempt]))
        self._failing |= {one.endpoint for one, outcome in ended if not outcome.delivered}
        if ended:
            try:
                attempts.settle(ended)
            except Exception:
                log.exception("attempts could not be settled", extra=_ids([a for a, _ in ended]))

    def _give_back(self, endpoints: Sequence[str]) -> None:
        back = [attempt for one in endpoints for attempt, _ in self._waiting.pop(one)]
        try:
            attempts.give_back(back)
        except Exception:
            log.exception("claims could not be given back", extra=_ids(back))

    def _fail(self, ids: Sequence[str]) -> None:
        for one in ids:
            self._failed |= self._keys.get(one, set())


def _transmit(attempt: Attempt) -> Outcome:
    try:
        return delivery.transmit(attempt)
    finally:
        _slots.leave(attempt.endpoint)


def _parts(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def _ids(some: Sequence[Attempt]) -> dict[str, list[str]]:
    return {"deliveries": [attempt.delivery.delivery_id for attempt in some]}
