"""Processes to be killed: ``python -m tests.events.crash_process worker|changes ACCOUNT``.

The program imports everything once and then forks one process after the other, as it is asked to on
its standard input; each answer is the new process's id. "worker" takes hints from the deliveries
queue and works them off; "changes" makes state changes, each a row and its event in one
transaction, and announces them.
"""

import os
import signal
import sys
import uuid

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import FileUploadComplete
from chalicelib.handlers.deliveries import deliveries
from chalicelib.settings import settings
from chalicelib.store import database
from tests.events.conftest import APP, Queue


def work(account_id: str) -> None:
    del account_id
    queue = Queue(settings().deliveries_queue_url)
    while True:
        queue.work()


def change(account_id: str) -> None:
    while True:
        change_one(account_id)


def change_one(account_id: str) -> None:
    media_id = uuid.uuid4().hex

    def write(tx: database.Transaction) -> str:
        database.change(
            tx, "INSERT INTO account VALUES (%(m)s, now())", m=f"{account_id}/{media_id}"
        )
        about = About(account_id=account_id, app_id=APP, media_id=media_id)
        return events.emit(tx, about, FileUploadComplete())

    events.announce([database.run(write)])


def main() -> None:
    what, account_id = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    assert deliveries is not None
    print("ready", flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            {"worker": work, "changes": change}[what](account_id)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
