"""The kinds of events, an event as it is recorded, and which kinds a subscriber has chosen.

Vendor-neutral: what a vendor calls an event and which fields it prints is decided where that
vendor's wire is spoken, not here.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from chalicelib.events import payloads


class EventType(StrEnum):
    """What happened to a medium (VOD developer guide 12.4), or to a task on a file."""

    FILE_UPLOAD_COMPLETE = "file_upload_complete"
    IMAGE_UPLOAD_COMPLETE = "image_upload_complete"
    STREAM_TRANSCODE_COMPLETE = "stream_transcode_complete"
    TRANSCODE_COMPLETE = "transcode_complete"
    SNAPSHOT_COMPLETE = "snapshot_complete"
    ANIMATED_IMAGE_COMPLETE = "animated_image_complete"
    LIVE_RECORDING_COMPLETE = "live_recording_complete"
    LIVE_COMPOSITION_STARTED = "live_composition_started"
    URL_UPLOAD_COMPLETE = "url_upload_complete"
    MANUAL_AUDIT_COMPLETE = "manual_audit_complete"
    AI_AUDIT_COMPLETE = "ai_audit_complete"
    VIDEO_ANALYSIS_COMPLETE = "video_analysis_complete"
    AI_DNA_COMPLETE = "ai_dna_complete"
    AI_TAG_COMPLETE = "ai_tag_complete"
    ATTACHED_MEDIA_UPLOAD_COMPLETE = "attached_media_upload_complete"
    PRODUCTION_COMPLETE = "production_complete"
    MEDIA_DELETED = "media_deleted"
    MEDIA_CHANGED = "media_changed"
    MEDIA_REFRESH_SUBMITTED = "media_refresh_submitted"
    FILE_TASK_STARTED = "file_task_started"
    FILE_TASK_ENDED = "file_task_ended"


class EventGroup(StrEnum):
    """Switches that stand for several types at once."""

    ALL = "all"
    AI = "ai"


EventSelector = EventType | EventGroup

_AI_TYPES = frozenset(
    {EventType.AI_AUDIT_COMPLETE, EventType.AI_DNA_COMPLETE, EventType.AI_TAG_COMPLETE}
)

# They concern no medium: those who are told of media are not told of them.
FILE_TASK_TYPES = frozenset({EventType.FILE_TASK_STARTED, EventType.FILE_TASK_ENDED})

_PAYLOADS: dict[EventType, type[payloads.EventPayload]] = {
    EventType.FILE_UPLOAD_COMPLETE: payloads.FileUploadComplete,
    EventType.IMAGE_UPLOAD_COMPLETE: payloads.ImageUploadComplete,
    EventType.STREAM_TRANSCODE_COMPLETE: payloads.StreamTranscodeComplete,
    EventType.TRANSCODE_COMPLETE: payloads.TranscodeComplete,
    EventType.SNAPSHOT_COMPLETE: payloads.SnapshotComplete,
    EventType.ANIMATED_IMAGE_COMPLETE: payloads.AnimatedImageComplete,
    EventType.LIVE_RECORDING_COMPLETE: payloads.LiveRecordingComplete,
    EventType.LIVE_COMPOSITION_STARTED: payloads.LiveCompositionStarted,
    EventType.URL_UPLOAD_COMPLETE: payloads.UrlUploadComplete,
    EventType.MANUAL_AUDIT_COMPLETE: payloads.ManualAuditComplete,
    EventType.AI_AUDIT_COMPLETE: payloads.AiAuditComplete,
    EventType.VIDEO_ANALYSIS_COMPLETE: payloads.VideoAnalysisComplete,
    EventType.AI_DNA_COMPLETE: payloads.AiDnaComplete,
    EventType.AI_TAG_COMPLETE: payloads.AiTagComplete,
    EventType.ATTACHED_MEDIA_UPLOAD_COMPLETE: payloads.AttachedMediaUploadComplete,
    EventType.PRODUCTION_COMPLETE: payloads.ProductionComplete,
    EventType.MEDIA_DELETED: payloads.MediaDeleted,
    EventType.MEDIA_CHANGED: payloads.MediaChanged,
    EventType.MEDIA_REFRESH_SUBMITTED: payloads.MediaRefreshSubmitted,
    EventType.FILE_TASK_STARTED: payloads.FileTaskStarted,
    EventType.FILE_TASK_ENDED: payloads.FileTaskEnded,
}
_EVENT_TYPES = {model: event_type for event_type, model in _PAYLOADS.items()}


class About(BaseModel):
    """Whose event it is, and of which medium: what an emitter needs beside the facts.

    `callback_url` and `extend` are what the request that led to the event asked for, empty where
    it asked for nothing. `media_id` is empty where no medium came of it (a pull that failed).
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    app_id: str
    media_id: str
    callback_url: str = ""
    extend: str = ""


class NewEvent(BaseModel):
    """What is recorded. `payload` is the type's model, or a dict that validates as one.

    `override_url` is the HTTP address that the request named for its own callbacks; `extend` the
    text that the request asked to get back, kept to the byte.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    app_id: str
    event_type: EventType
    media_id: str
    payload: SerializeAsAny[payloads.EventPayload]
    override_url: str | None = None
    extend: str | None = None
    occurred_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @model_validator(mode="before")
    @classmethod
    def _typed_payload(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        model = _PAYLOADS[EventType(values.get("event_type", ""))]
        return values | {"payload": model.model_validate(values.get("payload"))}


def new_event(about: About, payload: payloads.EventPayload) -> NewEvent:
    """The event that tells these facts; their model decides its type."""
    return NewEvent(
        account_id=about.account_id,
        app_id=about.app_id,
        event_type=_EVENT_TYPES[type(payload)],
        media_id=about.media_id,
        payload=payload,
        override_url=about.callback_url or None,
        extend=about.extend or None,
    )


class Event(NewEvent):
    """A recorded event; `id` is 32 hex characters and stays the same on every delivery."""

    id: str


Renderer = Callable[[Event], dict[str, Any]]
"""Turns an event into the JSON object that is sent; given by the caller, who knows the vendor."""


def selects(selectors: Iterable[EventSelector], event_type: EventType) -> bool:
    """Whether a subscriber who chose `selectors` wants events of this type."""
    chosen = set(selectors)
    return (
        event_type in chosen
        or (EventGroup.ALL in chosen and event_type not in FILE_TASK_TYPES)
        or (EventGroup.AI in chosen and event_type in _AI_TYPES)
    )
