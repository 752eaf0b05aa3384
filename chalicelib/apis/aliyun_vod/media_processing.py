"""Media processing: transcodes and snapshots (VOD API manual, chapter 8)."""

import json
from typing import Annotated

from pydantic import Field

from chalicelib import processing
from chalicelib.apis.aliyun_vod import encrypt_config, override_params, user_data
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.formats import domain_group_id
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import JsonObject, MaxBytes, MediaId, OneOf
from chalicelib.apis.protocol.aliyun_rpc.signing import percent_encode
from chalicelib.identity.caller import Caller
from chalicelib.mediaspec.snapshot import SnapshotSpec
from chalicelib.processing.encryption import StandardKey
from chalicelib.processing.submission import Wishes
from chalicelib.settings import settings

# The most pictures of one job: an hour at one each two seconds.
_MOST_SNAPSHOTS = 2000

Pixels = Annotated[int, Field(ge=8, le=4096)]


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
                TranscodeJob=[TranscodeJobRef(JobId=job.job_id) for job in jobs]
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


class SnapshotJobRef(RpcResult):
    """One snapshot job."""

    JobId: str


class SubmitSnapshotJobResult(RpcResult):
    """The job that was submitted."""

    SnapshotJob: SnapshotJobRef


class SubmitSnapshotJob(RpcAction):
    """Take snapshots of a video (manual 8.1.2): pictures; sprites are refused until built."""

    VideoId: MediaId
    SpecifiedOffsetTime: Annotated[int, Field(ge=0, le=10**10)] = 0
    Width: Pixels | None = None
    Height: Pixels | None = None
    Count: Annotated[int, Field(ge=1, le=_MOST_SNAPSHOTS)] | None = None
    Interval: Annotated[int, Field(ge=0, le=10**7)] | None = None
    SpriteSnapshotConfig: Annotated[str, MaxBytes(4096)] = ""
    SnapshotTemplateId: Annotated[str, MaxBytes(64)] = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING

    def perform(self, caller: Caller) -> SubmitSnapshotJobResult:
        if self.SnapshotTemplateId:
            raise no_such_resource("SnapshotTemplateId")
        if self.SpriteSnapshotConfig:
            raise self._no_sprites()
        job = processing.submit_snapshots(
            caller.account_id, self.VideoId, self._spec(), _wishes(self.UserData, 6)
        )
        return SubmitSnapshotJobResult(SnapshotJob=SnapshotJobRef(JobId=job.job_id))

    def _spec(self) -> SnapshotSpec:
        # Count and Interval bound each other: whichever yields fewer pictures applies. An interval
        # alone goes on to the end of the video.
        count = self.Count or (1 if self.Interval is None else _MOST_SNAPSHOTS)
        return SnapshotSpec(
            frame="exact",
            start_ms=self.SpecifiedOffsetTime,
            count=count,
            interval_seconds=1 if self.Interval is None else self.Interval,
            width=self.Width,
            height=self.Height,
        )

    def _no_sprites(self) -> ApiError:
        return invalid_parameter("SpriteSnapshotConfig", "Sprites are not supported yet.")


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
