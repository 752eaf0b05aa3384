"""The pipeline's events, written into the outbox in the transaction of what they tell."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import (
    AiAuditComplete,
    AiDnaComplete,
    AiTagComplete,
    AnimatedImageComplete,
    EventPayload,
    FileObject,
    FileOutput,
    FileTaskEnded,
    FileTaskStarted,
    FileUploadComplete,
    ImageUploadComplete,
    LiveCompositionStarted,
    LiveRecordingComplete,
    LiveStream,
    Outcome,
    ProductionComplete,
    SnapshotComplete,
    SnapshotGroup,
    SnapshotKind,
    StreamTranscodeComplete,
    TranscodeComplete,
    VideoAnalysisComplete,
)
from chalicelib.identity.applications import DEFAULT_APP_ID
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.playback.urls import plain_url
from chalicelib.processing.built_in_groups import PREPROCESSING_GROUP_ID
from chalicelib.store.database import Transaction
from chalicelib.store.file_tasks import FileTask
from chalicelib.store.jobs import Job, Task
from chalicelib.store.media import Media
from chalicelib.store.outputs import SnapshotSet, Stream
from chalicelib.store.pictures import AnimatedImage

# Of pictures, which may be thousands: a message has to carry their keys.
_MOST_TOLD = 100


def upload_complete(tx: Transaction, media: Media) -> str:
    """The whole source has arrived. Each function here returns the id of its event."""
    payload = FileUploadComplete(size=media.source_size, file_url=plain_url(media.source_key))
    return _record(tx, media, payload)


def image_upload_complete(tx: Transaction, media: Media, outcome: Outcome) -> str:
    """An image has arrived and was looked at."""
    url = plain_url(media.source_key)
    payload = ImageUploadComplete(status=outcome, size=media.source_size, file_url=url)
    return _record(tx, media, payload)


def analysis_complete(tx: Transaction, media: Media, facts: MediaFacts) -> str:
    """The source could be read."""
    seen = facts.has_video
    payload = VideoAnalysisComplete(
        status=Outcome.SUCCESS,
        width=facts.width if seen else None,
        height=facts.height if seen else None,
        fps=facts.fps if seen else None,
        duration=facts.duration,
        bitrate_kbps=facts.bitrate_kbps,
        size=media.source_size,
    )
    return _record(tx, media, payload)


def analysis_failed(tx: Transaction, media: Media, code: str, message: str) -> str:
    """The source could not be read."""
    payload = VideoAnalysisComplete(status=Outcome.FAIL, error_code=code, error_message=message)
    return _record(tx, media, payload)


def snapshots_complete(
    tx: Transaction, media: Media, job: Job, made: SnapshotSet, cover_key: str
) -> str:
    """A snapshot job is done."""
    group = SnapshotGroup(
        status=Outcome.SUCCESS,
        kind=SnapshotKind(made.kind),
        count=made.snapshot_count,
        path_pattern=made.key_pattern,
        url_pattern=plain_url(made.key_pattern),
        job_id=job.job_id,
    )
    payload = SnapshotComplete(
        status=Outcome.SUCCESS,
        submitted=made.kind != "cover",
        cover_url=plain_url(cover_key) if cover_key else None,
        snapshots=(group,),
    )
    return _record(tx, media, payload, job)


def snapshots_failed(
    tx: Transaction, media: Media, job: Job, *, submitted: bool, code: str, message: str
) -> str:
    """A snapshot job has failed."""
    payload = SnapshotComplete(
        status=Outcome.FAIL, submitted=submitted, error_code=code, error_message=message
    )
    return _record(tx, media, payload, job)


def stream_complete(
    tx: Transaction, media: Media, job: Job, outcome: StreamTranscodeComplete
) -> str:
    """One rendition has ended, well or badly."""
    return _record(tx, media, outcome, job)


def transcode_complete(
    tx: Transaction, media: Media, task: Task, streams: list[StreamTranscodeComplete]
) -> str:
    """All renditions of a task have ended: success as soon as one of them succeeded."""
    good = any(stream.status is Outcome.SUCCESS for stream in streams)
    payload = TranscodeComplete(
        status=Outcome.SUCCESS if good else Outcome.FAIL,
        streams=tuple(streams),
        preprocess=True if task.template_group_id == PREPROCESSING_GROUP_ID else None,
    )
    return _record(tx, media, payload, task)


def finished_stream(stream: Stream, *, encrypted: bool = False) -> StreamTranscodeComplete:
    """What the events tell of a good rendition."""
    facts = MediaFacts.model_validate_json(stream.facts)
    seen = facts.has_video
    return StreamTranscodeComplete(
        status=Outcome.SUCCESS,
        job_id=stream.job_id,
        definition=stream.definition,
        format=stream.format,
        bitrate_kbps=facts.bitrate_kbps,
        duration=facts.duration,
        encrypt=encrypted,
        file_url=plain_url(stream.object_key),
        fps=facts.fps if seen else None,
        width=facts.width if seen else None,
        height=facts.height if seen else None,
        size=stream.size,
    )


def failed_stream(job: Job, stream_format: str, code: str, message: str) -> StreamTranscodeComplete:
    """What the events tell of a rendition that failed."""
    return StreamTranscodeComplete(
        status=Outcome.FAIL,
        job_id=job.job_id,
        definition=job.definition,
        format=stream_format,
        error_code=code,
        error_message=message,
    )


def animated_image_complete(tx: Transaction, media: Media, job: Job, image: AnimatedImage) -> str:
    """An animated-image job is done."""
    payload = AnimatedImageComplete(
        status=Outcome.SUCCESS,
        job_id=job.job_id,
        file_url=plain_url(image.object_key),
        size=image.size,
        fps=float(image.fps),
        width=image.width,
        height=image.height,
    )
    return _record(tx, media, payload, job)


def animated_image_failed(tx: Transaction, media: Media, job: Job, code: str, message: str) -> str:
    """An animated-image job has failed."""
    payload = AnimatedImageComplete(
        status=Outcome.FAIL, job_id=job.job_id, error_code=code, error_message=message
    )
    return _record(tx, media, payload, job)


def production_complete(tx: Transaction, about: About, outcome: ProductionComplete) -> str:
    """The making of an editing project has ended; the event is about the new medium."""
    return events.emit(tx, about, outcome)


def recognition_complete(
    tx: Transaction, about: About, outcome: AiAuditComplete | AiDnaComplete | AiTagComplete
) -> str:
    """A job of a model (review, fingerprint, tags) has ended, well or badly."""
    return events.emit(tx, about, outcome)


def live_recording_complete(
    tx: Transaction,
    about: About,
    stream: LiveStream,
    period: tuple[datetime, datetime] | None,
) -> str:
    """A period of a live stream has become a medium; without a period the recording failed."""
    payload = LiveRecordingComplete(
        status=Outcome.SUCCESS if period else Outcome.FAIL,
        stream=stream,
        started_at=period[0] if period else None,
        ended_at=period[1] if period else None,
    )
    return events.emit(tx, about, payload)


def live_composition_started(tx: Transaction, about: About, stream: LiveStream) -> str:
    """The periods of a live stream are being joined; the event is about the medium to come."""
    return events.emit(tx, about, LiveCompositionStarted(status=Outcome.SUCCESS, stream=stream))


def file_task_started(tx: Transaction, task: FileTask) -> str:
    """The first result of a task on a file is being made."""
    return events.emit(tx, _about_task(task), FileTaskStarted(**_told_of(task)))


def file_task_ended(tx: Transaction, task: FileTask, work: Sequence[Job]) -> str:
    """A task on a file has ended; ``work`` are the jobs that make its results."""
    if task.state not in ("succeeded", "failed", "cancelled"):
        raise ValueError(f"task {task.number} has not ended")
    payload = FileTaskEnded(
        **_told_of(task),
        state=task.state,
        outputs=tuple(_file_output(job) for job in work),
        error_code=task.error_code or None,
        error_message=task.error_message or None,
    )
    return events.emit(tx, _about_task(task), payload)


def _file_output(job: Job) -> FileOutput:
    result = json.loads(job.result or "{}")
    pictures = [result["folder"] + name for name in result.get("names", ())[:_MOST_TOLD]]
    return FileOutput(
        template_id=job.template_id,
        keys=tuple([result["key"]] if result.get("key") else pictures),
        error_code=job.error_code or None,
        error_message=job.error_message or None,
    )


def _told_of(task: FileTask) -> dict[str, Any]:
    return {
        "number": task.number,
        "kind": task.kind,
        "source": FileObject(bucket=task.source_bucket, key=task.source_key),
        "target": FileObject(bucket=task.target_bucket, key=task.target_folder),
        "user_data": task.user_data,
    }


def _about_task(task: FileTask) -> About:
    return About(account_id=task.account_id, app_id=DEFAULT_APP_ID, media_id="")


def _record(
    tx: Transaction,
    media: Media,
    payload: EventPayload,
    asked_by: Job | Task | None = None,
) -> str:
    # What the request for this work asked for itself goes before what the upload asked for.
    source = asked_by or media
    about = About(
        account_id=media.account_id,
        app_id=media.app_id,
        media_id=media.media_id,
        callback_url=source.callback_url,
        extend=source.extend,
    )
    return events.emit(tx, about, payload)
