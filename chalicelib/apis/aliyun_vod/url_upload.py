"""Pulling media from URLs (VOD API manual 5.5 to 5.7)."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from chalicelib import ingest
from chalicelib.apis.aliyun_vod import user_data
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.formats import domain_group_id, text, utc
from chalicelib.apis.aliyun_vod.job_errors import wire_error
from chalicelib.apis.aliyun_vod.tags import TagList
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonArray,
    JsonObject,
    MaxBytes,
    NoEmoji,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest import NewUpload, WantedPull
from chalicelib.store.pulls import Pull, PullState

_MOST_PULLS = 20
_MOST_ASKED = 10
_LONGEST_URL = 4096

STATES = {
    PullState.PENDING: "PENDING",
    PullState.STARTED: "PROCESSING",
    PullState.DOWNLOADING: "DOWNLOADING",
    PullState.DOWNLOADED: "DOWNLOAD_SUCCESS",
    PullState.STORING: "UPLOADING",
    PullState.STORED: "UPLOAD_SUCCESS",
    PullState.SUCCEEDED: "SUCCESS",
    PullState.DOWNLOAD_FAILED: "DOWNLOAD_FAIL",
    PullState.STORE_FAILED: "UPLOAD_FAIL",
    # The manual has no state of its own for it.
    PullState.CANCELLED: "DOWNLOAD_FAIL",
}


def _unusable() -> ApiError:
    return ApiError(
        "InvalidParameter.UploadURLs", 400, "The specified parameter UploadURLs is not valid."
    )


def decoded(url: str) -> str:
    """A URL that is encoded as a whole, as the manual asks for, or one that is not."""
    plain = url.lower().startswith(("http://", "https://"))
    return url if plain else unquote(url)


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    items = [decoded(item.strip()) for item in value.split(",") if item.strip()]
    if len(items) > _MOST_PULLS or any(len(item) > _LONGEST_URL for item in items) or not items:
        raise _unusable()
    return list(dict.fromkeys(items))


def _number(value: Any) -> Any:
    return value or None  # an empty text is no value


_Urls = Annotated[
    list[str],
    CommaList(max_items=_MOST_ASKED, max_chars=3 * _LONGEST_URL),
]
_JobIds = Annotated[list[str], CommaList(max_items=_MOST_ASKED, max_chars=128)]


class UploadMetadata(BaseModel):
    """What is said about the media that comes from one of the URLs (manual 5.5)."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    SourceURL: Annotated[str, StringConstraints(min_length=1, max_length=3 * _LONGEST_URL)]
    Title: Annotated[str, StringConstraints(min_length=1), MaxBytes(128), NoEmoji]
    FileSize: Annotated[int | None, Field(ge=0), BeforeValidator(_number)] = None
    Description: Annotated[str, MaxBytes(1024), NoEmoji] = ""
    CoverURL: Annotated[str, MaxBytes(2048)] = ""
    CateId: Annotated[int | None, BeforeValidator(_number)] = None
    Tags: TagList = ""
    TemplateGroupId: Annotated[str, MaxBytes(64)] = ""
    WorkflowId: Annotated[str, MaxBytes(64)] = ""
    FileExtension: Annotated[str, MaxBytes(16)] = ""


class UploadJob(RpcResult):
    """A URL, and the job that pulls it."""

    JobId: str
    SourceURL: str


class UploadMediaByUrlResult(RpcResult):
    """The jobs, in the order of the URLs."""

    UploadJobs: list[UploadJob]


class UploadMediaByURL(RpcAction):
    """Pull up to 20 files from URLs, each by a job of its own (manual 5.5)."""

    UploadURLs: Annotated[list[str], BeforeValidator(_split)]
    TemplateGroupId: Annotated[str, MaxBytes(64)] = ""
    StorageLocation: Annotated[str, MaxBytes(256)] = ""
    UploadMetadatas: Annotated[tuple[UploadMetadata, ...], JsonArray()] = ()
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING
    AppId: ApplicationId = DEFAULT_APP_ID
    WorkflowId: Annotated[str, MaxBytes(64)] = ""
    # Not in the manual; the official SDK says what it is for.
    SessionId: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,50}$")] = ""
    # UserData once more, as it came: GetURLUploadInfos gives it back so.
    user_data_text: str = Field("", validation_alias=AliasChoices("UserData"))

    def perform(self, caller: Caller) -> UploadMediaByUrlResult:
        told = {decoded(item.SourceURL): item for item in self.UploadMetadatas}
        made = ingest.submit_pulls(
            caller.account_id,
            self.AppId,
            [self._wanted(url, told.get(url)) for url in self.UploadURLs],
            user_data=self.user_data_text,
            session_id=self.SessionId,
        )
        return UploadMediaByUrlResult(
            UploadJobs=[UploadJob(JobId=one.job_id, SourceURL=one.source_url) for one in made]
        )

    def _wanted(self, url: str, told: UploadMetadata | None) -> WantedPull:
        # What a URL's own metadata says goes before what is said for all of them.
        group = told.TemplateGroupId if told else ""
        workflow = told.WorkflowId if told else ""
        if not group and not workflow:
            group, workflow = self.TemplateGroupId, self.WorkflowId
        new = NewUpload(
            title=told.Title if told else _title(url),
            file_name="",
            template_group_id=domain_group_id(group),
            description=told.Description if told else "",
            tags=told.Tags if told else "",
            category_id=told.CateId if told else None,
            cover_url=told.CoverURL if told else "",
            declared_size=told.FileSize if told else None,
            workflow_id=workflow,
            storage_address=self.StorageLocation,
            callback_url=self.UserData.callback_url,
            extend=self.UserData.extend_text,
        )
        return WantedPull(url, new, extension=told.FileExtension if told else "")


class UrlUploadInfo(RpcResult):
    """How a job stands; the media's id and size once it has ended well, the error once badly."""

    JobId: str
    UploadURL: str
    Status: str
    CreationTime: str
    CompleteTime: str | None = None
    MediaId: str | None = None
    FileSize: str | None = None
    UserData: str | None = None
    ErrorCode: str | None = None
    ErrorMessage: str | None = None


class GetUrlUploadInfosResult(RpcResult):
    """The jobs found, and the ids or URLs that led to none."""

    URLUploadInfoList: list[UrlUploadInfo]
    NonExists: list[str]


class GetURLUploadInfos(RpcAction):
    """How pulls stand, by job ids or else by URLs (manual 5.6)."""

    JobIds: _JobIds = []  # noqa: RUF012 - pydantic copies it
    UploadURLs: _Urls = []  # noqa: RUF012

    def perform(self, caller: Caller) -> GetUrlUploadInfosResult:
        found, missing = ingest.find_pulls(
            caller.account_id, **_named(self.JobIds, self.UploadURLs)
        )
        return GetUrlUploadInfosResult(
            URLUploadInfoList=[_info(pull) for pull in found], NonExists=missing
        )


class CancelUrlUploadJobsResult(RpcResult):
    """The jobs that were cancelled, and the ids or URLs that led to none."""

    CanceledJobs: list[str]
    NonExists: list[str]


class CancelUrlUploadJobs(RpcAction):
    """Cancel pulls that have not been begun, by job ids or else by URLs (manual 5.7)."""

    JobIds: _JobIds = []  # noqa: RUF012 - pydantic copies it
    UploadUrls: _Urls = []  # noqa: RUF012

    def perform(self, caller: Caller) -> CancelUrlUploadJobsResult:
        cancelled, missing = ingest.cancel_pulls(
            caller.account_id, **_named(self.JobIds, self.UploadUrls)
        )
        return CancelUrlUploadJobsResult(CanceledJobs=cancelled, NonExists=missing)


def _named(job_ids: Sequence[str], urls: Sequence[str]) -> dict[str, list[str]]:
    if not job_ids and not urls:
        raise missing_parameter("JobIds")
    return {"job_ids": list(job_ids), "urls": [decoded(url) for url in urls]}


def _info(pull: Pull) -> UrlUploadInfo:
    done = pull.state is PullState.SUCCEEDED
    return UrlUploadInfo(
        JobId=pull.job_id,
        UploadURL=pull.source_url,
        Status=STATES[pull.state],
        CreationTime=utc(pull.created_at),
        CompleteTime=utc(pull.finished_at) if pull.finished_at else None,
        MediaId=pull.media_id if done else None,
        FileSize=text(pull.total_size),
        UserData=pull.user_data or None,
        **wire_error(pull.error_code, pull.error_message),
    )


def _title(url: str) -> str:
    """The file's name, as far as a title goes."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name.encode()[:128].decode("utf-8", "ignore")
