"""What the tasks of all chapters have in common: places, queries, states, and how they ended."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from chalicelib.apis.huawei_mpc.codes import CODES, SUCCEEDED, failure
from chalicelib.apis.huawei_mpc.documents import Number, ObsObjInfo
from chalicelib.apis.huawei_mpc.task_errors import why_failed
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf, QueryList
from chalicelib.processing import file_tasks
from chalicelib.processing.file_tasks import FileTaskFilter, FileTaskKind, FileTaskPage
from chalicelib.store.file_tasks import FilePlace, FileTask, FileTaskState

SYNC_SECONDS = 20.0
"""How long a request waits for work that it wants answered: a gateway gives up after 29 s."""

_TIME = "%Y%m%d%H%M%S"
_TIME_DIGITS = 14
_ALMOST_A_SECOND = timedelta(microseconds=999_999)
_LONGEST_KEY = 1024
# What comes behind a name: "-00001.ts", "_86400.125.jpg".
_ROOM_FOR_ENDINGS = 24


def _moment(value: Any) -> Any:
    text = str(value)
    try:
        if len(text) == _TIME_DIGITS and text.isdecimal():
            return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:  # a 13th month
        pass
    raise ValueError("it must be yyyymmddhhmmss")


UserData = Annotated[str, Field(max_length=4096)]
"""What comes back in queries and messages."""

WireTime = Annotated[datetime, BeforeValidator(_moment)]
"""A moment as "20201117021558", in UTC."""


def stamp(moment: datetime | None) -> str | None:
    """A moment as the wire has it."""
    return None if moment is None else moment.astimezone(UTC).strftime(_TIME)


class TaskCreated(RestResult):
    """The number of the task."""

    task_id: str


class TaskAnswer(RestResult):
    """What the tasks of chapters 9 to 11 are answered with alike; moments as yyyymmddhhmmss."""

    task_id: str
    status: str
    create_time: str | None
    start_time: str | None = None
    end_time: str | None = None
    error_code: str | None = None
    description: str | None = None
    user_data: str | None = None
    input: ObsObjInfo


class TaskReference(RestOperation):
    """An operation on one task."""

    task_id: Number


class TaskQuery(RestOperation):
    """Tasks by their numbers, or a page of those of a period, the newest first.

    With numbers neither period nor page have an effect.
    """

    task_id: Annotated[tuple[Number, ...], QueryList, Field(max_length=10)] = ()
    start_time: WireTime | None = None
    end_time: WireTime | None = None
    page: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    size: Annotated[int, Field(ge=1, le=100)] = 10

    @model_validator(mode="after")
    def _in_order(self) -> "TaskQuery":
        if self.start_time and self.end_time and self.start_time > self.end_time:
            raise InvalidRequest("start_time cannot be greater than end_time.")
        return self

    @property
    def offset(self) -> int:
        """How many tasks are passed over."""
        return 0 if self.task_id else self.page * self.size

    def found(
        self, account_id: str, kind: FileTaskKind, wanted: Mapping[str, object]
    ) -> FileTaskPage:
        """The tasks that are meant; ``wanted`` are conditions of a FileTaskFilter besides."""
        # The wire knows whole seconds: what happened within the last one belongs to the period.
        end = self.end_time and self.end_time + _ALMOST_A_SECOND
        bounds: dict[str, object] = {"since": self.start_time, "until": end}
        if self.task_id:
            bounds = {"numbers": self.task_id}
        condition = FileTaskFilter.model_validate({**bounds, **wanted})
        limit = len(self.task_id) or self.size
        return file_tasks.list_tasks(account_id, kind, condition, offset=self.offset, limit=limit)


# States of the domain -> what the chapters 9 to 11 call them.
STATES: Mapping[FileTaskState, str] = {
    "submitted": "WAITING",
    "running": "PROCESSING",
    "succeeded": "SUCCEED",
    "failed": "FAILED",
    "cancelled": "CANCELED",
}
Status = Annotated[
    str, OneOf("INIT", "WAITING", "PROCESSING", "PREPROCESSING", "SUCCEED", "FAILED", "CANCELED")
]
_MEANT: dict[str, FileTaskState] = {name: state for state, name in STATES.items()}


def wanted_state(status: str | None) -> dict[str, object]:
    """The condition that a status of the chapters 9 to 11 is.

    No task is ever INIT: it waits from the beginning. The tables of 10.2 and 11.2 call what is
    under way PREPROCESSING in the query and PROCESSING in the answer: either is understood.
    """
    if status is None:
        return {}
    if status == "INIT":
        return {"numbers": ()}
    return {"state": _MEANT["PROCESSING" if status == "PREPROCESSING" else status]}


def source_place(place: ObsObjInfo) -> FilePlace:
    """The object that is worked on. Raises RestError."""
    if not place.object or not _is_usable(place.object):
        raise failure("MPC.10209")
    return FilePlace(bucket=place.bucket, key=place.object)


def target_place(place: ObsObjInfo) -> FilePlace:
    """The folder that results go to; blanks around it do not count. Raises RestError."""
    folder = place.object.strip().strip("/")
    if not _is_usable(folder):
        raise failure("MPC.10209")
    return FilePlace(bucket=place.bucket, key=f"{folder}/" if folder else "")


def file_name(name: str | None) -> str:
    """The name of an output file. Raises InvalidRequest for one that would lead elsewhere."""
    if not name or "/" in name or not _is_usable(name):
        raise InvalidRequest("file_name must be the name of a file, without a path")
    return name


def _is_usable(key: str) -> bool:
    parts = key.split("/")
    return (
        key.isprintable()
        and len(key.encode()) <= _LONGEST_KEY
        and not any(part in (".", "..") for part in parts)
    )


def require_short(target: FilePlace, name: str) -> None:
    """The object that is made has a key that buckets take. Raises RestError."""
    if len(f"{target.key}{name}".encode()) + _ROOM_FOR_ENDINGS > _LONGEST_KEY:
        raise failure("MPC.10093")


def require_elsewhere(source: FilePlace, target: FilePlace, name: str) -> None:
    """Nothing is written over what it is made of. Raises InvalidRequest."""
    if source == FilePlace(bucket=target.bucket, key=f"{target.key}{name}"):
        raise InvalidRequest("the output must not be written over the input")


def require_no_playlist(place: ObsObjInfo) -> None:
    """Animated graphics and synchronous work take no m3u8 (tables 10-3, 11-3). Raises RestError."""
    if place.object.lower().endswith(".m3u8"):
        raise InvalidRequest("m3u8 files are not supported here")


def written(**parts: RestModel | str | None) -> str:
    """What a task keeps for its answers: the parameters as they were understood."""
    return json.dumps(
        {
            name: part.model_dump(mode="json", exclude_none=True)
            if isinstance(part, RestModel)
            else part
            for name, part in parts.items()
            if part is not None
        },
        ensure_ascii=False,
    )


def outcome(task: FileTask) -> dict[str, str]:
    """``error_code`` and ``description`` of a task that has succeeded or failed."""
    if task.state == "succeeded":
        return {"error_code": SUCCEEDED, "description": CODES[SUCCEEDED][1]}
    if task.state != "failed":
        return {}
    error = why_failed(task.kind, task.error_code, task.error_message)
    return {"error_code": error.code, "description": error.message}


def common_fields(task: FileTask) -> dict[str, Any]:
    """What tasks of all chapters are answered with under the same names."""
    return {
        "task_id": str(task.number),
        "create_time": stamp(task.created_at),
        "end_time": stamp(task.finished_at),
        "user_data": task.user_data or None,
    }
