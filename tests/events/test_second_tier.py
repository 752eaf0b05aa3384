"""Growing pauses for 27 hours after the vendor's three attempts, and the history of attempts."""

import pytest

from chalicelib import events
from chalicelib.events import attempts, delivery, schedule
from chalicelib.settings import settings
from chalicelib.store import database
from tests.events.conftest import (
    Queue,
    claim,
    fanned_out,
    only_delivery,
    pass_time,
    recorded_and_announced,
    state_of,
    subscribe,
)
from tests.events.receivers import answers, receiver


@pytest.fixture
def long_retries(deployment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENVOD_LONG_RETRIES", "true")
    settings.cache_clear()


def fail_once(delivery_id: str) -> None:
    """One attempt now, whatever the schedule says."""
    attempt = claim(delivery_id)
    assert attempt is not None
    attempts.settle([(attempt, delivery.transmit(attempt))])


def due_in(delivery_id: str) -> float:
    row = database.run(
        lambda tx: database.one(
            tx,
            "SELECT extract(epoch FROM next_attempt_at - now()) AS s FROM delivery"
            " WHERE delivery_id = %(d)s",
            d=delivery_id,
        )
    )
    assert row is not None
    return float(row["s"])


def test_the_schedule(long_retries: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hour = 3600.0
    assert schedule.pauses() == (1, 1, 5, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 10 * hour)
    assert 27 * hour < sum(schedule.pauses()) < 28 * hour
    monkeypatch.setenv("OPENVOD_LONG_RETRIES", "false")
    settings.cache_clear()
    assert schedule.pauses() == (1, 1)
    assert schedule.pause_after(3) is None


def test_every_pause_is_kept_and_then_it_is_dead(
    queue: Queue, long_retries: None, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The circuit, which would hold the delivery back, is another test's.
    monkeypatch.setattr("chalicelib.events.endpoints.FAILURES_TO_OPEN", 100)
    with receiver(answers(500, body=b"later")) as there:
        subscribe(account_id, there.url)
        event_id, delivery_id = fanned_out(account_id)
        for pause in schedule.pauses():
            fail_once(delivery_id)
            assert only_delivery(account_id, event_id).state == "pending"
            assert pause - 5 < due_in(delivery_id) <= pause
            assert claim(delivery_id) is None
            pass_time(pause)
        fail_once(delivery_id)
        assert len(there.requests) == 10
    row = only_delivery(account_id, event_id)
    assert (row.state, row.attempts, row.last_status) == ("dead", 10, 500)
    found = events.get_delivery(account_id, delivery_id)
    assert found is not None
    history = found[1]
    assert [(one.status, one.excerpt) for one in history] == [(500, "later")] * 10
    assert all(one.error and one.started_at for one in history)
    assert len({one.attempt_id for one in history}) == 10


def test_what_a_queue_cannot_wait_for_is_the_timers(
    queue: Queue, long_retries: None, account_id: str
) -> None:
    with receiver(answers(500, 500, 500, 200)) as there:
        subscribe(account_id, there.url)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: len(there.requests) == 3)
        while queue.work(wait=0):
            pass
        database.run(
            lambda tx: database.change(
                tx, "UPDATE delivery SET next_attempt_at = now() + interval '10 hours'"
            )
        )
        assert events.relay_pending() == 0
        pass_time(10 * 3600 + 6)
        assert events.relay_pending() == 1
        assert events.relay_pending() == 0, "it was hinted at a moment ago"
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
    assert only_delivery(account_id, event_id).attempts == 4


def test_a_process_that_was_killed_leaves_no_attempt_in_the_history(
    deployment: None, account_id: str
) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        _, delivery_id = fanned_out(account_id)
        first = claim(delivery_id)
        assert first is not None
        delivery.transmit(first)
        pass_time(attempts.LEASE_SECONDS + 1)
        second = claim(delivery_id)
        assert second is not None
        outcome = delivery.transmit(second)
        attempts.settle([(second, outcome)])
        # The first comes back to life: too late.
        attempts.settle([(first, outcome)])
    found = events.get_delivery(account_id, delivery_id)
    assert found is not None
    assert [one.attempt_id for one in found[1]] == [second.attempt_id]
