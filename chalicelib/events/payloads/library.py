"""Payloads of what arrives in the library, changes there, and leaves it."""

from datetime import datetime
from enum import StrEnum

from pydantic import model_validator

from chalicelib.events.payloads.base import (
    Count,
    EventPayload,
    Facts,
    MediaKind,
    Outcome,
    WorkPayload,
)


class FileUploadComplete(EventPayload):
    """The whole source file has arrived."""

    size: Count | None = None
    file_url: str | None = None


class ImageUploadComplete(EventPayload):
    """An image has arrived."""

    status: Outcome = Outcome.SUCCESS
    size: Count | None = None
    file_url: str | None = None


class AttachedMediaUploadComplete(EventPayload):
    """An auxiliary file (watermark, subtitle, material) has arrived."""

    status: Outcome = Outcome.SUCCESS
    size: Count
    file_url: str


class UrlUploadComplete(WorkPayload):
    """A pull from a URL has ended; a pull that failed has made no medium."""

    job_id: str
    source_url: str | None = None
    size: Count | None = None


class DeletedPart(StrEnum):
    """What of a medium was deleted."""

    ALL = "all"
    MEZZANINE = "mezzanine"
    STREAM = "stream"


class MediaDeleted(WorkPayload):
    """A medium, its source or some of its streams were deleted; `job_ids` name the streams."""

    kind: MediaKind
    part: DeletedPart
    job_ids: tuple[str, ...] = ()


class ChangeMode(StrEnum):
    """How a medium's basic information came to change."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Change(Facts):
    """A value before and after; None where there was or is none."""

    old: str | int | None = None
    new: str | int | None = None


class MediaChanged(EventPayload):
    """Basic information of a medium was set, changed or removed; what stayed is None."""

    status: Outcome = Outcome.SUCCESS
    kind: MediaKind
    mode: ChangeMode
    title: Change | None = None
    description: Change | None = None
    cover_url: Change | None = None
    category_id: Change | None = None
    tags: Change | None = None


class RefreshKind(StrEnum):
    """What a content network was asked to do with play URLs."""

    REFRESH = "refresh"
    PRELOAD = "preload"


class MediaRefreshSubmitted(WorkPayload):
    """All play URLs of a medium were handed to the content network.

    `task_ids` belong to `play_urls` one by one; `filter_policy` is the JSON text of what the
    request chose streams by.
    """

    refresh_job_id: str
    task: RefreshKind
    play_urls: tuple[str, ...] = ()
    task_ids: tuple[str, ...] = ()
    filter_policy: str

    @model_validator(mode="after")
    def _one_task_for_each_url(self) -> "MediaRefreshSubmitted":
        if len(self.play_urls) != len(self.task_ids):
            raise ValueError("every play URL has one task")
        return self


class LiveStream(Facts):
    """Where a live stream came in."""

    stream_name: str | None = None
    domain_name: str | None = None
    app_name: str | None = None


class LiveRecordingComplete(EventPayload):
    """A period of a live stream was recorded as a medium."""

    status: Outcome
    stream: LiveStream = LiveStream()
    started_at: datetime | None = None
    ended_at: datetime | None = None


class LiveCompositionStarted(EventPayload):
    """The recorded periods of a live stream are being made into one medium."""

    status: Outcome
    stream: LiveStream = LiveStream()
