"""A customer's receiver of callbacks: a real HTTP server that checks every signature."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.events.receivers import Received, Receiver, answers, receiver
from tests.sdk.customer import Customer
from tests.stack_fixture import known_secrets

AUTH_KEY = "Signs0Callbacks"

TRANSCODED = Counter(
    {
        "FileUploadComplete": 1,
        "VideoAnalysisComplete": 1,
        "SnapshotComplete": 1,
        "StreamTranscodeComplete": 2,
        "TranscodeComplete": 1,
    }
)
"""The events of an upload that the built-in group with two templates transcodes."""


class Callbacks:
    """What a receiver has got, by video."""

    def __init__(self, server: Receiver) -> None:
        self._server = server

    @property
    def url(self) -> str:
        return self._server.url

    def subscribe(self, customer: Customer) -> None:
        known_secrets.add(AUTH_KEY)
        customer.call(
            "SetMessageCallback",
            CallbackType="HTTP",
            CallbackURL=self.url,
            EventTypeList="ALL",
            AuthSwitch="on",
            AuthKey=AUTH_KEY,
        )

    def of(self, video_id: str) -> list[dict[str, Any]]:
        """The events of a video in the order of their arrival, repetitions left out.

        Those of the library, which call it a medium (MediaId), are not among them.
        A repetition carries the same id and the same body as what it repeats.
        """
        events: dict[str, dict[str, Any]] = {}
        for received in list(self._server.requests):
            event = json.loads(received.body)
            if event.get("VideoId") == video_id:
                assert received.headers["content-type"] == "application/json"
                assert _is_signed(received, self.url)
                number = received.headers["webhook-id"]
                assert events.setdefault(number, event) == event
        return list(events.values())

    def counted(self, video_id: str) -> "Counter[str]":
        return Counter(event["EventType"] for event in self.of(video_id))

    def one(self, video_id: str, event_type: str) -> dict[str, Any]:
        (found,) = (e for e in self.of(video_id) if e["EventType"] == event_type)
        return found

    def expect(
        self, customer: Customer, video_id: str, expected: "Counter[str]", seconds: float = 60
    ) -> None:
        """Wait for these events; more of them, or others, are as wrong as too few."""
        what = f"{dict(expected)} for {video_id}, told by callbacks"
        customer.stack.until(what, lambda: self.counted(video_id) >= expected, seconds)
        settle(customer, video_id)
        assert self.counted(video_id) == expected


def settle(customer: Customer, *video_ids: str, seconds: float = 60) -> None:
    """Wait until nothing is left to be done for these videos: no job, no event, no delivery."""
    ids = list(video_ids)
    open_work = """
        SELECT 'job' AS kind, job_id AS id FROM job
         WHERE media_id = ANY(%s) AND state IN ('submitted', 'running')
        UNION ALL
        SELECT 'event', event_id FROM event WHERE media_id = ANY(%s) AND state = 'recorded'
        UNION ALL
        SELECT 'delivery', delivery_id FROM delivery
         WHERE media_id = ANY(%s) AND state = 'pending'
    """
    customer.stack.until(
        f"nothing is left to do for {ids}",
        lambda: not customer.stack.rows(open_work, ids, ids, ids),
        seconds,
    )


@contextmanager
def receiving() -> Iterator[Callbacks]:
    with receiver(answers(200)) as server:
        yield Callbacks(server)


def _is_signed(received: Received, url: str) -> bool:
    """As VOD developer guide 12.2 tells receivers to check."""
    content = f"{url}|{received.headers['x-vod-timestamp']}|{AUTH_KEY}"
    return hashlib.md5(content.encode()).hexdigest() == received.headers["x-vod-signature"]
