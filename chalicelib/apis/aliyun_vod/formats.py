"""How this vendor prints values: times, numbers as text, names of states."""

from datetime import UTC, datetime

from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.processing import NO_TRANSCODE_GROUP_ID
from chalicelib.store.media import MediaStatus, Preprocessing

# The id under which the vendor knows the group that transcodes nothing (developer guide 6.2).
NO_TRANSCODE = "VOD_NO_TRANSCODE"

STATUS = {
    MediaStatus.UPLOADING: "Uploading",
    MediaStatus.UPLOADED: "UploadSucc",
    MediaStatus.TRANSCODING: "Transcoding",
    MediaStatus.TRANSCODE_FAILED: "TranscodeFail",
    MediaStatus.CHECKING: "Checking",
    MediaStatus.BLOCKED: "Blocked",
    MediaStatus.NORMAL: "Normal",
    MediaStatus.PRODUCE_FAILED: "ProduceFail",
}

PREPROCESSING: dict[Preprocessing, str] = {
    "": "UnPreprocess",
    "running": "Preprocessing",
    "succeeded": "PreprocessSucceed",
    "failed": "PreprocessFailed",
}

# Images and auxiliary media have fewer (manual 7.4.1, 7.5.1).
FILE_STATUS = {
    MediaStatus.UPLOADING: "Uploading",
    MediaStatus.UPLOADED: "Normal",
    MediaStatus.NORMAL: "Normal",
    MediaStatus.TRANSCODE_FAILED: "UploadFail",
}


def utc(moment: datetime) -> str:
    """``2017-11-14T09:15:50Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def moment(text: str) -> datetime:
    """The time that ``utc`` prints so. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def decimal(value: float | None, places: int = 4) -> str | None:
    """A number as text with a fixed number of places; None stays None."""
    return None if value is None else f"{value:.{places}f}"


def text(value: object) -> str | None:
    """A value as text; None stays None."""
    return None if value is None else str(value)


def wire_group_id(group_id: str) -> str:
    """The id of a template group as clients see it."""
    return NO_TRANSCODE if group_id == NO_TRANSCODE_GROUP_ID else group_id


def domain_group_id(group_id: str) -> str:
    """The id of a template group as the domain knows it."""
    return NO_TRANSCODE_GROUP_ID if group_id == NO_TRANSCODE else group_id


# Long and short edge up to which a specification goes (VOD API manual 17.7).
_SPECIFICATIONS = (
    (640, 480, "LD"),
    (1280, 720, "SD"),
    (1920, 1080, "HD"),
    (2560, 1440, "2K"),
)


def specification(facts: MediaFacts, *, original: bool) -> str:
    """The output specification of a stream; it follows from its codec and its edges."""
    video = facts.main_video
    if original:
        return "Original"
    if video is None:
        return "Audio"
    long_edge, short_edge = sorted((facts.width, facts.height), reverse=True)
    size = next(
        (
            name
            for longest, shortest, name in _SPECIFICATIONS
            if long_edge <= longest and short_edge <= shortest
        ),
        "4K",
    )
    return f"{'H265' if video.codec_name == 'hevc' else 'H264'}.{size}"
