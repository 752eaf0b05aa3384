"""When a delivery is attempted: the vendor's three attempts, and a second tier of growing pauses.

The vendor makes three attempts, a second apart (VOD developer guide 12.1). The pauses of the second
tier are those that Svix publishes for its own deliveries; with them the last attempt comes 27 hours
and 35 minutes after the first.
"""

from chalicelib.settings import settings

VENDOR_PAUSES = (1.0, 1.0)
LONG_PAUSES = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0)
# Without the second tier a delivery still waits this long for an endpoint whose circuit is open.
_SHORT_PATIENCE_SECONDS = 600.0


def pauses() -> tuple[float, ...]:
    """Seconds between one attempt and the next, as the deployment is set."""
    return VENDOR_PAUSES + (LONG_PAUSES if settings().long_retries else ())


def pause_after(attempts: int) -> float | None:
    """Seconds from the failure of attempt number `attempts` to the next; None: it was the last."""
    every = pauses()
    return every[attempts - 1] if attempts <= len(every) else None


def patience() -> float:
    """How many seconds a delivery waits for an endpoint that takes nothing at all."""
    return max(sum(pauses()), _SHORT_PATIENCE_SECONDS)
