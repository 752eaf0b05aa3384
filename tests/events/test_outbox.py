"""Recording, announcing and fanning out: once, whatever is repeated or lost."""

import json
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError

from chalicelib import events
from chalicelib.apis.aliyun_vod import event_messages
from chalicelib.events import DeliveryFilter, EventGroup, EventType, NewEvent, attempts
from chalicelib.events.fan_out import fan_out
from chalicelib.events.types import selects
from chalicelib.settings import settings
from chalicelib.store import aws, database
from tests.events.conftest import (
    APP,
    Queue,
    deliveries_of,
    new_event,
    only_delivery,
    pass_time,
    recorded,
    recorded_and_announced,
    state_of,
    subscribe,
)
from tests.events.receivers import answers, receiver

ELSEWHERE = "https://callbacks.example.com/vod"


class Rollback(Exception):
    pass


def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    return database.run(lambda tx: database.many(tx, statement, **values))


def test_an_event_is_written_with_its_transaction(deployment: None, account_id: str) -> None:
    event_id = recorded(account_id)
    (row,) = rows("SELECT * FROM event WHERE account_id = %(a)s", a=account_id)
    assert row["event_id"] == event_id
    assert len(event_id) == 32
    assert row["state"] == "recorded"
    assert json.loads(row["payload"])["size"] == 1439213


def test_a_rollback_leaves_no_event(queue: Queue, account_id: str) -> None:
    seen = []

    def work(tx: database.Transaction) -> None:
        seen.append(events.record(tx, new_event(account_id)))
        raise Rollback

    with pytest.raises(Rollback):
        database.run(work)
    assert rows("SELECT * FROM event WHERE account_id = %(a)s", a=account_id) == []
    # A hint at it does no harm either.
    events.announce(seen)
    assert queue.work() == 1
    assert deliveries_of(account_id, seen[0]) == []


def test_payloads_are_checked_before_anything_is_written() -> None:
    with pytest.raises(ValidationError):
        NewEvent(
            account_id="1",
            app_id=APP,
            event_type=EventType.VIDEO_ANALYSIS_COMPLETE,
            media_id="m",
            payload={"status": "perhaps"},
        )
    with pytest.raises(ValidationError):
        NewEvent(
            account_id="1",
            app_id=APP,
            event_type=EventType.MEDIA_DELETED,
            media_id="m",
            payload={},
        )


def test_a_lost_announcement_is_found_by_the_timer(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        event_id = recorded(account_id)
        assert events.relay_pending() == 0, "its announcement may still be under way"
        pass_time(6)
        assert events.relay_pending() == 1
        assert events.relay_pending() == 0, "it was announced a moment ago"
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert len(there.requests) == 1


def test_announcing_without_a_queue_leaves_it_to_the_timer(
    deployment: None, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = recorded(account_id)
    events.announce([event_id])
    monkeypatch.setenv("OPENVOD_DELIVERIES_QUEUE_URL", "http://127.0.0.1:9/000000000000/nothing")
    settings.cache_clear()
    events.announce([event_id])
    (row,) = rows("SELECT state FROM event WHERE event_id = %(e)s", e=event_id)
    assert row["state"] == "recorded"


def test_many_events_are_announced_together(queue: Queue, account_id: str) -> None:
    event_ids = {recorded(account_id) for _ in range(13)}
    events.announce(sorted(event_ids))
    hinted: set[str] = set()
    while batch := queue.receive():
        hinted |= {one for record in batch for one in json.loads(record["body"])["event_ids"]}
        queue.delete(batch)
    assert hinted == event_ids


def test_the_timer_is_bounded(queue: Queue, account_id: str) -> None:
    for _ in range(13):
        recorded(account_id)
    pass_time(6)
    assert [events.relay_pending(limit=5) for _ in range(4)] == [5, 5, 3, 0]


def test_a_delivery_whose_worker_vanished_is_found_by_the_timer(
    queue: Queue, account_id: str
) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        # The worker dies right after fanning out, before it sends anything.
        event_id = recorded(account_id)
        fan_out([event_id], event_messages.render)
        pass_time(6)
        assert events.relay_pending() == 0, "its lease has not ended"
        pass_time(attempts.LEASE_SECONDS)
        assert events.relay_pending() == 1
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        assert len(there.requests) == 1


def test_a_hint_that_comes_twice_sends_once(queue: Queue, account_id: str) -> None:
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        event_id = recorded(account_id)
        events.announce([event_id, event_id])
        queue.work_until(lambda: state_of(account_id, event_id) == ["delivered"])
        events.announce([event_id])
        while queue.work():
            pass
        assert len(there.requests) == 1
        delivery = only_delivery(account_id, event_id)
        assert (delivery.attempts, delivery.claims) == (1, 1)


def test_fanning_out_twice_changes_nothing(deployment: None, account_id: str) -> None:
    subscribe(account_id, ELSEWHERE)
    event_id = recorded(account_id)
    assert len(fan_out([event_id], event_messages.render).claimed) == 1
    # A subscriber who comes later is not told of what happened before.
    subscribe(account_id, "https://other.example.com/")
    assert fan_out([event_id], event_messages.render).claimed == []
    assert only_delivery(account_id, event_id).target == ELSEWHERE


def test_an_event_that_cannot_be_rendered_stays_recorded(queue: Queue, account_id: str) -> None:
    def broken(_: events.Event) -> dict[str, Any]:
        raise KeyError("broken")

    subscribe(account_id, ELSEWHERE)
    event_id = recorded(account_id)
    hint = events.parse_hint(json.dumps({"event_ids": [event_id]}))
    assert events.work_off({"one": hint}, broken) == ["one"]
    (row,) = rows("SELECT state FROM event WHERE event_id = %(e)s", e=event_id)
    assert row["state"] == "recorded"
    assert deliveries_of(account_id, event_id) == []


@pytest.mark.parametrize(
    ("selectors", "sent"),
    [
        ((EventGroup.ALL,), True),
        ((EventType.SNAPSHOT_COMPLETE, EventType.FILE_UPLOAD_COMPLETE), True),
        ((EventType.SNAPSHOT_COMPLETE, EventGroup.AI), False),
    ],
)
def test_the_subscription_chooses_types(
    deployment: None, account_id: str, selectors: tuple[Any, ...], sent: bool
) -> None:
    subscribe(account_id, ELSEWHERE, *selectors)
    event_id = recorded(account_id)
    assert len(fan_out([event_id], event_messages.render).claimed) == sent
    # The choice holds for addresses of requests, too.
    event_id = recorded(account_id, override_url="https://request.example.com/")
    assert len(fan_out([event_id], event_messages.render).claimed) == sent


def test_no_types_means_no_events(deployment: None, account_id: str) -> None:
    subscribe(account_id, ELSEWHERE)
    events.change_subscription(account_id, APP, events.SubscriptionChange(selectors=()))
    event_id = recorded(account_id)
    assert fan_out([event_id], event_messages.render).claimed == []
    (row,) = rows("SELECT state FROM event WHERE event_id = %(e)s", e=event_id)
    assert row["state"] == "fanned_out"


def test_the_group_ai_stands_for_its_types() -> None:
    assert selects([EventGroup.AI], EventType.AI_DNA_COMPLETE)
    assert not selects([EventGroup.AI], EventType.TRANSCODE_COMPLETE)
    assert not selects([], EventType.TRANSCODE_COMPLETE)


def test_the_address_of_a_request_replaces_the_subscription(
    deployment: None, account_id: str
) -> None:
    override = "https://request.example.com/cb"
    without_subscription = recorded(account_id, override_url=override)
    fan_out([without_subscription], event_messages.render)
    assert only_delivery(account_id, without_subscription).target == override
    subscribe(account_id, ELSEWHERE)
    with_subscription = recorded(account_id, override_url=override)
    fan_out([with_subscription], event_messages.render)
    assert only_delivery(account_id, with_subscription).target == override


def test_subscriptions_belong_to_one_application(deployment: None, account_id: str) -> None:
    events.change_subscription(
        account_id,
        "app-1000001",
        events.SubscriptionChange(callback_url=ELSEWHERE, selectors=(EventGroup.ALL,)),
    )
    assert fan_out([recorded(account_id)], event_messages.render).claimed == []


def test_a_message_that_is_no_hint_is_dropped(queue: Queue, account_id: str) -> None:
    for body in ("", "[]", '{"event_ids": ["../../etc"]}', '{"event_ids": 1}', '{"other": "x"}'):
        aws.sqs().send_message(QueueUrl=queue.url, MessageBody=body or " ")
    handled = 0
    while handled < 5:
        handled += queue.work()
    assert queue.receive(wait=0) == []


def test_a_hint_comes_again_while_the_database_is_away(
    queue: Queue, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.handlers.deliveries import deliveries

    event_id = recorded_and_announced(account_id)
    (record,) = queue.receive()
    database_url = settings().database_url
    monkeypatch.setenv("OPENVOD_DATABASE_URL", "postgresql://127.0.0.1:9/none")
    settings.cache_clear()
    database.close()
    answer = deliveries({"Records": [record]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    monkeypatch.setenv("OPENVOD_DATABASE_URL", database_url)
    settings.cache_clear()
    assert deliveries({"Records": [record]}, None) == {"batchItemFailures": []}
    (row,) = rows("SELECT state FROM event WHERE event_id = %(e)s", e=event_id)
    assert row["state"] == "fanned_out"


def test_an_account_sees_its_own_deliveries_only(deployment: None, account_id: str) -> None:
    subscribe(account_id, ELSEWHERE)
    event_id = recorded(account_id)
    fan_out([event_id], event_messages.render)
    media_id = only_delivery(account_id, event_id).media_id
    assert [
        one.event_id
        for one in events.list_deliveries(account_id, DeliveryFilter(media_id=media_id))
    ] == [event_id]
    assert deliveries_of("someone-else", event_id) == []
    assert events.list_deliveries("someone-else", DeliveryFilter(media_id=media_id)) == []


def test_the_database_refuses_a_second_delivery_of_the_same(
    deployment: None, account_id: str
) -> None:
    subscribe(account_id, ELSEWHERE)
    event_id = recorded(account_id)
    fan_out([event_id], event_messages.render)

    def forget(tx: database.Transaction) -> None:
        database.change(tx, "UPDATE event SET state = 'recorded'")

    # Even if the mark were lost, event and target are unique.
    database.run(forget)
    fan_out([event_id], event_messages.render)
    assert len(deliveries_of(account_id, event_id)) == 1
    with pytest.raises(psycopg.errors.UniqueViolation):
        database.run(lambda tx: database.change(tx, "INSERT INTO delivery SELECT * FROM delivery"))
