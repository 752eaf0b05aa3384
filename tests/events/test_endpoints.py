"""Endpoints that fail: their circuit, probes, recovery, five days, and nobody else held up."""

import json
import threading
from http.server import BaseHTTPRequestHandler

import pytest

from chalicelib import events
from chalicelib.apis.aliyun_vod import event_messages
from chalicelib.events import attempts, endpoints
from chalicelib.settings import settings
from chalicelib.store import aws, database
from chalicelib.store.deliveries import Delivery
from chalicelib.store.endpoints import Endpoint
from tests.events.conftest import (
    APP,
    Queue,
    deliveries_of,
    only_delivery,
    pass_time,
    recorded,
    recorded_and_announced,
    state_of,
    subscribe,
)
from tests.events.receivers import (
    Behaviour,
    Receiver,
    answers,
    closes,
    drips_headers,
    hangs,
    receiver,
)

FIVE_DAYS = 5 * 86400


def work_off(*event_ids: str) -> None:
    """One batch with these events, as a worker takes it."""
    hint = events.parse_hint(json.dumps({"event_ids": event_ids}))
    assert events.work_off({"one": hint}, event_messages.render) == []


def open_circuit(account_id: str, url: str) -> list[str]:
    """Events until the endpoint's circuit is open; returns the events' ids."""
    event_ids = [recorded(account_id, override_url=url) for _ in range(8)]
    for event_id in event_ids:
        work_off(event_id)
    return event_ids


def ill(account_id: str) -> Endpoint:
    (endpoint,) = events.list_endpoints(account_id)
    return endpoint


def states(account_id: str, event_ids: list[str]) -> list[str]:
    return [state_of(account_id, event_id)[0] for event_id in event_ids]


def test_a_receiver_in_good_health_leaves_no_trace(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        work_off(recorded(account_id, override_url=there.url))
    assert events.list_endpoints(account_id) == []


def test_failures_open_the_circuit_and_what_follows_is_held(queue: Queue, account_id: str) -> None:
    with receiver(answers(500)) as there:
        event_ids = open_circuit(account_id, there.url)
        assert len(there.requests) == endpoints.FAILURES_TO_OPEN
        assert states(account_id, event_ids) == ["pending"] * 5 + ["held"] * 3
        found = ill(account_id)
        assert (found.state, found.failures) == ("open", 5)
        assert "500" in found.last_error
        # Retries that come due are held as well, without an attempt.
        pass_time(3)
        attempts.claim([one.delivery_id for one in _all(account_id, event_ids)])
        assert states(account_id, event_ids) == ["held"] * 8
        assert len(there.requests) == 5


def _all(account_id: str, event_ids: list[str]) -> list[Delivery]:
    return [one for event_id in event_ids for one in deliveries_of(account_id, event_id)]


def test_one_probe_closes_it_and_what_was_held_is_sent(queue: Queue, account_id: str) -> None:
    with receiver(answers(500, 500, 500, 500, 500, 200)) as there:
        event_ids = open_circuit(account_id, there.url)
        assert events.tend_endpoints() == 0, "the pause is not over"
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        events.tend_endpoints()
        events.relay_pending()
        queue.work_until(lambda: states(account_id, event_ids) == ["delivered"] * 8)
        assert len(there.requests) == 5 + 8
    assert ill(account_id).state == "closed"
    pass_time(61)
    events.tend_endpoints()
    assert events.list_endpoints(account_id) == []


def test_only_one_probe_goes_out(queue: Queue, account_id: str) -> None:
    with receiver(answers(500)) as there:
        open_circuit(account_id, there.url)
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        work_off(*(recorded(account_id, override_url=there.url) for _ in range(6)))
        assert len(there.requests) == 6
        found = ill(account_id)
        assert (found.state, found.openings) == ("open", 2)
        # The next pause is longer.
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        work_off(recorded(account_id, override_url=there.url))
        assert len(there.requests) == 6
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        work_off(recorded(account_id, override_url=there.url))
        assert len(there.requests) == 7


def test_a_probe_whose_worker_died_is_followed_by_another(queue: Queue, account_id: str) -> None:
    with receiver(answers(500, 500, 500, 500, 500, 200)) as there:
        event_ids = open_circuit(account_id, there.url)
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        events.tend_endpoints()
        due = [one.delivery_id for one in _all(account_id, event_ids) if one.state == "pending"]
        probes = [one for one in attempts.claim(due) if one.probe]
        assert len(probes) == 1
        # It dies here.
        pass_time(60)
        events.tend_endpoints()
        events.relay_pending()
        queue.work_until(lambda: states(account_id, event_ids) == ["delivered"] * 8)


def test_an_open_circuit_that_nobody_waits_at_is_tried_by_the_next_event(
    queue: Queue, account_id: str
) -> None:
    with receiver(answers(500)) as there:
        open_circuit(account_id, there.url)
        database.run(lambda tx: database.change(tx, "DELETE FROM delivery"))
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        events.tend_endpoints()
        assert ill(account_id).state == "failing"
        work_off(recorded(account_id, override_url=there.url))
        found = ill(account_id)
        assert (found.state, found.openings) == ("open", 2)
        assert len(there.requests) == 6


def test_what_is_held_too_long_is_dead(queue: Queue, account_id: str) -> None:
    with receiver(answers(500)) as there:
        event_ids = open_circuit(account_id, there.url)
        pass_time(601)
        database.run(
            lambda tx: database.change(tx, "UPDATE event_endpoint SET probe_at = now() + '1 h'")
        )
        events.tend_endpoints()
        held = _all(account_id, event_ids[5:])
        assert {one.state for one in held} == {"dead"}
        assert "took nothing" in held[0].last_error


def test_five_days_of_failing_disable_it_and_the_owner_sees_why(
    queue: Queue, account_id: str
) -> None:
    with receiver(answers(500)) as there:
        subscribe(account_id, there.url)
        event_ids = open_circuit(account_id, there.url)
        database.run(
            lambda tx: database.change(
                tx, "UPDATE event_endpoint SET failing_since = failing_since - interval '5 days'"
            )
        )
        pass_time(endpoints.FIRST_PAUSE_SECONDS)
        work_off(recorded(account_id, override_url=there.url))
        found = ill(account_id)
        assert found.state == "disabled"
        assert found.disabled_at is not None
        assert found.endpoint_id == events.endpoint_of(events.list_subscribers(account_id)[0])
        assert "is disabled" in events.why_disabled(found)
        events.tend_endpoints()
        assert set(states(account_id, event_ids[5:])) == {"dead"}
        asked = len(there.requests)
        later = recorded(account_id)
        work_off(later)
        row = only_delivery(account_id, later)
        assert (row.state, row.attempts) == ("dead", 0)
        assert "is disabled" in row.last_error
        assert len(there.requests) == asked


@pytest.mark.parametrize("way", ["operator", "owner"])
def test_a_disabled_endpoint_can_be_enabled(queue: Queue, account_id: str, way: str) -> None:
    with receiver(answers(500, 500, 500, 500, 500, 200)) as there:
        subscribe(account_id, there.url)
        open_circuit(account_id, there.url)
        database.run(lambda tx: database.change(tx, "UPDATE event_endpoint SET state = 'disabled'"))
        assert not events.enable_endpoint("somebody-else", ill(account_id).endpoint_id)
        if way == "operator":
            assert events.enable_endpoint(account_id, ill(account_id).endpoint_id)
        else:
            subscribe(account_id, there.url)
        event_id = recorded(account_id)
        work_off(event_id)
        assert state_of(account_id, event_id) == ["delivered"]


def test_a_success_among_failures_keeps_the_circuit_closed(queue: Queue, account_id: str) -> None:
    with receiver(answers(500, 500, 500, 500, 200, 500, 500, 500, 500)) as there:
        for _ in range(9):
            work_off(recorded(account_id, override_url=there.url))
        assert len(there.requests) == 9
    assert ill(account_id).state == "failing"


def test_a_query_does_not_make_another_endpoint() -> None:
    def of(url: str) -> str:
        return endpoints.endpoint_id("1", "http", url)

    assert of("https://Example.com/cb?a=1") == of("https://example.com/cb?b=2")
    assert of("https://example.com/cb") != of("https://example.com/other")
    assert of("https://example.com/cb") != endpoints.endpoint_id(
        "2", "http", "https://example.com/cb"
    )


def redirects(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
    answers(302, headers={"Location": "http://127.0.0.1:9/"})(handler, state)


@pytest.mark.parametrize("behaviour", [hangs, drips_headers, closes, answers(500), redirects])
def test_a_bad_receiver_takes_no_more_than_its_share(
    queue: Queue, account_id: str, behaviour: Behaviour
) -> None:
    with receiver(answers(200)) as good, receiver(behaviour) as bad:
        wish = events.SubscriptionChange(callback_url=bad.url, selectors=(events.EventGroup.ALL,))
        subscribe(account_id, good.url)
        events.add_subscriber(account_id, APP, wish)
        event_ids = [recorded(account_id) for _ in range(30)]
        hint = events.parse_hint(json.dumps({"event_ids": event_ids[:25]}))
        rest = events.parse_hint(json.dumps({"event_ids": event_ids[25:]}))
        assert events.work_off({"one": hint, "two": rest}, event_messages.render) == []
        assert len(good.requests) == 30
        # Its share at once. One that fails quickly may get a second share before the fifth failure
        # opens its circuit; never all thirty.
        assert len(bad.requests) <= 2 * settings().endpoint_concurrency
    good_states = [
        one.state
        for event_id in event_ids
        for one in deliveries_of(account_id, event_id)
        if one.target == good.url
    ]
    assert good_states == ["delivered"] * 30


def test_a_receiver_that_waits_for_the_others_gets_its_answer_through(
    queue: Queue, account_id: str
) -> None:
    with receiver(answers(200)) as others:

        def waits(handler: BaseHTTPRequestHandler, state: Receiver) -> None:
            # Were the others held up by it, it would be given up after five seconds.
            while len(others.requests) < 30 and not state.released.wait(0.01):
                pass
            answers(200)(handler, state)

        with receiver(waits) as slow:
            subscribe(account_id, slow.url)
            wish = events.SubscriptionChange(
                callback_url=others.url, selectors=(events.EventGroup.ALL,)
            )
            events.add_subscriber(account_id, APP, wish)
            event_ids = [recorded(account_id) for _ in range(30)]
            for part in (event_ids[:15], event_ids[15:]):
                work = threading.Thread(target=work_off, args=part)
                work.start()
                if part is event_ids[15:]:
                    work.join()
            queue.work_until(
                lambda: {one.state for one in _all(account_id, event_ids)} == {"delivered"}
            )
    assert {one.attempts for one in _all(account_id, event_ids)} == {1}


def test_private_addresses_are_refused_and_hold_nobody_up(
    queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answers(200)) as inside:
        monkeypatch.setenv("OPENVOD_ALLOW_PRIVATE_CALLBACKS", "false")
        settings.cache_clear()
        name = f"callbacks-{account_id}"
        url = aws.sqs().create_queue(QueueName=name)["QueueUrl"]
        subscribe(account_id, inside.url)
        to_queue = events.SubscriptionChange(
            channel="queue",
            queue_endpoint="http://mns.example.com/",
            queue_name=name,
            selectors=(events.EventGroup.ALL,),
        )
        events.add_subscriber(account_id, APP, to_queue)
        event_id = recorded_and_announced(account_id)
        queue.work_until(lambda: sorted(state_of(account_id, event_id)) == ["dead", "delivered"])
        assert inside.requests == []
    assert "Messages" in aws.sqs().receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert "not a public address" in ill(account_id).last_error


def test_claims_that_were_given_back_cost_nothing(
    queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENVOD_ENDPOINT_CONCURRENCY", "1")
    settings.cache_clear()
    with receiver(answers(503)) as there:
        event_ids = [recorded(account_id, override_url=there.url) for _ in range(4)]
        work_off(*event_ids)
        assert len(there.requests) == 1
    rows = _all(account_id, event_ids)
    assert sorted((one.attempts, one.claims) for one in rows) == [(0, 0)] * 3 + [(1, 1)]
    assert {one.state for one in rows} == {"pending"}
