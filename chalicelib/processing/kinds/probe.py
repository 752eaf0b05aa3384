"""Analysing the source: its facts, and what follows from them for the media."""

from datetime import datetime
from pathlib import Path

from chalicelib.media.isolated import probe
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS
from chalicelib.processing import announcements
from chalicelib.processing.built_in_groups import NO_TRANSCODE_GROUP_ID
from chalicelib.processing.errors import (
    TemplateGroupNotFound,
    WatermarkNotFound,
    WorkflowNotFound,
)
from chalicelib.processing.file_specs import FactsFound, FactsSpec
from chalicelib.processing.intake import new_job
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.sources import open_source
from chalicelib.processing.subjects import Subject, output_bucket
from chalicelib.processing.submission import Wishes, create_task, failed_task
from chalicelib.processing.template_groups import PLAYABLE_AS_UPLOADED, group_in, plays_as_uploaded
from chalicelib.processing.workflow_runs import start_run, work_ended
from chalicelib.processing.workflows import require_active
from chalicelib.store import jobs, media, objects, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTask
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.outputs import Stream

_TIME_LIMIT_SECONDS = 60

_GONE = (TemplateGroupNotFound, WatermarkNotFound, WorkflowNotFound)


def run(job: Job, subject: Subject, workspace: Path, lease: Lease) -> str:
    """Probe the source over a presigned URL; returns the JSON of its MediaFacts.

    Where the facts are themselves what a file task is to make, the JSON of a FactsFound.
    """
    del lease
    source = open_source(subject, workspace, seconds=_TIME_LIMIT_SECONDS * 2)
    facts = probe(source, timeout_seconds=_TIME_LIMIT_SECONDS)
    if not isinstance(subject, FileTask) or not job.task_id:
        return facts.model_dump_json()
    name = FactsSpec.model_validate_json(job.spec).file_name
    key = f"{subject.target_folder}{name}" if name else None
    if key is not None:
        objects.put_text(facts.model_dump_json(indent=2), key, output_bucket(subject))
    return FactsFound(facts=facts, key=key).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Store the facts and start what the template group says."""
    if job.task_id:
        return _source_as_stream(tx, job, record, result, now)
    if not media.record_facts(tx, record.media_id, job.generation, result):
        return Followup()
    outputs.drop_originals(tx, record.media_id)
    facts = MediaFacts.model_validate_json(result)
    done = Followup(event_ids=[announcements.analysis_complete(tx, record, facts)])
    try:
        _process(tx, job, record, result, now, done)
    except _GONE as gone:
        _cannot_process(tx, record, gone, now, done)
    if facts.has_video:
        cover = new_job(
            record,
            now,
            kind="snapshot",
            queue="quick",
            spec=COVER_SNAPSHOTS.model_dump_json(),
        ).model_copy(update={"definition": "cover"})
        jobs.insert_job(tx, cover)
        done.jobs.insert(0, cover)
    return done


def _process(
    tx: Transaction, job: Job, record: Media, result: str, now: datetime, done: Followup
) -> None:
    """What the upload asked for: a workflow, or else a template group."""
    if record.workflow_id:
        workflow = require_active(tx, record.account_id, record.workflow_id)
        media.set_status(tx, record.media_id, MediaStatus.UPLOADED, now)
        _, work = start_run(tx, record, workflow, "upload", now)
        done.jobs += work
        current = media.get_any(tx, record.media_id)
        if current is not None and current.status == MediaStatus.UPLOADED:
            media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
        return
    group = group_in(tx, record.account_id, record.template_group_id, record.app_id)
    if group.group_id == NO_TRANSCODE_GROUP_ID:
        if plays_as_uploaded(record.template_group_id, record.extension):
            outputs.put_stream(tx, _original(job, record, result, now))
            done.event_ids.insert(0, announcements.upload_complete(tx, record))
    elif group.makes_something:
        _, work = create_task(tx, record, group, "upload", Wishes(), now)
        done.jobs += work
        media.set_status(tx, record.media_id, MediaStatus.TRANSCODING, now)
        return
    media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)


def _cannot_process(
    tx: Transaction, record: Media, gone: Exception, now: datetime, done: Followup
) -> None:
    """What the upload asked for was deleted since: its owner learns it as of a failure."""
    code = type(gone).__name__
    message = f"what the upload asked for is no longer there: {gone}"
    media.record_failure(tx, record.media_id, code, message, now)
    task = failed_task(tx, record, code, message, now)
    done.event_ids.append(announcements.transcode_complete(tx, record, task, []))


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """The source cannot be read: nothing else is started, and its owner learns why."""
    if job.task_id:
        jobs.count_finished(tx, job.task_id, succeeded=False)
        jobs.complete_task(tx, job.task_id, now, code, message)
        if record.status == MediaStatus.TRANSCODING:
            media.record_failure(tx, record.media_id, code, message, now)
        return Followup(jobs=work_ended(tx, record, job.task_id, now, succeeded=False))
    media.record_failure(tx, record.media_id, code, message, now)
    done = Followup(event_ids=[announcements.analysis_failed(tx, record, code, message)])
    if record.template_group_id == NO_TRANSCODE_GROUP_ID:
        if plays_as_uploaded(record.template_group_id, record.extension):
            done.event_ids.insert(0, announcements.upload_complete(tx, record))
        return done
    # The task fails as a whole (VOD API manual 8.5.3); no job of it is started.
    task = failed_task(tx, record, code, message, now)
    done.event_ids.append(announcements.transcode_complete(tx, record, task, []))
    return done


def _source_as_stream(
    tx: Transaction, job: Job, record: Media, result: str, now: datetime
) -> Followup:
    """A task with the group that transcodes nothing: the source becomes a stream, if it plays."""
    playable = record.extension in PLAYABLE_AS_UPLOADED
    if playable:
        outputs.drop_originals(tx, record.media_id)
        outputs.put_stream(tx, _original(job, record, result, now))
    jobs.count_finished(tx, job.task_id, succeeded=playable)
    jobs.complete_task(tx, job.task_id, now)
    if record.status == MediaStatus.TRANSCODING:
        media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
    return Followup(jobs=work_ended(tx, record, job.task_id, now, succeeded=playable))


def _original(job: Job, record: Media, facts: str, now: datetime) -> Stream:
    return Stream(
        job_id=job.job_id,
        account_id=record.account_id,
        media_id=record.media_id,
        generation=job.generation,
        template_id="",
        definition="OD",
        format=record.extension,
        object_key=record.source_key,
        size=record.source_size or 0,
        facts=facts,
        original=True,
        created_at=now,
        modified_at=now,
    )
