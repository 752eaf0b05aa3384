"""A worker's hold on the jobs it runs: renewed by a thread while the work goes on."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType

from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store import database, jobs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job

# A cancelled job's encoder is killed and shown progress is renewed within two seconds; the encoder
# itself is looked at every half second.
_LONGEST_PAUSE_SECONDS = 1.5


class Lease:
    """One job's hold, as the work sees it.

    When it is lost (the job was cancelled, or given to another worker because this one was silent
    for too long), ``lost`` turns true and the work has to stop.
    """

    def __init__(self, job: Job) -> None:
        self.job_id = job.job_id
        self._progress = job.progress
        self._lost = threading.Event()

    def report(self, fraction: float) -> None:
        """Note how much is done: 0.0 to 1.0. It is written with the next renewal."""
        # 100 is reserved for the end: a job that shows it has its outputs recorded.
        self._progress = max(self._progress, min(99, int(fraction * 100)))

    def lost(self) -> bool:
        """Whether the work has to stop."""
        return self._lost.is_set()

    @property
    def progress(self) -> int:
        """What has been reported, in percent."""
        return self._progress

    def lose(self) -> None:
        """The job is no longer this worker's."""
        self._lost.set()


class Leases:
    """Renews the leases of jobs that run together, and carries their progress to the record."""

    def __init__(self, work: Sequence[Job], owner: str) -> None:
        self.owner = owner
        self._held = {job.job_id: Lease(job) for job in work}
        self._renewed = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)

    def of(self, job_id: str) -> Lease:
        """The lease of one of the jobs."""
        return self._held[job_id]

    def release(self, job_id: str) -> None:
        """The job has ended; its lease is renewed no more."""
        self._held = {key: lease for key, lease in self._held.items() if key != job_id}

    def all_lost(self) -> bool:
        """Whether nothing of the work is wanted here any more."""
        return all(lease.lost() for lease in self._held.values())

    def __enter__(self) -> "Leases":
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
        # Often enough that two renewals may fail.
        pause = min(_LONGEST_PAUSE_SECONDS, settings().job_lease_seconds / 4)
        while not self._done.wait(pause):
            try:
                self._renew()
            except Exception:
                log.exception("leases could not be renewed", extra={"owner": self.owner})
                self._check_age()
        database.close()

    def _renew(self) -> None:
        until = datetime.now(UTC) + timedelta(seconds=settings().job_lease_seconds)
        kept = [lease for lease in self._held.values() if not lease.lost()]

        def renew(tx: Transaction) -> list[Lease]:
            return [
                lease
                for lease in kept
                if not jobs.renew(tx, lease.job_id, self.owner, until, lease.progress)
            ]

        began = time.monotonic()
        for lease in database.run(renew):
            lease.lose()
        self._renewed = began

    def _check_age(self) -> None:
        """Leases that could not be renewed for their whole length are another worker's by now."""
        if time.monotonic() - self._renewed > settings().job_lease_seconds:
            for lease in self._held.values():
                lease.lose()
