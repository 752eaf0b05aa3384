"""Payloads of tasks on files: work on objects of any bucket, of which no medium comes."""

from typing import Literal

from chalicelib.events.payloads.base import Count, EventPayload, Facts, Quantity

FileTaskKind = Literal["transcode", "remux", "animated", "metadata", "thumbnails"]


class FilePlace(Facts):
    """An object, or a folder where results go; `key` of a folder may be empty."""

    bucket: str
    key: str


class FileOutput(Facts):
    """One file that came of a task."""

    bucket: str
    key: str
    size: Count | None = None
    duration: Quantity | None = None
    width: Count | None = None
    height: Count | None = None
    bitrate_kbps: Quantity | None = None


class FileTaskStarted(EventPayload):
    """A worker has begun with a task. `user_data` is what its request gave, to the byte."""

    number: Count
    kind: FileTaskKind
    source: FilePlace
    target: FilePlace
    user_data: str | None = None


class FileTaskEnded(EventPayload):
    """A task has ended. The error is there only where `state` is failed, `outputs` where some were
    made, also by a task that failed later."""

    number: Count
    kind: FileTaskKind
    state: Literal["succeeded", "failed", "cancelled"]
    source: FilePlace
    target: FilePlace
    outputs: tuple[FileOutput, ...] = ()
    error_code: str | None = None
    error_message: str | None = None
    user_data: str | None = None
