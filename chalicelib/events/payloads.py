"""The facts that each type of event carries, without any vendor's spelling.

What is not known is None. Durations are seconds, sizes bytes, sides pixels, bitrates kbit/s, rates
frames per second; `definition` is the label that a rendition was made under ("LD", "HD", "OD").
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Quantity = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Outcome(StrEnum):
    """How a piece of work ended."""

    SUCCESS = "success"
    FAIL = "fail"


class SnapshotKind(StrEnum):
    """What a group of snapshots is for."""

    COVER = "cover"
    NORMAL = "normal"
    SPRITE = "sprite"


class EventPayload(BaseModel):
    """Base of all payloads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileUploadComplete(EventPayload):
    """The whole source file has arrived."""

    size: Count | None = None
    file_url: str | None = None


class VideoAnalysisComplete(EventPayload):
    """The source was probed. Sound alone has no `width`, `height` and `fps`."""

    status: Outcome
    width: Count | None = None
    height: Count | None = None
    duration: Quantity | None = None
    bitrate_kbps: Quantity | None = None
    fps: Quantity | None = None
    size: Count | None = None
    error_code: str | None = None
    error_message: str | None = None


class SnapshotGroup(EventPayload):
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


class SnapshotComplete(EventPayload):
    """A snapshot job is done. `submitted`: asked for by itself, not part of an upload."""

    status: Outcome
    submitted: bool = False
    cover_url: str | None = None
    snapshots: tuple[SnapshotGroup, ...] = ()
    error_code: str | None = None
    error_message: str | None = None


class StreamTranscodeComplete(EventPayload):
    """One rendition is done. `format` is the container: "mp4" or "m3u8"; the URL is unsigned."""

    status: Outcome
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
    error_code: str | None = None
    error_message: str | None = None


class TranscodeComplete(EventPayload):
    """All renditions are done; `status` is success as soon as one of them succeeded."""

    status: Outcome
    streams: tuple[StreamTranscodeComplete, ...] = ()
