"""Transcode tasks (VOD API manual 8.5)."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib import processing
from chalicelib.apis.aliyun_vod.task_views import (
    TranscodeSummary,
    TranscodeTaskBrief,
    TranscodeTaskView,
    task_brief,
    transcode_summary,
    transcode_task,
)
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter, missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MaxBytes, MediaId
from chalicelib.apis.protocol.aliyun_rpc.signing import parse_timestamp
from chalicelib.identity.caller import Caller

_MOST_SUMMARIES = 10


def _moment(text: str) -> str:
    parse_timestamp(text)
    return text


Moment = Annotated[str, MaxBytes(32), AfterValidator(_moment)]
"""``yyyy-MM-ddTHH:mm:ssZ``, in UTC."""


class GetTranscodeSummaryResult(RpcResult):
    """Summaries in the order asked for, and the ids that are of no video."""

    TranscodeSummaryList: list[TranscodeSummary]
    NonExistVideoIds: list[str]


class GetTranscodeSummary(RpcAction):
    """The newest transcode task of each of up to ten videos (manual 8.5.1)."""

    # The manual's own sample has quotation marks around the list.
    VideoIds: Annotated[tuple[str, ...], CommaList(max_items=_MOST_SUMMARIES, max_chars=128)]

    def perform(self, caller: Caller) -> GetTranscodeSummaryResult:
        wanted = list(dict.fromkeys(item.strip('" ') for item in self.VideoIds))
        wanted = [item for item in wanted if item]
        if not wanted:
            raise missing_parameter("VideoIds")
        views, unknown = processing.latest_tasks(caller.account_id, wanted)
        return GetTranscodeSummaryResult(
            TranscodeSummaryList=[transcode_summary(view) for view in views],
            NonExistVideoIds=unknown,
        )


class ListTranscodeTaskResult(RpcResult):
    """One page of tasks."""

    TranscodeTaskList: list[TranscodeTaskBrief]


class ListTranscodeTask(RpcAction):
    """The transcode tasks of a video, newest first, without their jobs (manual 8.5.2)."""

    VideoId: MediaId
    StartTime: Moment | None = None
    EndTime: Moment | None = None
    PageSize: Annotated[int, Field(ge=1, le=50)] = 10
    PageNo: Annotated[int, Field(ge=1, le=10**6)] = 1

    def perform(self, caller: Caller) -> ListTranscodeTaskResult:
        since, until = _parsed(self.StartTime), _parsed(self.EndTime)
        if since is not None and until is not None and until <= since:
            raise invalid_parameter("EndTime", "It must be later than StartTime.")
        found = processing.list_tasks(
            caller.account_id,
            self.VideoId,
            since=since,
            until=until,
            page=self.PageNo,
            page_size=self.PageSize,
        )
        return ListTranscodeTaskResult(TranscodeTaskList=[task_brief(task) for task in found])


class GetTranscodeTaskResult(RpcResult):
    """One task."""

    TranscodeTask: TranscodeTaskView


class GetTranscodeTask(RpcAction):
    """A transcode task with its jobs and their outputs (manual 8.5.3)."""

    TranscodeTaskId: Annotated[str, MaxBytes(64)]

    def perform(self, caller: Caller) -> GetTranscodeTaskResult:
        view = processing.view_task(caller.account_id, self.TranscodeTaskId)
        return GetTranscodeTaskResult(TranscodeTask=transcode_task(view))


def _parsed(text: str | None) -> datetime | None:
    return parse_timestamp(text) if text else None
