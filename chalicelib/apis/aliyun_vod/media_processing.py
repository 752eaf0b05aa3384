"""Media processing: transcodes (VOD API manual, chapter 8)."""

import json
from typing import Annotated

from pydantic import Field

from chalicelib import processing
from chalicelib.apis.aliyun_vod import user_data
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.formats import domain_group_id
from chalicelib.apis.aliyun_vod.task_views import TranscodeTaskView, transcode_task
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import JsonObject, MaxBytes, MediaId
from chalicelib.identity.caller import Caller
from chalicelib.processing.submission import Wishes


class TranscodeJobRef(RpcResult):
    """One job of a task."""

    JobId: str


class TranscodeJobListView(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    TranscodeJob: list[TranscodeJobRef]


class SubmitTranscodeJobsResult(RpcResult):
    """The task and its jobs."""

    TranscodeTaskId: str
    TranscodeJobs: TranscodeJobListView


class SubmitTranscodeJobs(RpcAction):
    """Transcode a video with a template group (manual 8.1.1).

    Encryption and overriding of template parameters are refused until they are built: a request
    for a protected or marked video must not give one without.
    """

    VideoId: MediaId
    TemplateGroupId: Annotated[str, MaxBytes(64)]
    PipelineId: Annotated[str, MaxBytes(64)] = ""
    Priority: Annotated[int, Field(ge=1, le=10)] = 6
    EncryptConfig: Annotated[str, MaxBytes(4096)] = ""
    OverrideParams: Annotated[str, MaxBytes(65536)] = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING

    def perform(self, caller: Caller) -> SubmitTranscodeJobsResult:
        for name, value in (
            ("EncryptConfig", self.EncryptConfig),
            ("OverrideParams", self.OverrideParams),
        ):
            if not _is_empty_object(value):
                raise invalid_parameter(name, "It is not supported yet.")
        group_id = domain_group_id(self.TemplateGroupId)
        try:
            task, jobs = processing.submit_transcode(
                caller.account_id, self.VideoId, group_id, _wishes(self.UserData, self.Priority)
            )
        except processing.TemplateGroupNotFound as error:
            raise no_such_resource("TemplateGroupId") from error
        return SubmitTranscodeJobsResult(
            TranscodeTaskId=task.task_id,
            TranscodeJobs=TranscodeJobListView(
                TranscodeJob=[TranscodeJobRef(JobId=job.job_id) for job in jobs]
            ),
        )


class GetTranscodeTaskResult(RpcResult):
    """One task."""

    TranscodeTask: TranscodeTaskView


class GetTranscodeTask(RpcAction):
    """A transcode task with its jobs and their outputs (manual 8.5.3)."""

    TranscodeTaskId: Annotated[str, MaxBytes(64)]

    def perform(self, caller: Caller) -> GetTranscodeTaskResult:
        view = processing.view_task(caller.account_id, self.TranscodeTaskId)
        return GetTranscodeTaskResult(TranscodeTask=transcode_task(view))


def _wishes(settings: user_data.UserData, priority: int) -> Wishes:
    return Wishes(
        priority=priority, callback_url=settings.callback_url, extend=settings.extend_text
    )


def _is_empty_object(text: str) -> bool:
    """Whether a JSON parameter says nothing: absent, ``{}`` or ``null``."""
    if not text:
        return True
    try:
        return not json.loads(text)
    except ValueError:
        return False
