"""Animated graphics: a span of a video as a GIF (MPC API manual 10.1 to 10.3)."""

import json
import secrets
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.tasks import (
    STATES,
    Status,
    TaskAnswer,
    TaskCreated,
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
    wanted_state,
    written,
)
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.identity.caller import Caller
from chalicelib.mediaspec.animated import AnimatedSpec
from chalicelib.processing import file_tasks
from chalicelib.processing.file_tasks import FileJob, FileRequest, FileTaskView

_LONGEST_MS = 60_000
_USUAL_RATE = 10
# No viewer shows a GIF faster; the engine keeps to it, too.
_HIGHEST_RATE = 50
_OWN, _ADAPTIVE = 0, -1


def _side(most: int) -> AfterValidator:
    def check(value: int) -> int:
        if value not in (_OWN, _ADAPTIVE) and not (32 <= value <= most and value % 2 == 0):
            raise ValueError(f"it must be 0, -1 or a multiple of 2 from 32 to {most}")
        return value

    return AfterValidator(check)


class AnimatedGraphicsOutputParam(RestModel):
    """The span, in milliseconds, and the looks (table 10-5).

    Of the sides, 0 is the video's own and -1 follows from the other.
    """

    format: Annotated[str, OneOf("gif")]
    width: Annotated[int, _side(3840)]
    height: Annotated[int, _side(2160)]
    start: Annotated[int, Field(ge=0, lt=86_400_000)]
    end: Annotated[int, Field(ge=0, le=86_400_000)]
    frame_rate: Annotated[int, Field(ge=1, le=75)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "AnimatedGraphicsOutputParam":
        sides = (self.width, self.height)
        if _OWN in sides and sides != (_OWN, _OWN):
            raise InvalidRequest("width and height must both be 0 if one of them is")
        if sides == (_ADAPTIVE, _ADAPTIVE):
            raise InvalidRequest("only one of width and height can be -1")
        if not 0 < self.end - self.start <= _LONGEST_MS:
            raise InvalidRequest("end must be after start, by 60 seconds at most")
        return self

    def spec(self) -> AnimatedSpec:
        """What it means."""
        return AnimatedSpec(
            format="gif",
            start=self.start / 1000,
            duration=(self.end - self.start) / 1000,
            width=self.width if self.width > 0 else None,
            height=self.height if self.height > 0 else None,
            fps=min(self.frame_rate or _USUAL_RATE, _HIGHEST_RATE),
        )


class CreateAnimatedGraphicsTask(RestOperation):
    """Make a GIF of a span (manual 10.1).

    ``output.file_name`` has no effect, as the manual says: it gets a name of its own.
    """

    input: ObsObjInfo
    output: ObsObjInfo
    user_data: UserData = ""
    output_param: AnimatedGraphicsOutputParam

    def perform(self, caller: Caller) -> TaskCreated:
        require_no_playlist(self.input)
        target = target_place(self.output)
        name = secrets.token_hex(16)
        require_short(target, name)
        spec = self.output_param.spec()
        output = self.output.model_copy(update={"file_name": f"{name}.gif"})
        request = FileRequest(
            kind="animated",
            source=source_place(self.input),
            target=target,
            work=[FileJob("animated", spec.model_dump_json(), f"{target.key}{name}")],
            user_data=self.user_data,
            client=written(input=self.input, output=output, output_param=self.output_param),
        )
        return TaskCreated(task_id=str(file_tasks.submit(caller.account_id, request).number))


class AnimatedGraphicsTask(TaskAnswer):
    """A task as it is answered (table 10-12); the output's file_name is the GIF's."""

    output: ObsObjInfo
    output_param: AnimatedGraphicsOutputParam


class ListAnimatedGraphicsTasksResult(RestResult):
    """Some tasks, and how many there are."""

    total: int
    tasks: list[AnimatedGraphicsTask]


class ListAnimatedGraphicsTasks(TaskQuery):
    """Tasks by their numbers, or a page of those that are wanted (manual 10.2)."""

    status: Status | None = None

    def perform(self, caller: Caller) -> ListAnimatedGraphicsTasksResult:
        page = self.found(caller.account_id, "animated", wanted_state(self.status))
        tasks = [_answered(one) for one in page.tasks]
        return ListAnimatedGraphicsTasksResult(total=page.total, tasks=tasks)


class CancelAnimatedGraphicsTask(TaskReference):
    """Give up a task that waits (manual 10.3)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.cancel(caller.account_id, "animated", self.task_id)


def _answered(view: FileTaskView) -> AnimatedGraphicsTask:
    task = view.task
    return AnimatedGraphicsTask(
        **common_fields(task),
        **outcome(task),
        **json.loads(task.client),
        status=STATES[task.state],
        start_time=stamp(task.started_at),
    )
