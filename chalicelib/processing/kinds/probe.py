"""Analysing the source: its facts, and what follows from them for the media."""

from datetime import datetime
from pathlib import Path

from chalicelib.media.isolated import probe
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.snapshot import COVER_SNAPSHOTS
from chalicelib.processing import announcements
from chalicelib.processing.intake import new_job
from chalicelib.processing.kinds import Followup
from chalicelib.processing.lease import Lease
from chalicelib.processing.sources import open_source
from chalicelib.processing.submission import Wishes, create_task
from chalicelib.processing.template_groups import (
    NO_TRANSCODE_GROUP_ID,
    PLAYABLE_AS_UPLOADED,
    find_group,
    plays_as_uploaded,
)
from chalicelib.store import jobs, media, outputs
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media, MediaStatus
from chalicelib.store.outputs import Stream

_TIME_LIMIT_SECONDS = 60


def run(job: Job, record: Media, workspace: Path, lease: Lease) -> str:
    """Probe the source over a presigned URL; returns the JSON of its MediaFacts."""
    del job, lease
    source = open_source(record, workspace, seconds=_TIME_LIMIT_SECONDS * 2)
    return probe(source, timeout_seconds=_TIME_LIMIT_SECONDS).model_dump_json()


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Store the facts and start what the template group says."""
    if job.task_id:
        return _source_as_stream(tx, job, record, result, now)
    if not media.record_facts(tx, record.media_id, job.generation, result):
        return Followup()
    outputs.drop_originals(tx, record.media_id)
    facts = MediaFacts.model_validate_json(result)
    done = Followup(event_ids=[announcements.analysis_complete(tx, record, facts)])
    if record.template_group_id == NO_TRANSCODE_GROUP_ID:
        if plays_as_uploaded(record.template_group_id, record.extension):
            outputs.put_stream(tx, _original(job, record, result, now))
            done.event_ids.insert(0, announcements.upload_complete(tx, record))
        media.set_status(tx, record.media_id, MediaStatus.NORMAL, now)
    else:
        group = find_group(record.account_id, record.template_group_id)
        _, work = create_task(tx, record, group, "upload", Wishes(), now)
        done.jobs += work
        media.set_status(tx, record.media_id, MediaStatus.TRANSCODING, now)
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


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """The source cannot be read: nothing else is started, and its owner learns why."""
    if job.task_id:
        jobs.count_finished(tx, job.task_id, succeeded=False)
        jobs.complete_task(tx, job.task_id, now, code, message)
        if record.status == MediaStatus.TRANSCODING:
            media.record_failure(tx, record.media_id, code, message, now)
        return Followup()
    media.record_failure(tx, record.media_id, code, message, now)
    done = Followup(event_ids=[announcements.analysis_failed(tx, record, code, message)])
    if record.template_group_id == NO_TRANSCODE_GROUP_ID:
        if plays_as_uploaded(record.template_group_id, record.extension):
            done.event_ids.insert(0, announcements.upload_complete(tx, record))
        return done
    # The task fails as a whole (VOD API manual 8.5.3); no job of it is started.
    group = find_group(record.account_id, record.template_group_id)
    task, _ = create_task(tx, record, group, "upload", Wishes(), now, start=False)
    jobs.complete_task(tx, task.task_id, now, code, message)
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
    return Followup()


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
