"""Media processing: transcodes (VOD API manual, chapter 8)."""

from typing import Annotated

from pydantic import Field

from chalicelib import processing
from chalicelib.apis.aliyun_vod import encrypt_config, override_params, user_data
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.formats import domain_group_id
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import JsonObject, MaxBytes, MediaId, OneOf
from chalicelib.apis.protocol.aliyun_rpc.signing import percent_encode
from chalicelib.identity.caller import Caller
from chalicelib.processing.encryption import StandardKey
from chalicelib.processing.submission import Wishes
from chalicelib.settings import settings


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

    PipelineId is accepted and has no effect: there is one queue, ordered by priority.
    """

    VideoId: MediaId
    TemplateGroupId: Annotated[str, MaxBytes(64)]
    PipelineId: Annotated[str, MaxBytes(64)] = ""
    Priority: Annotated[int, Field(ge=1, le=10)] = 6
    EncryptConfig: Annotated[encrypt_config.EncryptConfig, JsonObject()] | None = None
    OverrideParams: Annotated[override_params.OverrideParams, JsonObject(max_depth=10)] = (
        override_params.NOTHING
    )
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING

    def perform(self, caller: Caller) -> SubmitTranscodeJobsResult:
        key = self.EncryptConfig.key() if self.EncryptConfig else None
        group_id = domain_group_id(self.TemplateGroupId)
        try:
            group = processing.find_group(caller.account_id, group_id)
            task, jobs = processing.submit_transcode(
                caller.account_id,
                self.VideoId,
                group_id,
                _wishes(self.UserData, self.Priority, key),
                override_params.overrides_of(caller.account_id, group, self.OverrideParams),
            )
        except processing.TemplateGroupNotFound as error:
            raise no_such_resource("TemplateGroupId") from error
        return SubmitTranscodeJobsResult(
            TranscodeTaskId=task.task_id,
            TranscodeJobs=TranscodeJobListView(
                # A package is one stream: its callback tells of it (manual 8.1.1).
                TranscodeJob=[]
                if any(job.kind == "package" for job in jobs)
                else [TranscodeJobRef(JobId=job.job_id) for job in jobs]
            ),
        )


class PreprocessJobRef(RpcResult):
    """One job."""

    JobId: str


class PreprocessJobListView(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    PreprocessJob: list[PreprocessJobRef]


class SubmitPreprocessJobsResult(RpcResult):
    """The jobs that were submitted."""

    PreprocessJobs: PreprocessJobListView


class SubmitPreprocessJobs(RpcAction):
    """Make a copy of a video that production studios play (manual 8.1.3)."""

    VideoId: MediaId
    PreprocessType: Annotated[str, OneOf("LivePreprocess")]

    def perform(self, caller: Caller) -> SubmitPreprocessJobsResult:
        jobs = processing.submit_preprocessing(caller.account_id, self.VideoId)
        return SubmitPreprocessJobsResult(
            PreprocessJobs=PreprocessJobListView(
                PreprocessJob=[PreprocessJobRef(JobId=job.job_id) for job in jobs]
            )
        )


class SubmitWorkflowJobResult(RpcResult):
    """The run of the workflow."""

    TaskId: str


class SubmitWorkflowJob(RpcAction):
    """Send a video through a workflow (manual 8.1.5)."""

    WorkflowId: Annotated[str, MaxBytes(64)]
    MediaId: MediaId

    def resource(self, account_id: str) -> str | None:
        """As for the actions that call the video VideoId."""
        return f"acs:vod:{settings().region}:{account_id}:video/{percent_encode(self.MediaId)}"

    def perform(self, caller: Caller) -> SubmitWorkflowJobResult:
        run_id = processing.submit_workflow(caller.account_id, self.MediaId, self.WorkflowId)
        return SubmitWorkflowJobResult(TaskId=run_id)


def _wishes(settings: user_data.UserData, priority: int, key: StandardKey | None = None) -> Wishes:
    return Wishes(
        priority=priority,
        callback_url=settings.callback_url,
        extend=settings.extend_text,
        key=key,
    )
