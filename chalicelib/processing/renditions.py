"""Making renditions: several from one decoding, or one out of the chunks that others made."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from chalicelib.media.encode import Output
from chalicelib.media.join import join_rendition
from chalicelib.media.probe import probe
from chalicelib.media.readback import RenditionResult
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import costs, unfinished
from chalicelib.processing.kinds import Ended, Failure
from chalicelib.processing.lease import Lease, Leases
from chalicelib.processing.output_names import files_name, rendition_name
from chalicelib.processing.publishing import Publication, Publisher
from chalicelib.processing.rendition_keys import key_of
from chalicelib.processing.sources import open_files, open_source
from chalicelib.processing.splitting import ChunkPart, ChunkResult, ChunkSpec, PlanSpec
from chalicelib.processing.subjects import Subject, output_bucket
from chalicelib.settings import settings
from chalicelib.store import database, objects, outputs, splits
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.outputs import Stream

# Encoding is most of the work; uploading the rest.
_SHARE_OF_ENCODING = 0.95


class Made(BaseModel):
    """The result of a transcode job: the object to open, and the facts of the rendition.

    ``encoder_seconds``: how long ffmpeg ran, for it and for what was made in the same run.
    """

    key: str
    size: int
    facts: MediaFacts
    encoder_seconds: float = 0.0


def encode_together(
    work: Sequence[Job], subject: Subject, facts: MediaFacts, workspace: Path, leases: Leases
) -> Iterator[Ended]:
    """Make the renditions of these jobs in one run, each into the bucket as it comes."""
    outputs = [_output(job) for job in work]
    readable = settings().transcode_seconds + 600
    source = open_source(subject, workspace, seconds=readable)
    held = [leases.of(job.job_id) for job in work]

    def report(fraction: float) -> None:
        for lease in held:
            lease.report(fraction * _SHARE_OF_ENCODING)
        publisher.grow()

    began = time.monotonic()
    with _publisher(work, held, subject, facts, workspace) as publisher:
        made = transcode_renditions(
            source,
            facts,
            outputs,
            workspace,
            files=open_files(subject, (output.spec for output in outputs), seconds=readable),
            on_progress=report,
            cancelled=leases.all_lost,
            time_limit_seconds=settings().transcode_seconds,
            max_output_bytes=settings().max_output_bytes,
            on_file=publisher.take,
            held=publisher.is_full,
        )
        seconds = time.monotonic() - began
        for number, (job, rendition) in enumerate(zip(work, made, strict=True)):
            if not held[number].lost():
                yield job, _published(job, publisher, number, rendition)
    loads = [costs.rendition_load(facts, output.spec) for output in outputs]
    costs.learn([costs.decoding_load(facts), *loads], seconds)


def join_chunks(
    job: Job, subject: Subject, facts: MediaFacts, workspace: Path, lease: Lease
) -> Ended:
    """Make the rendition out of what the chunks of its plan made."""
    plan, chunks = _plan(job.plan_id or "")
    mine = next((one for one in plan.renditions if one.job_id == job.job_id), None)
    failure = _failure(job, chunks)
    if failure is not None or mine is None:
        return job, failure or Failure("Internal", "the plan does not know this rendition")
    pictures, sound = _parts(job, mine.sound, chunks)
    seconds = settings().transcode_seconds
    urls = [objects.presigned_url(part.key, seconds + 600) for part in pictures]

    def report(fraction: float) -> None:
        lease.report(_SHARE_OF_ENCODING + (1 - _SHARE_OF_ENCODING) * fraction)
        publisher.grow()

    with _publisher([job], [lease], subject, facts, workspace) as publisher:
        made = join_rendition(
            urls,
            sum(part.frames for part in pictures),
            objects.presigned_url(sound.key, seconds + 600) if sound else None,
            facts,
            Output(mine.spec, _base_name(job), key_of(job), growing=_grows(job)),
            workspace,
            on_progress=report,
            cancelled=lease.lost,
            time_limit_seconds=seconds,
            max_output_bytes=settings().max_output_bytes,
            on_file=publisher.take,
            held=publisher.is_full,
        )
        return job, _published(job, publisher, 0, made)


def _output(job: Job) -> Output:
    spec = RenditionSpec.model_validate_json(job.spec)
    return Output(spec, _base_name(job), key_of(job), growing=_grows(job))


def _files(job: Job) -> str:
    return files_name(rendition_name(job), RenditionSpec.model_validate_json(job.spec))


def _base_name(job: Job) -> str:
    return rendition_name(job).rpartition("/")[2]


def _publisher(
    work: Sequence[Job],
    held: Sequence[Lease],
    subject: Subject,
    facts: MediaFacts,
    workspace: Path,
) -> Publisher:
    """Note what is going to be written, then be ready to write it."""
    bucket = output_bucket(subject)
    if bucket is None:
        unfinished.note_outputs({job.job_id: _files(job) for job in work})
    publications = [
        Publication(lease, rendition_name(job), _playable(job, facts) if _grows(job) else None)
        for job, lease in zip(work, held, strict=True)
    ]
    return Publisher(publications, workspace, bucket)


def _grows(job: Job) -> bool:
    if job.file_task is not None:
        return False
    spec = RenditionSpec.model_validate_json(job.spec)
    if spec.container != "m3u8" or spec.segments.kind != "mpegts" or not spec.segments.even:
        return False
    return settings().playable_while_transcoding and spec.encryption is None


def _playable(job: Job, source: MediaFacts) -> Callable[[Path], None]:
    """What records the rendition as one that plays when its first segment is there."""

    def record(segment: Path) -> None:
        facts = probe(segment).model_copy(update={"duration": source.duration})
        made = Made(key=f"{rendition_name(job)}.m3u8", size=facts.size or 0, facts=facts)
        stream = stream_of(job, made, datetime.now(UTC))
        database.run(lambda tx: outputs.put_stream(tx, stream))

    return record


def stream_of(job: Job, made: Made, now: datetime) -> Stream:
    """The record of a rendition."""
    return Stream(
        job_id=job.job_id,
        account_id=job.account_id,
        media_id=job.media_id,
        generation=job.generation,
        template_id=job.template_id,
        definition=job.definition,
        format=RenditionSpec.model_validate_json(job.spec).container,
        object_key=made.key,
        size=made.size,
        facts=made.facts.model_dump_json(),
        original=False,
        created_at=now,
        modified_at=now,
    )


def _published(job: Job, publisher: Publisher, number: int, made: RenditionResult) -> str:
    key = publisher.finish(number, made)
    if job.attempts > 1 and job.file_task is None:
        # An earlier attempt that was cut otherwise may have left segments that this one has not.
        unfinished.remove_files(_files(job), keep=publisher.keys(number))
    size = made.facts.size or 0
    result = Made(key=key, size=size, facts=made.facts, encoder_seconds=made.encoder_seconds)
    return result.model_dump_json()


def _plan(plan_id: str) -> tuple[PlanSpec, list[Job]]:
    def read(tx: Transaction) -> tuple[str, list[Job]]:
        plan = splits.get_plan(tx, plan_id)
        return (plan.spec if plan else ""), splits.chunks_of(tx, plan_id)

    spec, chunks = database.run(read)
    if not spec:
        return PlanSpec(renditions=(), sounds=()), []
    return PlanSpec.model_validate_json(spec), chunks


def _failure(job: Job, chunks: Sequence[Job]) -> Failure | None:
    """Why the rendition cannot be made, as the first chunk that failed says."""
    for chunk in chunks:
        if chunk.state == "failed":
            return Failure(chunk.error_code, chunk.error_message)
        if chunk.state == "succeeded":
            part = _results(chunk).parts.get(job.job_id)
            if part is not None and part.error_code:
                return Failure(part.error_code, part.error_message)
    return None


def _parts(
    job: Job, sound: int | None, chunks: Sequence[Job]
) -> tuple[list[ChunkPart], ChunkPart | None]:
    """The rendition's pieces in their order, and its sound."""
    pictures, heard = [], None
    for chunk in chunks:
        parts = _results(chunk).parts
        if ChunkSpec.model_validate_json(chunk.spec).part == "picture":
            pictures.append(parts[job.job_id])
        elif sound is not None:
            heard = parts[str(sound)]
    return pictures, heard


def _results(chunk: Job) -> ChunkResult:
    return ChunkResult.model_validate_json(chunk.result)
