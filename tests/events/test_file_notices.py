"""News of tasks on files: who wants which, and that it arrives in topics and queues."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from chalicelib import events
from chalicelib.apis.event_messages import render
from chalicelib.apis.huawei_mpc.event_messages import MOST_OBJECTS
from chalicelib.apis.protocol.huawei_rest import projects
from chalicelib.events import About, FileNotice, NoticeChange, SettingInvalid, SettingMissing
from chalicelib.events.fan_out import fan_out
from chalicelib.events.file_notices import (
    Destination,
    TopicMissing,
    TopicRefused,
    destination,
)
from chalicelib.events.payloads import FileObject, FileOutput, FileTaskEnded, FileTaskStarted
from chalicelib.events.types import Event, new_event
from chalicelib.settings import settings
from chalicelib.store import database
from tests.conftest import ACCOUNT, REGION
from tests.events.conftest import APP, Queue, deliveries_of, only_delivery, subscribe

USER_DATA = 'an order: "7", ü'


@pytest.fixture(autouse=True)
def _for_files(deployment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENVOD_FILES_ROLE_ARN", f"arn:aws:iam::{ACCOUNT}:role/files")
    settings.cache_clear()


class Inbox:
    """A queue of the customer's, and the topic that fills it."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs")
        name = f"news-{secrets.token_hex(4)}"
        self.url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        let_in = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [let_in]})
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})
        self.topic_arn = boto3.client("sns").create_topic(Name=name)["TopicArn"]
        boto3.client("sns").subscribe(
            TopicArn=self.topic_arn,
            Protocol="sqs",
            Endpoint=self.arn,
            Attributes={"RawMessageDelivery": "true"},
        )

    def take(self) -> list[dict[str, Any]]:
        """The messages that have arrived."""
        answer = self._sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for one in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
        return [json.loads(one["Body"]) for one in answer.get("Messages", [])]

    def close(self) -> None:
        self._sqs.delete_queue(QueueUrl=self.url)
        boto3.client("sns").delete_topic(TopicArn=self.topic_arn)


@pytest.fixture
def inbox(deployment: None) -> Iterator[Inbox]:
    made = Inbox()
    yield made
    made.close()


def set_notice(account_id: str, notice: FileNotice, address: str, *, enabled: bool = True) -> None:
    change = NoticeChange(notice=notice, enabled=enabled, topic=address, address=address)
    events.set_notices(account_id, [change])


def payload(kind: str = "transcode", **more: Any) -> FileTaskEnded:
    given = {
        "number": 1764230400000123,
        "kind": kind,
        "state": "succeeded",
        "source": FileObject(bucket="films", key="in/a.mp4"),
        "target": FileObject(bucket="results", key="out/"),
        "outputs": (FileOutput(template_id="7", keys=("out/a.mp4",)),),
        "user_data": USER_DATA,
    }
    return FileTaskEnded.model_validate(given | more)


def emitted(account_id: str, facts: Any) -> str:
    about = About(account_id=account_id, app_id=APP, media_id="")
    event_id = database.run(lambda tx: events.emit(tx, about, facts))
    events.announce([event_id])
    return event_id


def delivered(account_id: str, event_id: str) -> bool:
    return [one.state for one in deliveries_of(account_id, event_id)] == ["delivered"]


def test_news_arrives_through_a_topic(queue: Queue, account_id: str, inbox: Inbox) -> None:
    set_notice(account_id, FileNotice.TRANSCODE_ENDED, inbox.topic_arn)
    before = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    event_id = emitted(account_id, payload())
    queue.work_until(lambda: delivered(account_id, event_id))
    (message,) = inbox.take()
    moment = message.pop("event_time")
    assert before <= moment <= datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    region = settings().region
    assert message == {
        "event_name": "TranscodeComplete",
        "event_id": event_id,
        "project_id": projects.project_id(account_id),
        "task_id": 1764230400000123,
        "status": "SUCCEEDED",
        "input": {"bucket": "films", "location": region, "object": "in/a.mp4"},
        "output": {"bucket": "results", "location": region, "object": "out/"},
        "results": [{"template_id": 7, "object": ["out/a.mp4"]}],
        "user_data": USER_DATA,
    }
    delivery = only_delivery(account_id, event_id)
    assert (delivery.channel, delivery.target) == ("topic", inbox.topic_arn)


def test_news_arrives_in_a_queue_once_for_each_event(
    queue: Queue, account_id: str, inbox: Inbox
) -> None:
    set_notice(account_id, FileNotice.TRANSCODE_STARTED, inbox.arn)
    common = payload().model_dump(include={"number", "kind", "source", "target"})
    event_id = emitted(account_id, FileTaskStarted.model_validate(common))
    events.announce([event_id, event_id])  # a hint twice is one message
    queue.work_until(lambda: delivered(account_id, event_id))
    queue.work()
    (message,) = inbox.take()
    assert (message["event_name"], message["status"]) == ("TranscodeStart", "TRANSCODING")
    assert "results" not in message
    assert "user_data" not in message


def test_what_is_off_or_set_elsewhere_is_not_told(
    queue: Queue, account_id: str, inbox: Inbox
) -> None:
    set_notice(account_id, FileNotice.REMUX_ENDED, inbox.arn)
    set_notice(account_id, FileNotice.THUMBNAILS_ENDED, inbox.arn, enabled=False)
    # Those who are told of all media are not told of tasks on files.
    subscribe(account_id, "http://127.0.0.1:9/")
    others = [emitted(account_id, payload("thumbnails")), emitted(account_id, payload("metadata"))]
    wanted = emitted(account_id, payload("remux"))
    queue.work_until(lambda: delivered(account_id, wanted))
    queue.work()
    assert [deliveries_of(account_id, other) for other in others] == [[], []]
    assert [message["event_name"] for message in inbox.take()] == ["RemuxComplete"]


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [
        ("transcode", "TranscodeComplete", "SUCCEEDED"),
        ("remux", "RemuxComplete", "SUCCEED"),
        ("animated", "AnimatedGraphicsComplete", "SUCCEED"),
        ("metadata", "ParseComplete", "SUCCEED"),
        ("thumbnails", "ThumbnailComplete", "SUCCEEDED"),
    ],
)
def test_every_kind_has_its_event_and_its_word_for_success(
    account_id: str, kind: str, name: str, status: str
) -> None:
    message = message_of(account_id, payload(kind))
    assert (message["event_name"], message["status"]) == (name, status)
    assert message_of(account_id, payload(kind, state="cancelled"))["status"] == "CANCELED"


def message_of(account_id: str, facts: FileTaskEnded) -> dict[str, Any]:
    about = About(account_id=account_id, app_id=APP, media_id="")
    new = new_event(about, facts)
    return render(Event.model_validate(new.model_dump() | {"id": "0" * 32}))


def test_a_failure_is_told_under_the_vendors_code(account_id: str) -> None:
    failed = FileOutput(keys=(), error_code="SourceBad", error_message="moov atom not found")
    facts = payload(
        state="failed", error_code="SourceBad", error_message="no index", outputs=(failed,)
    )
    message = message_of(account_id, facts)
    assert message["status"] == "FAILED"
    assert message["error_code"] == "MPC.10119"
    assert message["description"] == "Invalid input data, no index."
    assert message["results"] == [
        {
            "object": [],
            "error_code": "MPC.10119",
            "description": "Invalid input data, moov atom not found.",
        }
    ]


def test_a_message_never_outgrows_what_a_topic_takes(account_id: str) -> None:
    keys = tuple(f"{'k' * 1000}{number:06}.jpg" for number in range(5000))
    message = message_of(account_id, payload("thumbnails", outputs=(FileOutput(keys=keys),)))
    assert message["results"][0]["object"] == list(keys[:MOST_OBJECTS])
    assert len(json.dumps(message)) < 256 * 1024


def test_a_topic_that_is_gone_is_tried_again_and_then_a_dead_letter(
    queue: Queue, account_id: str, inbox: Inbox
) -> None:
    set_notice(account_id, FileNotice.TRANSCODE_ENDED, inbox.topic_arn)
    boto3.client("sns").delete_topic(TopicArn=inbox.topic_arn)
    event_id = emitted(account_id, payload())
    queue.work_until(lambda: any(one.attempts for one in deliveries_of(account_id, event_id)))
    delivery = only_delivery(account_id, event_id)
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert delivery.last_error == f"there is no topic {inbox.topic_arn}"


def test_settings_are_kept_and_changed_one_by_one(account_id: str, inbox: Inbox) -> None:
    assert [one.enabled for one in events.list_notices(account_id)] == [False] * 7
    change = NoticeChange(
        notice=FileNotice.REMUX_ENDED,
        enabled=True,
        topic="as I wrote it",
        address=inbox.arn,
        message_type=3,
    )
    events.set_notices(account_id, [change])
    events.set_notices(account_id, [NoticeChange(notice=FileNotice.REMUX_ENDED, enabled=False)])
    known = {one.notice: one for one in events.list_notices(account_id)}
    remux = known[FileNotice.REMUX_ENDED]
    assert (remux.enabled, remux.topic, remux.message_type) == (False, "as I wrote it", 3)
    # What is switched on again goes where it went before.
    events.set_notices(account_id, [NoticeChange(notice=FileNotice.REMUX_ENDED, enabled=True)])
    fanned = fan_out([emitted(account_id, payload("remux"))], render)
    assert [one.delivery.target for one in fanned.claimed] == [inbox.arn.rpartition(":")[2]]


def test_settings_are_taken_all_or_none(account_id: str, inbox: Inbox) -> None:
    good = NoticeChange(
        notice=FileNotice.REMUX_ENDED, enabled=True, topic="x", address=inbox.topic_arn
    )
    with pytest.raises(SettingMissing):
        without = NoticeChange(notice=FileNotice.METADATA_ENDED, enabled=True)
        events.set_notices(account_id, [good, without])
    for missing in (f"{inbox.arn}-gone", f"{inbox.topic_arn}-gone"):
        with pytest.raises(TopicMissing):
            set_notice(account_id, FileNotice.METADATA_ENDED, missing)
    assert not any(one.enabled for one in events.list_notices(account_id))


def test_a_topic_that_openvod_is_not_let_at_is_told_when_it_is_named(
    account_id: str, inbox: Inbox
) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:GetTopicAttributes",
                "Resource": inbox.topic_arn,
            }
        ],
    }
    boto3.client("sns").set_topic_attributes(
        TopicArn=inbox.topic_arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )
    with pytest.raises(TopicRefused):
        set_notice(account_id, FileNotice.METADATA_ENDED, inbox.topic_arn)


def test_an_address_is_a_topic_or_a_queue_of_our_own_account_and_region(deployment: None) -> None:
    sns, sqs = f"arn:aws:sns:{REGION}:{ACCOUNT}", f"arn:aws:sqs:{REGION}:{ACCOUNT}"
    assert destination(f"{sns}:news") == Destination("topic", f"{sns}:news")
    assert destination("news") == Destination("topic", f"{sns}:news")
    assert destination(f"{sqs}:news") == Destination("queue", "news")
    for wrong in (
        *("", "news.fifo", "a b", "new\ns", "n" * 257, "openvod-prod-jobs", f"{sqs}:openvod-x"),
        *(f"{sns}:", f"{sns}:a:b", f"{sqs}:{'n' * 81}", f"{sqs}:news.fifo", f"{sns}:news\n"),
        f"arn:aws:sns:{REGION}:999999999999:news",
        f"arn:aws:sns:eu-west-1:{ACCOUNT}:news",
        f"arn:aws-cn:sns:{REGION}:{ACCOUNT}:news",
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:news",
        "arn:aws:s3:::news",
        "http://127.0.0.1/",
    ):
        with pytest.raises(SettingInvalid):
            destination(wrong)
