"""The bucket's notifications in the test's hands: held back, looked at, sent when and how often
the test likes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.layout import AWS_ACCOUNT, AWS_REGION
from tests.stack_fixture import Stack

_NAME = "held-back"


@dataclass
class HeldBack:
    """The queue that the bucket tells instead of the product's."""

    stack: Stack
    sqs: Any
    url: str

    def take(self) -> str:
        """The body of the next notification; the queue forgets it."""

        def receive() -> list[Any]:
            got = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=1)
            return list(got.get("Messages", []))

        (message,) = self.stack.until("the bucket tells of an object", receive, 20)
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return str(message["Body"])

    def deliver(self, body: str, times: int = 1) -> None:
        """Put a notification into the product's queue, and wait until it has been worked off."""
        url = self.stack.info["queue_urls"]["StorageEventsQueueUrl"]
        for _ in range(times):
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.stack.until("the storage events are worked off", lambda: self._is_empty(url))

    def _is_empty(self, url: str) -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return all(found[name] == "0" for name in names)


@contextmanager
def held_back(stack: Stack) -> Iterator[HeldBack]:
    """While this lasts, the product hears of no upload; afterwards all is as before."""
    s3, sqs = stack.aws("s3"), stack.aws("sqs")
    arn = f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:{_NAME}"
    bucket = {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{stack.bucket}"}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": bucket,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=_NAME, Attributes={"Policy": policy})["QueueUrl"]
    before = s3.get_bucket_notification_configuration(Bucket=stack.bucket)
    del before["ResponseMetadata"]
    (rule,) = before["QueueConfigurations"]
    redirected = {"QueueConfigurations": [{**rule, "QueueArn": arn}]}
    s3.put_bucket_notification_configuration(
        Bucket=stack.bucket, NotificationConfiguration=redirected
    )
    queue = HeldBack(stack, sqs, url)
    try:
        # S3 tries the queue out before it uses it.
        assert json.loads(queue.take())["Event"] == "s3:TestEvent"
        yield queue
    finally:
        s3.put_bucket_notification_configuration(
            Bucket=stack.bucket, NotificationConfiguration=before
        )
        sqs.delete_queue(QueueUrl=url)
