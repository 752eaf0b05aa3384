"""Encoding a piece of a long source: a span of its pictures, for all renditions, or its sounds."""

import contextlib
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from chalicelib.media.chunks import encode_sound, encode_span
from chalicelib.media.encode import Output, Span
from chalicelib.media.errors import MediaError, SourceBad
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.files import FileRef
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import costs, unfinished
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.planning import Load
from chalicelib.processing.sources import open_files, open_source
from chalicelib.processing.splitting import (
    ChunkPart,
    ChunkResult,
    ChunkSpec,
    PlanSpec,
    prefix_of,
)
from chalicelib.processing.subjects import Subject, facts_of
from chalicelib.settings import settings
from chalicelib.store import database, objects, splits
from chalicelib.store import unfinished as notes
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media

_SHARE_OF_ENCODING = 0.95


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Encode the piece and store it under the plan's prefix; returns the JSON of a ChunkResult."""
    facts = facts_of(subject)
    if facts is None:
        raise SourceBad("the source's analysis is gone")
    chunk = ChunkSpec.model_validate_json(job.spec)
    plan_id = job.plan_id or ""
    plan, wanted = _plan(plan_id)
    work = _Work(job, subject, facts, workspace, lease)
    unfinished.note_outputs({job.job_id: work.prefix(chunk)})
    if chunk.part == "sound":
        return work.sounds(plan, chunk)
    outputs = [
        (one.job_id, Output(one.spec, f"{number}"))
        for number, one in enumerate(plan.renditions)
        if one.job_id in wanted
    ]
    return work.pictures(outputs, chunk)


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """The plan may go on; what was stored stays until its renditions are joined."""
    del record, result, now
    notes.forget(tx, job.job_id)
    return Followup(plan_id=job.plan_id or "")


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """The plan's renditions fail with this; see ``splitting.advance``."""
    del tx, record, code, message, now
    return Followup(plan_id=job.plan_id or "")


def _plan(plan_id: str) -> tuple[PlanSpec, list[str]]:
    """The plan, and the ids of its renditions that are still wanted."""

    def read(tx: Transaction) -> tuple[str, list[str]]:
        plan = splits.get_plan(tx, plan_id)
        return (plan.spec if plan else ""), splits.open_renditions(tx, plan_id)

    spec, wanted = database.run(read)
    if not spec or not wanted:
        raise SourceBad("nothing of the plan is wanted any more")
    return PlanSpec.model_validate_json(spec), wanted


class _FaultOfOne(Exception):
    """What went wrong may be the fault of one of the renditions."""


def _of_all(error: MediaError, spec: RenditionSpec) -> bool:
    """Whether the others would fail with it too: it is the source, and no other file."""
    return isinstance(error, SourceBad) and spec.of_source_alone


class _Work:
    """One run of a chunk."""

    def __init__(
        self, job: Job, subject: Subject, facts: MediaFacts, workspace: Path, lease: Lease
    ) -> None:
        self._job, self._facts, self._workspace, self._lease = job, facts, workspace, lease
        self._seconds = settings().transcode_seconds
        self._subject = subject
        self._source = open_source(subject, workspace, seconds=self._seconds + 600)

    def _files(self, specs: Iterable[RenditionSpec]) -> dict[FileRef, str]:
        return open_files(self._subject, specs, seconds=self._seconds + 600)

    def prefix(self, chunk: ChunkSpec) -> str:
        """What the keys of this chunk begin with."""
        return f"{prefix_of(self._job.plan_id or '')}{chunk.part}-{chunk.number:05d}/"

    def pictures(self, outputs: Sequence[tuple[str, Output]], chunk: ChunkSpec) -> str:
        """All renditions from one decoding; one by one once that has failed."""
        if self._job.attempts == 1:
            with contextlib.suppress(_FaultOfOne):
                return ChunkResult(parts=self._together(outputs, chunk)).model_dump_json()
        parts: dict[str, ChunkPart] = {}
        for number, one in enumerate(outputs):
            share = number / len(outputs), (number + 1) / len(outputs)
            try:
                parts |= self._encode([one], chunk, *share)
            except MediaError as error:
                if len(outputs) == 1 or error.retryable or _of_all(error, one[1].spec):
                    raise
                parts[one[0]] = ChunkPart(error_code=error.reason, error_message=str(error))
        return ChunkResult(parts=parts).model_dump_json()

    def _together(
        self, outputs: Sequence[tuple[str, Output]], chunk: ChunkSpec
    ) -> dict[str, ChunkPart]:
        try:
            return self._encode(outputs, chunk, 0.0, 1.0)
        except MediaError as error:
            if error.retryable or all(_of_all(error, output.spec) for _, output in outputs):
                raise
            raise _FaultOfOne from error

    def _encode(
        self, outputs: Sequence[tuple[str, Output]], chunk: ChunkSpec, begin: float, end: float
    ) -> dict[str, ChunkPart]:
        began = time.monotonic()
        made = encode_span(
            self._source,
            self._facts,
            [output for _, output in outputs],
            Span(chunk.start, chunk.end),
            self._workspace,
            on_progress=lambda done: self._lease.report(
                (begin + (end - begin) * done) * _SHARE_OF_ENCODING
            ),
            cancelled=self._lease.lost,
            time_limit_seconds=self._seconds,
            max_output_bytes=settings().max_output_bytes,
            files=self._files(output.spec for _, output in outputs),
        )
        parts = {}
        for (job_id, output), piece in zip(outputs, made, strict=True):
            key = f"{self.prefix(chunk)}{output.base_name}{piece.path.suffix}"
            objects.upload(piece.path, key)
            piece.path.unlink()
            parts[job_id] = ChunkPart(key=key, frames=piece.frames)
        self._learn([output.spec for _, output in outputs], chunk, time.monotonic() - began)
        return parts

    def _learn(self, specs: Sequence[RenditionSpec], chunk: ChunkSpec, seconds: float) -> None:
        whole = self._facts.duration
        start = (chunk.start or 0) / 1e6
        end = chunk.end / 1e6 if chunk.end is not None else whole
        share = max(0.0, end - start) / whole if whole > 0 else 0.0
        loads: list[Load] = [costs.decoding_load(self._facts)]
        loads += [costs.picture_load(self._facts, spec) for spec in specs]
        part = [{key: amount * share for key, amount in load.items()} for load in loads]
        costs.learn(part, seconds)

    def sounds(self, plan: PlanSpec, chunk: ChunkSpec) -> str:
        """Every different sound of the plan, of the whole source, from one decoding."""
        made = encode_sound(
            self._source,
            self._facts,
            plan.sounds,
            self._workspace,
            on_progress=lambda done: self._lease.report(done * _SHARE_OF_ENCODING),
            cancelled=self._lease.lost,
            time_limit_seconds=self._seconds,
            max_output_bytes=settings().max_output_bytes,
            files=self._files(one.spec for one in plan.renditions),
        )
        parts = {}
        for number, path in enumerate(made):
            key = f"{self.prefix(chunk)}{number}{path.suffix}"
            objects.upload(path, key)
            parts[str(number)] = ChunkPart(key=key)
        return ChunkResult(parts=parts).model_dump_json()
