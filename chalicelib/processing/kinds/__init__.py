"""The kinds of jobs: each module here runs one and records what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from chalicelib.processing.lease import Lease
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, JobKind
from chalicelib.store.media import Media


@dataclass
class Followup:
    """What to announce after the commit: events recorded and jobs written in the transaction."""

    event_ids: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


class JobKindRunner(Protocol):
    """What a kind's module offers."""

    def run(self, job: Job, media: Media, workspace: Path, lease: Lease) -> str:
        """Do the work; returns the result as JSON. Raises media.errors.MediaError."""

    def succeeded(
        self, tx: Transaction, job: Job, media: Media, result: str, now: datetime
    ) -> Followup:
        """Record the result, in the transaction that ends the job."""

    def failed(
        self, tx: Transaction, job: Job, media: Media, code: str, message: str, now: datetime
    ) -> Followup:
        """Record the failure, in the transaction that ends the job."""


def kind_of(kind: JobKind) -> JobKindRunner:
    """The module of a kind, imported on first use."""
    return cast(JobKindRunner, import_module(f"chalicelib.processing.kinds.{kind}"))
