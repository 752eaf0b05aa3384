"""What Lambda's event source mapping does on AWS: takes messages from a queue to a function.

The function runs in a thread of its own; the main thread keeps the messages invisible to others
meanwhile, and gives them back when the process is asked to stop.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.lambda_context import LambdaContext
from local.sqs_events import failed_ids, sqs_event

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

Handler = Callable[[dict[str, Any], LambdaContext], Any]

# Short: the emulator goes on with a poll whose client has died, and hides what comes in meanwhile.
_POLL_SECONDS = 2
_LONGEST_BACKOFF_SECONDS = 60
GRACE_SECONDS = 5.0  # how long a stopping process lets its function go on

_log = logging.getLogger("local.worker")


@dataclass(frozen=True)
class Source:
    """A queue and the function behind it."""

    function: str
    queue_url: str
    batch_size: int
    concurrency: int = 1  # how many batches are worked on at once, as by so many instances
    visibility_seconds: int = 60  # when a message of a worker that died comes again
    heartbeat_seconds: float = 20.0


class Worker:
    """Polls one queue until SIGTERM."""

    def __init__(self, source: Source, handler: Handler, ready: Callable[[], None]) -> None:
        self._source = source
        self._handler = handler
        self._ready = ready
        config = Config(
            read_timeout=_POLL_SECONDS + 10,
            retries={"mode": "standard"},
            max_pool_connections=2 * source.concurrency + 1,
        )
        self._sqs: SQSClient = boto3.client("sqs", config=config)
        self._executor = ThreadPoolExecutor(source.concurrency, thread_name_prefix=source.function)
        self._stopping = threading.Event()
        self._gave_up = False

    def run(self) -> None:
        """Take messages until asked to stop; the exit of the process follows."""
        signal.signal(signal.SIGTERM, lambda *_: self._stopping.set())
        others = [
            threading.Thread(target=self._poll, args=(_POLL_SECONDS,))
            for _ in range(self._source.concurrency - 1)
        ]
        for thread in others:
            thread.start()
        # The first look is a short one: it shows that queue, role and emulator are all there.
        self._poll(0)
        for thread in others:
            thread.join()
        if self._gave_up:
            _log.warning("%s: stopped in the middle of its work", self._source.function)
            os._exit(0)  # the supervisor ends whatever the function had started

    def _poll(self, seconds: int) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                messages = self._receive(seconds)
            except (BotoCoreError, ClientError) as error:
                failures += 1
                _log.warning("%s: cannot poll: %s", self._source.function, error)
                self._stopping.wait(min(0.2 * 2**failures, 5.0))
                continue
            if seconds == 0:
                self._ready()
            failures, seconds = 0, _POLL_SECONDS
            if messages:
                self._work(messages)

    def _receive(self, seconds: int) -> "list[MessageTypeDef]":
        answer = self._sqs.receive_message(
            QueueUrl=self._source.queue_url,
            MaxNumberOfMessages=self._source.batch_size,
            WaitTimeSeconds=seconds,
            VisibilityTimeout=self._source.visibility_seconds,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def _work(self, messages: "list[MessageTypeDef]") -> None:
        event = sqs_event(self._source.queue_url, messages)
        future = self._executor.submit(self._handler, event, LambdaContext(self._source.function))
        if not self._attend(future, messages):
            self._show_again(messages, 0)
            self._gave_up = True
            return
        try:
            failed = failed_ids(future.result(), messages)
        except Exception:
            _log.exception("%s failed", self._source.function)
            failed = {message["MessageId"] for message in messages}
        self._delete([m for m in messages if m["MessageId"] not in failed])
        for message in messages:
            if message["MessageId"] in failed:
                self._show_again([message], _backoff_seconds(message))

    def _attend(self, future: "Future[Any]", messages: "list[MessageTypeDef]") -> bool:
        """Wait for the function, renewing its messages; False when it has to be given up."""
        renewed = time.monotonic()
        give_up: float | None = None
        while not _done(future):
            now = time.monotonic()
            if self._stopping.is_set():
                give_up = give_up or now + GRACE_SECONDS
                if now > give_up:
                    return False
            if now - renewed > self._source.heartbeat_seconds:
                self._show_again(messages, self._source.visibility_seconds)
                renewed = now
        return True

    def _show_again(self, messages: "list[MessageTypeDef]", seconds: int) -> None:
        for message in messages:
            self._tell_queue(
                partial(
                    self._sqs.change_message_visibility,
                    QueueUrl=self._source.queue_url,
                    ReceiptHandle=message["ReceiptHandle"],
                    VisibilityTimeout=seconds,
                )
            )

    def _delete(self, messages: "list[MessageTypeDef]") -> None:
        for message in messages:
            self._tell_queue(
                partial(
                    self._sqs.delete_message,
                    QueueUrl=self._source.queue_url,
                    ReceiptHandle=message["ReceiptHandle"],
                )
            )

    def _tell_queue(self, call: Callable[[], object]) -> None:
        # A message that cannot be renewed or deleted comes again: the functions expect that.
        try:
            call()
        except (BotoCoreError, ClientError) as error:
            _log.warning("%s: %s", self._source.function, error)


def _done(future: "Future[Any]") -> bool:
    try:
        future.exception(timeout=0.2)
    except TimeoutError:
        return False
    return True


def _backoff_seconds(message: "MessageTypeDef") -> int:
    received = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1"))
    return int(min(2 ** min(received, 10), _LONGEST_BACKOFF_SECONDS))
