"""Extracting the metadata of a file (MPC API manual 11.1 to 11.3)."""

import json
from typing import Annotated

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.metadata_views import MetaData, metadata
from chalicelib.apis.huawei_mpc.tasks import (
    STATES,
    SYNC_SECONDS,
    Status,
    TaskAnswer,
    TaskQuery,
    TaskReference,
    UserData,
    common_fields,
    file_name,
    outcome,
    require_elsewhere,
    require_no_playlist,
    require_short,
    source_place,
    stamp,
    target_place,
    wanted_state,
    written,
)
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.identity.caller import Caller
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.processing import file_tasks
from chalicelib.processing.file_specs import FactsSpec
from chalicelib.processing.file_tasks import FileJob, FileRequest, FileTaskView
from chalicelib.store.file_tasks import FilePlace


class CreateExtractMetadataTaskResult(RestResult):
    """The task's number; with synchronous processing all that is known when it is answered."""

    task_id: str
    status: str | None = None
    create_time: str | None = None
    output: ObsObjInfo | None = None
    output_file_name: str | None = None
    description: str | None = None
    metadata: MetaData | None = None


class CreateExtractMetadataTask(RestOperation):
    """Find out what a file is (manual 11.1).

    ``output.file_name``: the facts are written into this file as well, as JSON. ``sync`` 1 waits
    for them; a source that takes longer than a request may is asked for by the task's number.
    """

    input: ObsObjInfo
    output: ObsObjInfo | None = None
    user_data: UserData = ""
    sync: Annotated[int, OneOf(0, 1)] = 0

    def perform(self, caller: Caller) -> CreateExtractMetadataTaskResult:
        task = file_tasks.submit(caller.account_id, self._request())
        if not self.sync:
            return CreateExtractMetadataTaskResult(task_id=str(task.number))
        seen = file_tasks.wait(caller.account_id, "metadata", task.number, SYNC_SECONDS)
        return CreateExtractMetadataTaskResult(
            task_id=str(task.number),
            status=STATES[seen.task.state],
            create_time=stamp(task.created_at),
            output=self.output,
            output_file_name=self.output.file_name if self.output else None,
            description=outcome(seen.task).get("description"),
            metadata=_found(seen),
        )

    def _request(self) -> FileRequest:
        if self.sync:
            require_no_playlist(self.input)
        source = source_place(self.input)
        target, name = self._target(source)
        spec = FactsSpec(file_name=name)
        return FileRequest(
            kind="metadata",
            source=source,
            target=target,
            work=[FileJob("probe", spec.model_dump_json(), target.key, queue="quick")],
            user_data=self.user_data,
            client=written(input=self.input, output=self.output),
        )

    def _target(self, source: FilePlace) -> tuple[FilePlace, str | None]:
        """Without an output nothing is written: then it is all about the source's bucket."""
        if self.output is None:
            return FilePlace(bucket=source.bucket), None
        target, name = target_place(self.output), self.output.file_name
        if name is None:
            return target, None
        require_elsewhere(source, target, file_name(name))
        require_short(target, name)
        return target, name


class ExtractTask(TaskAnswer):
    """A task as it is answered (table 11-15)."""

    output: ObsObjInfo | None = None
    metadata: MetaData | None = None


class ListExtractMetadataTasksResult(RestResult):
    """Some tasks, and how many there are."""

    total: int
    tasks: list[ExtractTask]


class ListExtractMetadataTasks(TaskQuery):
    """Tasks by their numbers, or a page of those that are wanted (manual 11.2)."""

    status: Status | None = None

    def perform(self, caller: Caller) -> ListExtractMetadataTasksResult:
        page = self.found(caller.account_id, "metadata", wanted_state(self.status))
        tasks = [_answered(one) for one in page.tasks]
        return ListExtractMetadataTasksResult(total=page.total, tasks=tasks)


class CancelExtractMetadataTask(TaskReference):
    """Give up a task that waits (manual 11.3)."""

    def perform(self, caller: Caller) -> None:
        file_tasks.cancel(caller.account_id, "metadata", self.task_id)


def _answered(view: FileTaskView) -> ExtractTask:
    task = view.task
    return ExtractTask(
        **common_fields(task),
        **outcome(task),
        **json.loads(task.client),
        status=STATES[task.state],
        start_time=stamp(task.started_at),
        metadata=_found(view),
    )


def _found(view: FileTaskView) -> MetaData | None:
    if view.task.state != "succeeded":
        return None
    facts = json.loads(view.jobs[0].result)["facts"]
    return metadata(MediaFacts.model_validate(facts), view.task.source_key)
