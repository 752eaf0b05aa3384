"""The health of endpoints: circuits that open, probes, recovery, and the end after five days.

An endpoint is one receiver of one account: an address without its query, or a queue. Five failed
attempts in a row open its circuit, for all workers at once, because its state is the database's:
its deliveries are held then, cost nothing and delay nobody. When the pause is over a single
delivery goes out as a probe. If it arrives the circuit closes and what was held is sent; if not,
the next pause is longer. Whoever fails for five days is disabled: its deliveries go to the dead
letters until somebody enables it.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from chalicelib.events.hints import hint_at_deliveries
from chalicelib.events.schedule import patience
from chalicelib.logs import log
from chalicelib.store import deliveries
from chalicelib.store import endpoints as store
from chalicelib.store.database import Transaction, run
from chalicelib.store.deliveries import Delivery
from chalicelib.store.endpoints import Endpoint
from chalicelib.store.subscriptions import Channel

FAILURES_TO_OPEN = 5
FIRST_PAUSE_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 300.0
# Longer than an attempt takes: two probes are never under way at once.
_PROBE_SECONDS = 30.0
DISABLED_AFTER = timedelta(days=5)
# Held deliveries may still be written for so long after a circuit has closed.
_AFTERCARE_SECONDS = 60.0
_BATCH = 200


def endpoint_id(account_id: str, channel: Channel, target: str) -> str:
    """The endpoint that a target belongs to: a query does not make an address another one."""
    address = target
    if channel == "http":
        parts = urlsplit(target)
        address = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"
    return hashlib.sha256("\n".join((account_id, channel, address)).encode()).hexdigest()[:32]


def endpoint_of(delivery: Delivery) -> str:
    """The endpoint of a delivery, also of one from before endpoints were written down."""
    return delivery.endpoint_id or endpoint_id(
        delivery.account_id, delivery.channel, delivery.target
    )


class Gate:
    """Decides, within one transaction, which deliveries may go out to their endpoints."""

    def __init__(self, tx: Transaction, endpoint_ids: Sequence[str]) -> None:
        self._tx = tx
        self._known = store.endpoints(tx, sorted(set(endpoint_ids)))
        self._probes: set[str] = set()

    def verdict(self, endpoint: str) -> str:
        """ "go", "probe" (once, if it is due), "hold", or "dead"."""
        row = self._known.get(endpoint)
        if row is None or row.state in ("closed", "failing"):
            return "go"
        if row.state == "disabled":
            return "dead"
        if endpoint not in self._probes:
            self._probes.add(endpoint)
            if store.take_probe(self._tx, endpoint, _PROBE_SECONDS):
                return "probe"
        return "hold"

    def is_ill(self, endpoint: str) -> bool:
        """Whether a success would be news."""
        row = self._known.get(endpoint)
        return row is not None and row.state in ("failing", "open")

    def reason(self, endpoint: str) -> str:
        """Why a disabled endpoint gets nothing."""
        row = self._known.get(endpoint)
        return why_disabled(row) if row else ""


def why_disabled(row: Endpoint) -> str:
    """One line for the owner."""
    return (
        f"the endpoint has failed since {row.failing_since:%Y-%m-%dT%H:%M:%SZ} and is disabled:"
        f" {row.last_error}"
    )


def note_failures(delivery: Delivery, count: int, error: str, *, probed: bool) -> None:
    """Count failed attempts on the delivery's endpoint; opens its circuit, or disables it."""
    endpoint = endpoint_of(delivery)

    def write(tx: Transaction) -> Endpoint | None:
        now = store.clock(tx)
        row = store.get_endpoint(tx, endpoint)
        if row is not None and row.state == "disabled":
            return None
        if row is None or row.state == "closed":
            row = Endpoint(
                endpoint_id=endpoint,
                account_id=delivery.account_id,
                channel=delivery.channel,
                address=delivery.target.partition("?")[0],
                state="failing",
                failing_since=now,
                probe_at=now,
            )
        change: dict[str, object] = {"failures": row.failures + count, "last_error": error}
        enough = row.state == "failing" and row.failures + count >= FAILURES_TO_OPEN
        if enough or (probed and row.state == "open"):
            change |= {"state": "open", "openings": row.openings + 1}
            change["probe_at"] = now + timedelta(seconds=_pause(row.openings))
        if now - row.failing_since >= DISABLED_AFTER:
            change |= {"state": "disabled", "disabled_at": now, "probe_at": now}
        row = row.model_copy(update=change)
        store.put_endpoint(tx, row)
        return row

    row = run(write)
    if row is not None and row.state != "failing":
        log.warning(
            "an endpoint fails",
            extra={"endpoint": endpoint, "state": row.state, "reason": error},
        )


def note_success(endpoint: str) -> None:
    """An ill endpoint has taken a delivery: close its circuit and send what was held."""
    if run(lambda tx: store.close_circuit(tx, endpoint)):
        log.info("an endpoint has recovered", extra={"endpoint": endpoint})
        _release(endpoint)


def enable_endpoint(account_id: str, endpoint: str) -> bool:
    """Forget an endpoint's failures, by whatever they were stopped; False if it had none.

    What was held is sent; what was given up meanwhile is in the dead letters, to be replayed.
    """

    def write(tx: Transaction) -> bool:
        row = store.get_endpoint(tx, endpoint)
        if row is None or row.account_id != account_id or row.state == "closed":
            return False
        healthy = {"state": "closed", "failures": 0, "openings": 0, "disabled_at": None}
        store.put_endpoint(tx, row.model_copy(update=healthy | {"probe_at": store.clock(tx)}))
        return True

    enabled = run(write)
    if enabled:
        _release(endpoint)
    return enabled


def list_endpoints(account_id: str) -> list[Endpoint]:
    """The account's endpoints that fail, are disabled, or have just recovered."""
    return run(lambda tx: store.endpoints_of_account(tx, account_id))


def tend_endpoints(limit: int = 100) -> int:
    """Let probes go, send what was held, bury what was waited for too long; returns how many rows.

    For a timer; bounded by `limit` endpoints of each kind, and batches of deliveries for each.
    """
    touched = 0
    for row in run(lambda tx: store.endpoints_in_state(tx, "open", 0.0, limit)):
        touched += _send_probe(row)
    for row in run(lambda tx: store.endpoints_in_state(tx, "closed", 0.0, limit)):
        touched += _release(row.endpoint_id)
    for row in run(lambda tx: store.endpoints_in_state(tx, "closed", _AFTERCARE_SECONDS, limit)):
        run(partial(store.forget_endpoint, endpoint_id=row.endpoint_id, state="closed"))
    for row in run(lambda tx: store.endpoints_in_state(tx, "disabled", 0.0, limit)):
        touched += run(partial(_bury, row=row))
    return touched + run(_bury_impatient)


def _pause(openings: int) -> float:
    return float(min(FIRST_PAUSE_SECONDS * 2**openings, _LONGEST_PAUSE_SECONDS))


def _send_probe(row: Endpoint) -> int:
    """Make the oldest held delivery due; the circuit lets one of those that are due through."""

    def write(tx: Transaction) -> list[str]:
        oldest = deliveries.unfinished_of_endpoint(tx, row.endpoint_id, ["held"], 1)
        if not oldest and not deliveries.unfinished_of_endpoint(
            tx, row.endpoint_id, ["pending"], 1
        ):
            # Nobody waits: the next event tries it, and one failure opens the circuit again.
            change = {"state": "failing", "failures": FAILURES_TO_OPEN - 1}
            store.put_endpoint(tx, row.model_copy(update=change))
        return deliveries.release(tx, oldest)

    return hint_at_deliveries(run(write))


def _release(endpoint: str) -> int:
    released = 0
    while True:
        ids = run(
            lambda tx: deliveries.release(
                tx, deliveries.unfinished_of_endpoint(tx, endpoint, ["held"], _BATCH)
            )
        )
        hint_at_deliveries(ids)
        released += len(ids)
        if len(ids) < _BATCH:
            return released


def _bury(tx: Transaction, row: Endpoint) -> int:
    left = deliveries.unfinished_of_endpoint(tx, row.endpoint_id, ["held"], _BATCH)
    return deliveries.bury(tx, left, why_disabled(row))


def _bury_impatient(tx: Transaction) -> int:
    reason = f"the endpoint took nothing for {patience() / 3600:.1f} hours"
    return deliveries.bury(tx, deliveries.held_too_long(tx, _BATCH), reason)
