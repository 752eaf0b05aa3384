"""kill -9 at random moments: no change without its event, none lost, the same id when repeated.

The short form of ``make test-events-crash``, which does the same to a whole stack.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from chalicelib import events
from chalicelib.events import attempts
from chalicelib.store import database
from tests.events.conftest import Queue, environment, pass_time, subscribe
from tests.events.receivers import answers, receiver

KILLS = 12


class Mortal:
    """A process that is started again whenever it is killed."""

    def __init__(self, what: str, account_id: str) -> None:
        command = [sys.executable, "-m", "tests.events.crash_process", what, account_id]
        # Its standard output is how it answers: no metrics in between.
        quiet = environment() | {"OPENVOD_LOG_FORMAT": "text"}
        self._maker = subprocess.Popen(
            command, env=quiet, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == "ready"
        self.start()

    def _answer(self) -> str:
        assert self._maker.stdout is not None
        return self._maker.stdout.readline().strip()

    def start(self) -> None:
        assert self._maker.stdin is not None
        self._maker.stdin.write("\n")
        self._maker.stdin.flush()
        self._pid = int(self._answer())

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        self._maker.kill()
        self._maker.wait()


@contextlib.contextmanager
def mortal(what: str, account_id: str) -> Iterator[Mortal]:
    process = Mortal(what, account_id)
    try:
        yield process
    finally:
        process.end()


def _changes(account_id: str) -> set[str]:
    rows = database.run(
        lambda tx: database.many(
            tx, "SELECT account_id FROM account WHERE account_id LIKE %(a)s", a=f"{account_id}/%"
        )
    )
    return {row["account_id"].partition("/")[2] for row in rows}


def _events(account_id: str) -> dict[str, str]:
    rows = database.run(
        lambda tx: database.many(
            tx, "SELECT media_id, event_id FROM event WHERE account_id = %(a)s", a=account_id
        )
    )
    assert len({row["media_id"] for row in rows}) == len(rows)
    return {row["media_id"]: row["event_id"] for row in rows}


def test_nothing_is_lost_whoever_is_killed(queue: Queue, account_id: str) -> None:
    chance = random.Random(int(account_id))
    with receiver(answers(200)) as there:
        subscribe(account_id, there.url)
        with mortal("worker", account_id) as worker, mortal("changes", account_id) as changes:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.05, 0.5))
                victim = chance.choice([worker, changes])
                victim.kill()
                victim.start()
        made = _changes(account_id)
        told = _events(account_id)
        assert made == set(told)
        assert len(made) > KILLS

        def arrived() -> bool:
            # The lease of what the last worker had in hand ends, and the timer looks around.
            pass_time(attempts.LEASE_SECONDS + 16)
            events.relay_pending()
            return set(told.values()) <= {one.headers["webhook-id"] for one in there.requests}

        queue.work_until(arrived)
    bodies = {(one.headers["webhook-id"], one.body) for one in there.requests}
    assert len(bodies) == len(told), "what comes twice carries the same id and the same body"
