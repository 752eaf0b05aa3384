"""Payloads of what processing makes: analysis, renditions, pictures, productions."""

from enum import StrEnum

from chalicelib.events.payloads.base import (
    Count,
    EventPayload,
    Facts,
    Outcome,
    Quantity,
    WorkPayload,
)


class SnapshotKind(StrEnum):
    """What a group of snapshots is for."""

    COVER = "cover"
    NORMAL = "normal"
    SPRITE = "sprite"
    WEBVTT = "webvtt"


class VideoAnalysisComplete(WorkPayload):
    """The source was probed. Sound alone has no `width`, `height` and `fps`."""

    width: Count | None = None
    height: Count | None = None
    duration: Quantity | None = None
    bitrate_kbps: Quantity | None = None
    fps: Quantity | None = None
    size: Count | None = None


class SnapshotGroup(Facts):
    """The snapshots of one job.

    `path_pattern` and `url_pattern` (http, never https) hold the placeholder `{SnapshotCount}` for
    the number of a snapshot in five digits, from 00001.
    """

    status: Outcome
    kind: SnapshotKind
    count: Count
    path_pattern: str
    url_pattern: str
    job_id: str


class SnapshotComplete(WorkPayload):
    """A snapshot job is done. `submitted`: asked for by itself, not part of an upload."""

    submitted: bool = False
    cover_url: str | None = None
    snapshots: tuple[SnapshotGroup, ...] = ()


class StreamTranscodeComplete(WorkPayload):
    """One rendition is done. `format` is the container: "mp4" or "m3u8"; the URL is unsigned."""

    job_id: str | None = None
    definition: str | None = None
    format: str | None = None
    bitrate_kbps: Quantity | None = None
    duration: Quantity | None = None
    encrypt: bool | None = None
    file_url: str | None = None
    fps: Quantity | None = None
    width: Count | None = None
    height: Count | None = None
    size: Count | None = None


class TranscodeComplete(EventPayload):
    """All renditions are done; `status` is success as soon as one of them succeeded.

    `preprocess`: they are no streams to play, but made for a live mixer.
    """

    status: Outcome
    preprocess: bool | None = None
    streams: tuple[StreamTranscodeComplete, ...] = ()


class AnimatedImageComplete(WorkPayload):
    """An animated image was made from a video; what describes the picture is there on success."""

    job_id: str
    file_url: str | None = None
    size: Count | None = None
    fps: Quantity | None = None
    width: Count | None = None
    height: Count | None = None


class ProductionComplete(WorkPayload):
    """An editing project was made into the source of a new medium."""

    project_id: str
