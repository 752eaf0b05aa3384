"""What can go wrong with media work. Each error has a stable `reason` for machines.

The message is for the owner of the source and says what is wrong with it. `retryable` tells
whether the same work may succeed later with the same source: a damaged file stays damaged.
"""

import re
from typing import ClassVar

# Bounded and anchored: log lines come from ffmpeg and may quote a hostile file at length.
_SCHEME = r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,20}://"
_URL_SECRETS = re.compile(rf"(?P<url>{_SCHEME}[^\s?#'\"]*)[?#][^\s'\"]*")
_URL_USER = re.compile(rf"(?P<scheme>{_SCHEME})[^\s/@'\"]+@")


def redact(text: str) -> str:
    """`text` without what may be secret in its URLs: query, fragment, user and password."""
    return _URL_USER.sub(r"\g<scheme>", _URL_SECRETS.sub(r"\g<url>?...", text))


class MediaError(Exception):
    """Base of this room's errors; `log` holds the last lines of ffmpeg's log, redacted."""

    reason: ClassVar[str] = "MediaError"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, log: tuple[str, ...] = ()) -> None:
        super().__init__(redact(message))
        self.log = tuple(redact(line) for line in log)


class SourceBad(MediaError):
    """The source is no media file, is empty, or is damaged beyond use."""

    reason = "SourceBad"


class NoStreams(SourceBad):
    """The source is a media file without any video or audio."""

    reason = "NoStreams"


class NoVideoStream(MediaError):
    """The work needs pictures and the source has none."""

    reason = "NoVideoStream"


class SourceUnsupported(MediaError):
    """The source is beyond what is processed: its size, its number of streams, its codec."""

    reason = "SourceUnsupported"


class SourceUnreachable(MediaError):
    """The source cannot be read: refused, missing, or the connection failed."""

    reason = "SourceUnreachable"
    retryable = True


class SourceMissing(MediaError):
    """There is nothing where the source should be."""

    reason = "SourceMissing"


class EncoderFailed(MediaError):
    """ffmpeg failed in a way that is not the source's fault as far as can be told."""

    reason = "EncoderFailed"
    retryable = True


class TimeLimitExceeded(MediaError):
    """The work took longer than it was given."""

    reason = "TimeLimitExceeded"


class OutputTooLarge(MediaError):
    """The output grew beyond its limit."""

    reason = "OutputTooLarge"


class Cancelled(MediaError):
    """The caller asked for the work to stop."""

    reason = "Cancelled"


class TargetUnfit(MediaError):
    """What is asked for does not fit this source: a clip after its end, a box outside of it."""

    reason = "TargetUnfit"


class ConditionRefused(MediaError):
    """The target exceeds the source, and the template says that nothing is made then."""

    reason = "ConditionRefused"


class EncoderMissing(MediaError):
    """The ffmpeg that runs has no encoder for what is asked for."""

    reason = "EncoderMissing"
