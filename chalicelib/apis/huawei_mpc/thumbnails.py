"""Thumbnails: still pictures of a video (MPC API manual 12.1 to 12.3)."""

import json
import secrets
from typing import Annotated

from pydantic import model_validator

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.tasks import (
    SYNC_SECONDS,
    TaskQuery,
    TaskReference,
    UserData,
    common_fields,
    outcome,
    require_no_playlist,
    require_short,
    source_place,
    stamp,
    target_place,
    written,
)
from chalicelib.apis.huawei_mpc.thumbnail_parameters import ThumbnailPara
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.identity.caller import Caller
from chalicelib.processing import file_tasks
from chalicelib.processing.file_specs import PicturesMade, PicturesSpec
from chalicelib.processing.file_tasks import FileJob, FileRequest, FileTaskView
from chalicelib.store.file_tasks import FileTaskState
from chalicelib.store.jobs import JobQueue

_PACKED = 0
_STATES: dict[FileTaskState, str] = {
    "submitted": "WAITING",
    "running": "PROCESSING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "cancelled": "CANCELED",
}
_MEANT = {name: state for state, name in _STATES.items()}
# What a synchronous success is called in the answer (the sample of 12.1).
_FINISHED = "FINISHED"


class CreateThumbnailTaskResult(RestResult):
    """The task's number; with synchronous processing all that is known when it is answered."""

    task_id: str
    status: str | None = None
    create_time: str | None = None
    output: ObsObjInfo | None = None
    output_file_name: str | None = None
    thumbnail_time: str | None = None
    description: str | None = None


class CreateThumbnailTask(RestOperation):
    """Take pictures (manual 12.1).

    ``tar`` 0 packs them. ``sync`` 1 waits for one picture at one moment. Unless ``original_dir`` is
    1, they go into a folder of their own below the output.
    """

    input: ObsObjInfo
    output: ObsObjInfo
    user_data: UserData = ""
    thumbnail_para: ThumbnailPara
    tar: Annotated[int, OneOf(0, 1)] = 1
    sync: Annotated[int, OneOf(0, 1)] = 0
    original_dir: Annotated[int, OneOf(0, 1)] = 0

    @model_validator(mode="after")
    def _consistent(self) -> "CreateThumbnailTask":
        wanted = self.thumbnail_para
        if self.sync and len(wanted.places) != 1:
            raise InvalidRequest(
                "synchronous snapshots need the type DOTS or DOTS_MS and one point"
            )
        if not self.sync and wanted.type == "DOTS_MS":
            raise InvalidRequest("the type DOTS_MS is for synchronous snapshots")
        if not self.sync and wanted.spec().format == "png":
            raise InvalidRequest("the format png is for synchronous snapshots")
        return self

    def perform(self, caller: Caller) -> CreateThumbnailTaskResult:
        if self.sync:
            require_no_playlist(self.input)
        request = self._request()
        task = file_tasks.submit(caller.account_id, request)
        if not self.sync:
            return CreateThumbnailTaskResult(task_id=str(task.number))
        seen = file_tasks.wait(caller.account_id, "thumbnails", task.number, SYNC_SECONDS)
        state = seen.task.state
        wanted = self.thumbnail_para
        return CreateThumbnailTaskResult(
            task_id=str(task.number),
            status=_FINISHED if state == "succeeded" else _STATES[state],
            create_time=stamp(task.created_at),
            output=json.loads(request.client)["output"],
            output_file_name=_file_name(_made(seen)),
            thumbnail_time=str((wanted.dots_ms if wanted.type == "DOTS_MS" else wanted.dots)[0]),
            description=outcome(seen.task).get("description"),
        )

    def _request(self) -> FileRequest:
        target = target_place(self.output)
        output = self.output
        if not self.original_dir:
            own = f"{target.key}{secrets.token_hex(16)}"
            target = target.model_copy(update={"key": f"{own}/"})
            output = output.model_copy(update={"object": own})
        wanted, stem = self.thumbnail_para, self.thumbnail_para.stem
        require_short(target, stem or secrets.token_hex(16))
        alone = len(wanted.places) == 1 and stem is not None
        spec = PicturesSpec(
            pictures=wanted.spec(),
            numbered=not alone,
            archive=f"{stem or secrets.token_hex(16)}.tar" if self.tar == _PACKED else None,
        )
        prefix = stem if alone else f"{stem}_" if stem else ""
        queue: JobQueue = "quick" if wanted.places else "heavy"
        return FileRequest(
            kind="thumbnails",
            source=source_place(self.input),
            target=target,
            work=[FileJob("snapshot", spec.model_dump_json(), f"{target.key}{prefix}", queue)],
            user_data=self.user_data,
            client=written(input=self.input, output=output),
        )


class PicInfo(RestResult):
    """One picture's name."""

    pic_name: str


class ThumbTask(RestResult):
    """A task as it is answered (table 12-13)."""

    task_id: str
    status: str
    create_time: str | None
    end_time: str | None = None
    input: ObsObjInfo
    output: ObsObjInfo
    output_file_name: str | None = None
    user_data: str | None = None
    description: str | None = None
    thumbnail_info: list[PicInfo] | None = None


class ListThumbnailTasksResult(RestResult):
    """Some tasks, how many there are, and whether (1) there are more behind these."""

    task_array: list[ThumbTask]
    is_truncated: int
    total: int


class ListThumbnailTasks(TaskQuery):
    """Tasks by their numbers, or a page of those that are wanted (manual 12.2).

    Of numbers that are all of no task MPC.10212 is told, the failure that the section prints.
    """

    status: Annotated[str, OneOf(*_MEANT)] | None = None

    def perform(self, caller: Caller) -> ListThumbnailTasksResult:
        wanted = {"state": _MEANT[self.status]} if self.status else {}
        page = self.found(caller.account_id, "thumbnails", wanted)
        if self.task_id and not wanted and not page.tasks:
            raise failure("MPC.10212")
        return ListThumbnailTasksResult(
            task_array=[_answered(one) for one in page.tasks],
            is_truncated=int(self.offset + len(page.tasks) < page.total),
            total=page.total,
        )


class CancelThumbnailTask(TaskReference):
    """Give up a task that waits (manual 12.3)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.cancel(caller.account_id, "thumbnails", self.task_id)


def _answered(view: FileTaskView) -> ThumbTask:
    task, made = view.task, _made(view)
    return ThumbTask(
        **common_fields(task),
        **json.loads(task.client),
        status=_STATES[task.state],
        output_file_name=_file_name(made),
        description=outcome(task).get("description"),
        thumbnail_info=[PicInfo(pic_name=name) for name in made.names] if made else None,
    )


def _made(view: FileTaskView) -> PicturesMade | None:
    if view.task.state != "succeeded":
        return None
    return PicturesMade.model_validate_json(view.jobs[0].result)


def _file_name(made: PicturesMade | None) -> str | None:
    """The one file that was made: the archive, or the only picture."""
    if made is None:
        return None
    if made.key is not None:
        return made.key.removeprefix(made.folder)
    return made.names[0] if len(made.places_ms) == 1 else None
