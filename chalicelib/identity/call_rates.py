"""How fast an account may call each action: a token bucket that all processes share.

Each process counts its own calls and settles them with the database when a tenth of the burst has
gathered, or when it has not asked for a second: not at each call. In between it goes by what it was
told last and by what time has added since.

Accuracy, with P processes serving one action of one account: a caller that keeps to the limit is
never refused. In any T seconds at most ``limit * (T + 1) + P * limit / 10`` calls are let through
(with small limits at least one for each process); what was too much is made up for, so that in the
long run the limit holds exactly.
"""

import threading
import time
from dataclasses import dataclass

from chalicelib.store import call_allowances, database

_SETTLE_AFTER_SECONDS = 1.0
_SHARE = 10
_MOST_BUCKETS = 4096


class CallsTooFrequent(Exception):
    """The account calls this action more often than it may."""

    def __init__(self, action: str) -> None:
        super().__init__(f"too many calls of {action}")
        self.action = action


@dataclass(frozen=True, slots=True)
class CallRate:
    """So many calls in so many seconds."""

    calls: int
    seconds: int = 1

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds


@dataclass(slots=True)
class _Bucket:
    """What this process knows: ``level`` calls were left at ``settled_at``, ``used`` since."""

    level: float
    settled_at: float
    used: int = 0


_buckets: dict[tuple[str, str], _Bucket] = {}
_lock = threading.Lock()


def count_call(account_id: str, action: str, rate: CallRate) -> None:
    """Count one call. Raises CallsTooFrequent for one that must not be let through."""
    with _lock:
        key = (account_id, action)
        bucket = _buckets.get(key)
        now = time.monotonic()
        if bucket is None:
            if len(_buckets) >= _MOST_BUCKETS:
                _buckets.clear()
            bucket = _buckets[key] = _Bucket(float(rate.calls), now - _SETTLE_AFTER_SECONDS)
        stale = now - bucket.settled_at >= _SETTLE_AFTER_SECONDS
        if stale or bucket.used >= max(1, rate.calls // _SHARE):
            _settle(key, bucket, rate)
        if _left(bucket, rate) < 1:
            raise CallsTooFrequent(action)
        bucket.used += 1


def forget() -> None:
    """Drop what this process knows, for tests."""
    with _lock:
        _buckets.clear()


def _left(bucket: _Bucket, rate: CallRate) -> float:
    added = (time.monotonic() - bucket.settled_at) * rate.per_second
    return min(rate.calls, bucket.level + added) - bucket.used


def _settle(key: tuple[str, str], bucket: _Bucket, rate: CallRate) -> None:
    # The account and the action first, so that threads of one process do not conflict over a row.
    bucket.level = database.run(
        lambda tx: call_allowances.settle(
            tx, *key, used=bucket.used, per_second=rate.per_second, burst=float(rate.calls)
        )
    )
    bucket.used = 0
    bucket.settled_at = time.monotonic()
