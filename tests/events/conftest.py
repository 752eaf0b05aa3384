"""A deployment for the events tests: its database, its KMS key, and a deliveries queue per test."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import events
from chalicelib.apis.aliyun_vod import event_messages
from chalicelib.events import DeliveryFilter, EventType, NewEvent, attempts
from chalicelib.events.attempts import Attempt
from chalicelib.events.fan_out import fan_out
from chalicelib.identity import master_keys
from chalicelib.identity.caller import Caller
from chalicelib.settings import settings
from chalicelib.store import aws, database
from chalicelib.store import deliveries as store
from chalicelib.store.deliveries import Delivery

APP = "app-1000000"
MEDIA = "43a1b2c3d4e5f60718293a4b5c6d7e8f"
_SECONDS = 60


class Queue:
    """The deliveries queue and a worker that polls it as Lambda does."""

    def __init__(self, url: str) -> None:
        self.url = url

    def receive(self, wait: int = 1) -> list[dict[str, Any]]:
        """One batch of messages in the shape of Lambda's records."""
        answer = aws.sqs().receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=wait
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "eventSource": "aws:sqs",
            }
            for message in answer.get("Messages", [])
        ]

    def delete(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            aws.sqs().delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])

    def work(self, wait: int = 1) -> int:
        """Handle one batch and delete what did not fail; returns how many messages there were."""
        # Imported late: the handler reads the settings when its module is loaded.
        from chalicelib.handlers.deliveries import deliveries

        records = self.receive(wait)
        if records:
            answer = deliveries({"Records": records}, None)
            failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
            self.delete([record for record in records if record["messageId"] not in failed])
        return len(records)

    def work_until(self, done: Callable[[], bool]) -> None:
        """Work until `done`; an error after a minute."""
        ends = time.monotonic() + _SECONDS
        while not done():
            assert time.monotonic() < ends, "the worker did not get there"
            self.work()


@pytest.fixture
def deployment(
    database_url: str, ministack_endpoint: str, kms_key_id: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Settings of a deployment that may call this machine; the tables of the room are empty."""
    monkeypatch.setenv("OPENVOD_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENVOD_KMS_KEY_ID", kms_key_id)
    monkeypatch.setenv("OPENVOD_ALLOW_PRIVATE_CALLBACKS", "true")
    # The vendor's three attempts; tests of the second tier switch it on.
    monkeypatch.setenv("OPENVOD_LONG_RETRIES", "false")
    _forget()
    database.run(empty_tables)
    yield
    _forget()


@pytest.fixture
def queue(deployment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    url = aws.sqs().create_queue(QueueName=f"deliveries-{secrets.token_hex(6)}")["QueueUrl"]
    monkeypatch.setenv("OPENVOD_DELIVERIES_QUEUE_URL", url)
    settings.cache_clear()
    yield Queue(url)
    aws.sqs().delete_queue(QueueUrl=url)


def subscribe(account_id: str, url: str, *selectors: Any, **more: Any) -> None:
    """An HTTP subscription of the default application, to all events unless some are named."""
    change = events.SubscriptionChange(
        channel="http",
        callback_url=url,
        selectors=selectors or (events.EventGroup.ALL,),
        **more,
    )
    events.change_subscription(account_id, APP, change)


def new_event(account_id: str, **more: Any) -> NewEvent:
    return NewEvent(
        account_id=account_id,
        app_id=APP,
        event_type=EventType.FILE_UPLOAD_COMPLETE,
        media_id=MEDIA,
        payload={"size": 1439213, "file_url": "http://example.com/source.mp4"},
        **more,
    )


def recorded(account_id: str, **more: Any) -> str:
    """Record an event in a transaction of its own; it is not announced."""
    return database.run(lambda tx: events.record(tx, new_event(account_id, **more)))


def recorded_and_announced(account_id: str, **more: Any) -> str:
    event_id = recorded(account_id, **more)
    events.announce([event_id])
    return event_id


def only_delivery(account_id: str, event_id: str) -> Any:
    """The one delivery of the event."""
    (delivery,) = deliveries_of(account_id, event_id)
    return delivery


def deliveries_of(account_id: str, event_id: str) -> list[Delivery]:
    return events.list_deliveries(account_id, DeliveryFilter(event_id=event_id))


def fanned_out(account_id: str, **more: Any) -> tuple[str, str]:
    """An event with its one delivery, not yet attempted; returns both ids."""
    event_id = recorded(account_id, **more)
    (claimed,) = fan_out([event_id], event_messages.render).claimed
    given_back = database.run(lambda tx: store.give_back(tx, [claimed.delivery], 0.0))
    assert given_back == [claimed.delivery.delivery_id]
    return event_id, claimed.delivery.delivery_id


def claim(delivery_id: str) -> Attempt | None:
    """Begin an attempt of one delivery, if one is to be begun."""
    return next(iter(attempts.claim([delivery_id])), None)


def state_of(account_id: str, event_id: str) -> list[str]:
    return [one.state for one in deliveries_of(account_id, event_id)]


def pass_time(seconds: float) -> None:
    """Let everything that is due later become due `seconds` earlier."""

    columns = (
        ("event", "announce_at"),
        ("delivery", "next_attempt_at"),
        ("delivery", "hint_at"),
        ("event_endpoint", "probe_at"),
        ("event_endpoint", "failing_since"),
    )

    def earlier(tx: database.Transaction) -> None:
        for table, column in columns:
            database.change(
                tx,
                f"UPDATE {table} SET {column} = {column} - %(seconds)s * interval '1 second'",
                seconds=seconds,
            )

    database.run(earlier)


def environment() -> dict[str, str]:
    """What a worker process of this deployment needs."""
    return dict(os.environ)


def _forget() -> None:
    settings.cache_clear()
    database.close()
    master_keys.forget()
    for client in (aws.s3, aws.sqs, aws.sns, aws.sts, aws.kms):
        client.cache_clear()


def empty_tables(tx: database.Transaction) -> None:
    """Take everything out of the tables of the room."""
    for table in (
        *("event", "delivery", "delivery_attempt"),
        *("event_subscription", "event_subscriber", "event_endpoint"),
    ):
        database.change(tx, f"DELETE FROM {table}")


def caller_of(account_id: str) -> Caller:
    """Somebody of the account; what he may do is not asked here."""
    return Caller(
        account_id=account_id,
        access_key_id="",
        principal="user/admin",
        rights=(),
        source_ip="",
        secure=True,
    )
