"""Making one rendition of a media."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from chalicelib.events.payloads import StreamTranscodeComplete
from chalicelib.library.media import facts_of
from chalicelib.media.encode import Output
from chalicelib.media.errors import MediaError, SourceBad
from chalicelib.media.transcode import transcode_renditions
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import announcements
from chalicelib.processing.encryption import is_encrypted
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.output_names import rendition_name
from chalicelib.processing.rendition_keys import key_of
from chalicelib.processing.sources import open_source
from chalicelib.processing.workflow_runs import work_ended
from chalicelib.settings import settings
from chalicelib.store import jobs, media, objects, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job, Task
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.outputs import Stream

# Encoding is most of the work; uploading the rest.
_SHARE_OF_ENCODING = 0.95


class NotAnalysedYet(MediaError):
    """The transcode was asked for before the analysis of the upload had ended."""

    reason = "NotAnalysedYet"
    retryable = True


class Made(BaseModel):
    """The result of a transcode job: the object to open, and the facts of the rendition."""

    key: str
    size: int
    facts: MediaFacts


def run(job: Job, record: Media, workspace: Path, lease: Lease) -> str:
    """Encode from the source in place into the workspace, then upload, the manifest last."""
    spec = RenditionSpec.model_validate_json(job.spec)
    source = open_source(record, workspace, seconds=settings().transcode_seconds + 600)
    name = rendition_name(job)
    (made,) = transcode_renditions(
        source,
        _known_facts(record),
        [Output(spec, name.rsplit("/", 1)[1], key_of(job))],
        workspace,
        on_progress=lambda fraction: lease.report(fraction * _SHARE_OF_ENCODING),
        cancelled=lease.lost,
        time_limit_seconds=settings().transcode_seconds,
        max_output_bytes=settings().max_output_bytes,
    )
    folder = name.rsplit("/", 1)[0]
    for done, path in enumerate(made.files, start=1):
        objects.upload(path, f"{folder}/{path.name}")
        uploaded = done / len(made.files)
        lease.report(_SHARE_OF_ENCODING + (1 - _SHARE_OF_ENCODING) * uploaded)
    size = sum(path.stat().st_size for path in made.files)
    key = f"{folder}/{made.entry.name}"
    return Made(key=key, size=size, facts=made.facts).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Record the stream, and end the task if this was its last job."""
    made = Made.model_validate_json(result)
    stream = Stream(
        job_id=job.job_id,
        account_id=job.account_id,
        media_id=job.media_id,
        generation=job.generation,
        template_id=job.template_id,
        definition=job.definition,
        format=_format(job),
        object_key=made.key,
        size=made.size,
        facts=made.facts.model_dump_json(),
        original=False,
        created_at=now,
        modified_at=now,
    )
    outputs.drop_overwritten(tx, stream)
    outputs.put_stream(tx, stream)
    told = announcements.stream_complete(tx, record, job, _finished(job, stream))
    return _count(tx, job, record, now, told, good=True)


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """Tell of the failure, and end the task if this was its last job."""
    outcome = announcements.failed_stream(job, _format(job), code, message)
    told = announcements.stream_complete(tx, record, job, outcome)
    return _count(tx, job, record, now, told, good=False)


def _count(
    tx: Transaction, job: Job, record: Media, now: datetime, told: str, *, good: bool
) -> Followup:
    task = jobs.count_finished(tx, job.task_id, succeeded=good)
    if task.finished < task.total:
        return Followup([told])
    jobs.complete_task(tx, task.task_id, now)
    current = media.get_any(tx, record.media_id)
    if current is not None and current.status == MediaStatus.TRANSCODING:
        if task.succeeded:
            media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
        else:
            last = next(item for item in jobs.jobs_of_task(tx, task.task_id) if item.error_code)
            media.record_failure(tx, record.media_id, last.error_code, last.error_message, now)
    outcomes = _outcomes(tx, task)
    done = Followup([told, announcements.transcode_complete(tx, record, task, outcomes)])
    done.jobs += work_ended(tx, record, task.task_id, now, succeeded=task.succeeded > 0)
    return done


def _outcomes(tx: Transaction, task: Task) -> list[StreamTranscodeComplete]:
    streams = {made.job_id: made for made in outputs.streams_of(tx, task.media_id)}
    return [
        _finished(job, streams[job.job_id])
        if job.job_id in streams
        else announcements.failed_stream(job, _format(job), job.error_code, job.error_message)
        for job in jobs.jobs_of_task(tx, task.task_id)
    ]


def _finished(job: Job, stream: Stream) -> StreamTranscodeComplete:
    return announcements.finished_stream(stream, encrypted=is_encrypted(job))


def _format(job: Job) -> str:
    return RenditionSpec.model_validate_json(job.spec).container


def _known_facts(record: Media) -> MediaFacts:
    facts = facts_of(record)
    if facts is not None:
        return facts
    if record.error_code:
        raise SourceBad(record.error_message)
    raise NotAnalysedYet("the source has not been analysed yet")
