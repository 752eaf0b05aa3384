"""A queue's messages on their way to a function: a real worker process, a real queue."""

import hashlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from local.layout import PROJECT
from local.sqs_events import failed_ids
from tests.stack_fixture import Stack


class RunningWorker:
    """A worker process, what its function tells, and its queue."""

    def __init__(self, stack: Stack, batch_size: int) -> None:
        self.sqs = stack.aws("sqs")
        self.name = f"tests-{uuid.uuid4().hex}"
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        aws = stack.info["aws"]
        environment = {
            "AWS_ENDPOINT_URL": aws["endpoint_url"],
            "AWS_ACCESS_KEY_ID": aws["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": aws["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": aws["region_name"],
        }
        command = [sys.executable, "-m", "tests.stack.worker_process", self.url, str(batch_size)]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ | environment, stdout=subprocess.PIPE
        )
        self._told: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self.tells() == "ready"

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._told.put(json.loads(line))

    def tells(self) -> Any:
        return self._told.get(timeout=30)

    def tells_nothing(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._told.empty()

    def send(self, **order: Any) -> str:
        sent = self.sqs.send_message(
            QueueUrl=self.url,
            MessageBody=json.dumps(order),
            MessageAttributes={"kind": {"DataType": "String", "StringValue": "test"}},
        )
        return str(sent["MessageId"])

    def left(self) -> int:
        """How many messages the queue has, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def until_empty(self) -> None:
        deadline = time.monotonic() + 20
        while self.left():
            assert time.monotonic() < deadline, "a message was not deleted"
            time.sleep(0.05)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def worker(stack: Stack) -> Iterator[RunningWorker]:
    running = RunningWorker(stack, batch_size=1)
    yield running
    running.end()


def test_a_message_comes_as_lambda_would_hand_it_over_and_is_deleted(worker: RunningWorker) -> None:
    message_id = worker.send(seconds=0)
    told = worker.tells()
    record = told["record"]
    assert told["function"] == "openvod-local-tests"
    assert record["messageId"] == message_id
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == f"arn:aws:sqs:us-east-1:123456789012:{worker.name}"
    assert record["awsRegion"] == "us-east-1"
    assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["kind"]["stringValue"] == "test"
    assert record["messageAttributes"]["kind"]["dataType"] == "String"
    worker.until_empty()


@pytest.mark.parametrize("order", ["fail", "raise"])
def test_a_message_that_fails_comes_again(worker: RunningWorker, order: str) -> None:
    message_id = worker.send(**{order: True})
    counts = [worker.tells()["record"] for _ in range(2)]
    assert [record["messageId"] for record in counts] == [message_id] * 2
    assert [r["attributes"]["ApproximateReceiveCount"] for r in counts] == ["1", "2"]


def test_of_a_batch_only_what_failed_comes_again(stack: Stack) -> None:
    worker = RunningWorker(stack, batch_size=10)
    try:
        good, bad = worker.send(name="good"), worker.send(name="bad", fail=True)
        seen = [worker.tells()["record"]["messageId"] for _ in range(3)]
        assert sorted(seen) == sorted([good, bad, bad])
        assert worker.left() == 1
    finally:
        worker.end()


def test_a_message_stays_hidden_while_the_function_works_on_it(worker: RunningWorker) -> None:
    # More than twice as long as the queue would hide it.
    worker.send(seconds=8)
    worker.tells()
    assert worker.tells_nothing(7)
    assert worker.left() == 1
    worker.until_empty()


def test_a_worker_that_is_asked_to_stop_finishes_what_is_short(worker: RunningWorker) -> None:
    worker.send(seconds=2)
    worker.tells()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(30) == 0
    assert worker.left() == 0


def test_a_worker_that_is_asked_to_stop_gives_back_what_is_long(
    worker: RunningWorker, stack: Stack
) -> None:
    message_id = worker.send(seconds=600)
    worker.tells()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(30) == 0
    again = worker.sqs.receive_message(QueueUrl=worker.url, WaitTimeSeconds=0)["Messages"]
    assert [message["MessageId"] for message in again] == [message_id]


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        # What Lambda does not understand fails the batch.
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, {"a", "b"}),
        ({"batchItemFailures": [{}]}, {"a", "b"}),
        ({"batchItemFailures": None}, set()),
        ("done", {"a", "b"}),
    ],
)
def test_partial_batch_answers_follow_lambdas_rules(answer: Any, failed: set[str]) -> None:
    messages: Any = [{"MessageId": "a"}, {"MessageId": "b"}]
    assert failed_ids(answer, messages) == failed
