"""A worker's hold on a job: renewed by a thread while the work goes on."""

import threading
from datetime import UTC, datetime, timedelta
from types import TracebackType

from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import database, jobs


class Lease:
    """Renews the job's lease and carries its progress to the record.

    When the lease is lost (the job was cancelled, or given to another worker because this one was
    silent for too long), ``lost`` turns true and the work has to stop.
    """

    def __init__(self, job_id: str, owner: str) -> None:
        self._job_id = job_id
        self._owner = owner
        self._progress = 0
        self._lost = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def report(self, fraction: float) -> None:
        """Note how much is done: 0.0 to 1.0. It is written with the next renewal."""
        # 100 is reserved for the end: a job that shows it has its outputs recorded.
        self._progress = max(self._progress, min(99, int(fraction * 100)))

    def lost(self) -> bool:
        """Whether the work has to stop."""
        return self._lost.is_set()

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _keep(self) -> None:
        # Often enough that progress is never more than 2 s old and two renewals may fail.
        pause = min(2.0, settings().job_lease_seconds / 4)
        while not self._done.wait(pause):
            try:
                self._renew()
            except Exception:
                log.exception("a lease could not be renewed", extra={"job_id": self._job_id})
        database.close()

    def _renew(self) -> None:
        until = datetime.now(UTC) + timedelta(seconds=settings().job_lease_seconds)
        renewed = database.run(
            lambda tx: jobs.renew(tx, self._job_id, self._owner, until, self._progress)
        )
        if not renewed:
            self._lost.set()
