"""Records events in a stack as its functions do: a transaction, then an announcement."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from chalicelib import events
from chalicelib.events import About, EventGroup, SubscriptionChange
from chalicelib.events.payloads import FileUploadComplete
from chalicelib.store import database
from local.attachment import attach_to
from local.testing import RunningStack

APP = "app-1000000"
AUTH_KEY = "Bench4Key"
_PAYLOAD = FileUploadComplete(size=1439213, file_url="http://example.com/source.mp4")


class EventSource:
    """A stack's application whose events go to all of these addresses."""

    def __init__(self, stack: RunningStack, urls: list[str]) -> None:
        attach_to(stack.info)
        self._account = str(stack.info["account_id"])
        wishes = [
            SubscriptionChange(
                channel="http",
                callback_url=url,
                selectors=(EventGroup.ALL,),
                auth_key=AUTH_KEY,
                signed=True,
            )
            for url in urls
        ]
        events.change_subscription(self._account, APP, wishes[0])
        for wish in wishes[1:]:
            events.add_subscriber(self._account, APP, wish)

    def record_one(self) -> str:
        """Record and announce one event; returns its id."""
        about = About(account_id=self._account, app_id=APP, media_id=os.urandom(16).hex())
        event_id = database.run(lambda tx: events.emit(tx, about, _PAYLOAD))
        events.announce([event_id])
        return event_id

    def record_many(self, count: int, threads: int) -> None:
        """Record and announce events, each by itself, from several threads."""
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(self.record_one) for _ in range(count)]:
                done.result()
            barrier = threading.Barrier(threads)

            def close() -> None:
                barrier.wait()
                database.close()

            for done in [pool.submit(close) for _ in range(threads)]:
                done.result()
