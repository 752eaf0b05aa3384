"""Media processing: transcodes (VOD API manual, chapter 8)."""

import json
from typing import Annotated

from pydantic import Field

from chalicelib import processing
from chalicelib.apis.aliyun_vod import encrypt_config, user_data
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.formats import domain_group_id
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import JsonObject, MaxBytes, MediaId
from chalicelib.identity.caller import Caller
from chalicelib.processing.encryption import StandardKey
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

    Overriding of template parameters is refused until it is built: a request for a marked video
    must not give one without.
    """

    VideoId: MediaId
    TemplateGroupId: Annotated[str, MaxBytes(64)]
    PipelineId: Annotated[str, MaxBytes(64)] = ""
    Priority: Annotated[int, Field(ge=1, le=10)] = 6
    EncryptConfig: Annotated[encrypt_config.EncryptConfig, JsonObject()] | None = None
    OverrideParams: Annotated[str, MaxBytes(65536)] = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING

    def perform(self, caller: Caller) -> SubmitTranscodeJobsResult:
        if not _is_empty_object(self.OverrideParams):
            raise invalid_parameter("OverrideParams", "It is not supported yet.")
        key = self.EncryptConfig.key() if self.EncryptConfig else None
        group_id = domain_group_id(self.TemplateGroupId)
        try:
            task, jobs = processing.submit_transcode(
                caller.account_id,
                self.VideoId,
                group_id,
                _wishes(self.UserData, self.Priority, key),
            )
        except processing.TemplateGroupNotFound as error:
            raise no_such_resource("TemplateGroupId") from error
        return SubmitTranscodeJobsResult(
            TranscodeTaskId=task.task_id,
            TranscodeJobs=TranscodeJobListView(
                TranscodeJob=[TranscodeJobRef(JobId=job.job_id) for job in jobs]
            ),
        )


def _wishes(settings: user_data.UserData, priority: int, key: StandardKey | None = None) -> Wishes:
    return Wishes(
        priority=priority,
        callback_url=settings.callback_url,
        extend=settings.extend_text,
        key=key,
    )


def _is_empty_object(text: str) -> bool:
    """Whether a JSON parameter says nothing: absent, ``{}`` or ``null``."""
    if not text:
        return True
    try:
        return not json.loads(text)
    except ValueError:
        return False
