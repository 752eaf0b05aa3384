"""The kinds of jobs: each module here runs one and records what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.processing.lease import Lease, Leases
from chalicelib.processing.subjects import Subject
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, JobKind
from chalicelib.store.media import Media

if TYPE_CHECKING:
    from chalicelib.media.errors import MediaError

# Kinds of which several jobs of one task may run together on one source.
GREGARIOUS: frozenset[JobKind] = frozenset({"transcode"})


@dataclass
class Followup:
    """What to announce after the commit: events recorded and jobs written in the transaction.

    ``plan_id``: the plan that a chunk was part of; it may go on now.
    """

    event_ids: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    plan_id: str = ""


class JobKindRunner(Protocol):
    """What a kind's module offers."""

    def run(self, job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
        """Do the work; returns the result as JSON. Raises media.errors.MediaError."""

    def succeeded(
        self, tx: Transaction, job: Job, media: Media, result: str, now: datetime
    ) -> Followup:
        """Record the result of work on a medium, in the transaction that ends the job."""

    def failed(
        self, tx: Transaction, job: Job, media: Media, code: str, message: str, now: datetime
    ) -> Followup:
        """Record that work on a medium failed, in the transaction that ends the job."""


def kind_of(kind: JobKind) -> JobKindRunner:
    """The module of a kind, imported on first use."""
    return cast(JobKindRunner, import_module(f"chalicelib.processing.kinds.{kind}"))


@dataclass(frozen=True)
class Failure:
    """A job that has failed for good, by what others have found."""

    code: str
    message: str


Ended = tuple[Job, "str | MediaError | Failure"]
"""A job with its result as JSON, or with what went wrong with this one alone."""


class GregariousKind(Protocol):
    """What the module of a kind offers besides whose jobs may run together."""

    def companions(self, tx: Transaction, job: Job, now: datetime) -> list[Job]:
        """The waiting jobs to take together with this one."""

    def run_together(
        self, work: Sequence[Job], subject: Subject, workspace: Path, leases: Leases
    ) -> Iterator[Ended]:
        """Do the work; yields each job as it ends. Raises what is wrong with all that are left.

        A job that is never yielded has been handed on: others go on with it.
        """


def gregarious(kind: JobKind) -> GregariousKind:
    """The module of a kind in GREGARIOUS, imported on first use."""
    return cast(GregariousKind, import_module(f"chalicelib.processing.kinds.{kind}"))
