"""The messages that topics and queues get of tasks (MPC API manual 13.1 to 13.3).

The manual names the events but not their messages, so the form is our own, made of the names that
the operations use for the same things: see docs/huawei.md, "Notifications". What is not known is
left out, never null.
"""

from datetime import UTC
from typing import Any

from chalicelib.apis.huawei_mpc.notifications import EVENT_NAMES
from chalicelib.apis.huawei_mpc.task_errors import why_failed
from chalicelib.apis.protocol.huawei_rest import projects
from chalicelib.events import Event
from chalicelib.events.file_notices import notice_of
from chalicelib.events.payloads import FileObject, FileOutput, FileTaskEnded, FileTaskStarted
from chalicelib.settings import settings
from chalicelib.store.file_tasks import FileTaskKind

Wire = dict[str, Any]

# Topics and queues take 256 KiB: of a task with thousands of pictures not all can be named.
MOST_OBJECTS = 50
# Each kind of task has its own word for success in its chapter.
_SUCCEEDED = {"transcode": "SUCCEEDED", "thumbnails": "SUCCEEDED"}
_STATUSES = {"failed": "FAILED", "cancelled": "CANCELED"}


def render(event: Event) -> Wire:
    """The JSON object that is sent for the event of a task on files."""
    payload = event.payload
    notice = notice_of(event)
    assert notice is not None and isinstance(payload, FileTaskStarted | FileTaskEnded)
    body: Wire = {
        "event_name": EVENT_NAMES[notice],
        "event_id": event.id,
        "event_time": event.occurred_at.astimezone(UTC).strftime("%Y%m%d%H%M%S"),
        "project_id": projects.project_id(event.account_id),
        "task_id": payload.number,
        "status": _status(payload),
        "input": _place(payload.source),
        "output": _place(payload.target),
    }
    if isinstance(payload, FileTaskEnded):
        body["results"] = [_result(payload.kind, one) for one in payload.outputs]
        body |= _error(payload.kind, payload.error_code, payload.error_message)
    if payload.user_data:
        body["user_data"] = payload.user_data
    return body


def _status(payload: FileTaskStarted | FileTaskEnded) -> str:
    if isinstance(payload, FileTaskStarted):
        return "TRANSCODING"
    if payload.state == "succeeded":
        return _SUCCEEDED.get(payload.kind, "SUCCEED")
    return _STATUSES[payload.state]


def _place(place: FileObject) -> Wire:
    return {"bucket": place.bucket, "location": settings().region, "object": place.key}


def _result(kind: FileTaskKind, output: FileOutput) -> Wire:
    result: Wire = {
        "object": list(output.keys[:MOST_OBJECTS]),
        **_error(kind, output.error_code, output.error_message),
    }
    if output.template_id.isdecimal():
        result["template_id"] = int(output.template_id)
    return result


def _error(kind: FileTaskKind, reason: str | None, message: str | None) -> Wire:
    if not reason:
        return {}
    error = why_failed(kind, reason, message or "")
    return {"error_code": error.code, "description": error.message}
