"""Remuxing: another container for the same streams (MPC API manual 9.1 to 9.5)."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo, Truth
from chalicelib.apis.huawei_mpc.metadata_views import MetaData, metadata
from chalicelib.apis.huawei_mpc.tasks import (
    STATES,
    Status,
    TaskAnswer,
    TaskCreated,
    TaskQuery,
    TaskReference,
    UserData,
    common_fields,
    file_name,
    outcome,
    require_elsewhere,
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
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import remuxed
from chalicelib.processing import file_tasks
from chalicelib.processing.file_specs import RemuxSpec
from chalicelib.processing.file_tasks import FileJob, FileRequest, FileTaskView
from chalicelib.processing.output_names import may_write

_USUAL_SEGMENT = 5
_FORMATS = {"m3u8": "HLS", "mp4": "MP4"}


def _adjusted(value: Any) -> Any:
    """The manual: what is out of range is adjusted to 5."""
    try:
        seconds = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return value
    return seconds if 2 <= seconds <= 10 else _USUAL_SEGMENT


class RemuxOutputParam(RestModel):
    """What comes out (table 9-5); the length of HLS segments in seconds."""

    format: Annotated[str, OneOf("HLS", "MP4")] | None = None
    segment_duration: Annotated[int, BeforeValidator(_adjusted)] = _USUAL_SEGMENT
    remove_meta: Truth = False

    def for_file(self, name: str) -> "RemuxOutputParam":
        """With the format, which the name tells where it was not given. Raises InvalidRequest."""
        if self.format is not None:
            return self
        told = _FORMATS.get(name.rpartition(".")[2].lower())
        if told is None:
            raise InvalidRequest("output_param.format is required for this file_name")
        return self.model_copy(update={"format": told})


class CreateRemuxTask(RestOperation):
    """Put the streams of a file into another container (manual 9.1)."""

    input: ObsObjInfo
    output: ObsObjInfo
    user_data: UserData = ""
    output_param: RemuxOutputParam | None = None

    def perform(self, caller: Caller) -> TaskCreated:
        name = file_name(self.output.file_name)
        source, target = source_place(self.input), target_place(self.output)
        require_elsewhere(source, target, name)
        require_short(target, name)
        wanted = (self.output_param or RemuxOutputParam()).for_file(name)
        spec = RemuxSpec(
            rendition=remuxed(
                "m3u8" if wanted.format == "HLS" else "mp4",
                segments=Segments(seconds=wanted.segment_duration),
                keep_tags=not wanted.remove_meta,
            ),
            file_name=name,
        )
        stem = name.rpartition(".")[0] or name
        if source.bucket == target.bucket and may_write(
            f"{target.key}{stem}", spec.rendition, source.key
        ):
            raise InvalidRequest("a segment of the output would be written over the input")
        request = FileRequest(
            kind="remux",
            source=source,
            target=target,
            work=[FileJob("remux", spec.model_dump_json(), f"{target.key}{stem}")],
            user_data=self.user_data,
            client=written(input=self.input, output=self.output, output_param=wanted),
        )
        return TaskCreated(task_id=str(file_tasks.submit(caller.account_id, request).number))


class RetryRemuxTask(TaskReference):
    """Begin a failed task once more (manual 9.2)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.retry(caller.account_id, "remux", self.task_id)


class RemuxTask(TaskAnswer):
    """A task as it is answered (table 9-16)."""

    output: ObsObjInfo
    output_param: RemuxOutputParam
    complete_ratio: int
    output_metadata: MetaData | None = None


class ListRemuxTasksResult(RestResult):
    """Some tasks, and how many there are."""

    total: int
    tasks: list[RemuxTask]


class ListRemuxTasks(TaskQuery):
    """Tasks by their numbers, or a page of those that are wanted (manual 9.3)."""

    status: Status | None = None
    input_bucket: str | None = None
    input_object: Annotated[str, AfterValidator(lambda text: text.lstrip("/"))] | None = None

    def perform(self, caller: Caller) -> ListRemuxTasksResult:
        wanted = {
            **wanted_state(self.status),
            "source_bucket": self.input_bucket,
            "source_key": self.input_object,
        }
        page = self.found(caller.account_id, "remux", wanted)
        return ListRemuxTasksResult(total=page.total, tasks=[_answered(one) for one in page.tasks])


class CancelRemuxTask(TaskReference):
    """Give up a task that waits (manual 9.4)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.cancel(caller.account_id, "remux", self.task_id)


class DeleteRemuxTaskRecord(TaskReference):
    """Forget a task that has ended (manual 9.5)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.delete(caller.account_id, "remux", self.task_id)


def _answered(view: FileTaskView) -> RemuxTask:
    task, job = view.task, view.jobs[0]
    made = json.loads(job.result) if job.result else None
    succeeded = task.state == "succeeded"
    return RemuxTask(
        **common_fields(task),
        **outcome(task),
        **json.loads(task.client),
        status=STATES[task.state],
        start_time=stamp(task.started_at),
        complete_ratio=100 if succeeded else job.progress,
        output_metadata=metadata(MediaFacts.model_validate(made["facts"]), made["key"])
        if made is not None and succeeded
        else None,
    )
