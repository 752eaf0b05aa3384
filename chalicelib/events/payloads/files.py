"""Payloads of work on files that are no media (``processing.file_tasks``)."""

from typing import Literal

from chalicelib.events.payloads.base import Count, EventPayload, Facts

FileTaskKind = Literal["transcode", "remux", "animated", "metadata", "thumbnails"]


class FileObject(Facts):
    """An object of a bucket; of a folder ``key`` ends with "/", or is empty."""

    bucket: str
    key: str


class FileOutput(Facts):
    """What one job of a task made: its objects' keys, in the target's bucket; or why it did not.

    Of a rendition with segments only the manifest is named, of pictures the first hundred.
    ``template_id`` is empty where the task was asked for without templates.
    """

    template_id: str = ""
    keys: tuple[str, ...] = ()
    error_code: str | None = None
    error_message: str | None = None


class FileTaskPayload(EventPayload):
    """A task, by the number that its client knows; ``user_data`` is what the client gave it."""

    number: Count
    kind: FileTaskKind
    source: FileObject
    target: FileObject
    user_data: str = ""


class FileTaskStarted(FileTaskPayload):
    """The first of the task's results is being made."""


class FileTaskEnded(FileTaskPayload):
    """All results are there, or not all of them will come; the error is that of the first."""

    state: Literal["succeeded", "failed", "cancelled"]
    outputs: tuple[FileOutput, ...] = ()
    error_code: str | None = None
    error_message: str | None = None
