"""Multipart uploads, the progress of uploads, and media that lie in the bucket already (VOD API
manual 5.9 to 5.11)."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from chalicelib import ingest, library
from chalicelib.apis.aliyun_vod import user_data
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID
from chalicelib.apis.aliyun_vod.formats import STATUS, domain_group_id, utc
from chalicelib.apis.aliyun_vod.tags import TagList
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    Errors,
    fixed,
    invalid_parameter,
    lookup,
)
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonArray,
    JsonObject,
    MaxBytes,
    MediaId,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest import MediaToRegister, UploadProgress

_MOST_MEDIA = 20
_MOST_FILES = 10
# Too many ids have a code of their own, which the checks of parameters do not know.
_ANY_NUMBER = 1_000


# Elsewhere the status of the first three is 404.
_OF_PARTS: Errors = {
    library.MediaNotFound: fixed("InvalidVideo.NotFound", 400, "The video does not exist."),
    library.SourceMissing: fixed("InvalidFile.NotFound", 400, "The file does not exist."),
    ingest.StorageNotFound: fixed("InvalidStorage.NotFound", 400, "can't find storage."),
    ingest.StorageForbidden: fixed("AccessDenied", 400, "Access denied by authorizer's policy."),
}


class DeleteMultipartUpload(RpcAction):
    """Throw away the parts of uploads of a media that were not ended (manual 5.9)."""

    MediaId: MediaId
    MediaType: Annotated[str, OneOf("video")]

    def perform(self, caller: Caller) -> RpcResult:
        try:
            ingest.abort_multipart_uploads(caller.account_id, self.MediaId)
        except tuple(_OF_PARTS) as error:
            raise lookup(error, _OF_PARTS) or error from None
        return RpcResult()


class UploadDetail(RpcResult):
    """How the upload of a media stands. ``UploadRatio`` is a share: 0 to 1."""

    MediaId: str
    Title: str
    Status: str
    UploadStatus: str
    UploadSize: int
    UploadRatio: float | None = None
    FileSize: int | None = None
    UploadSource: str
    UploadIP: str | None = None
    CreationTime: str
    ModificationTime: str
    CompletionTime: str | None = None


class GetUploadDetailsResult(RpcResult):
    """The details, and the ids that lead to none."""

    UploadDetails: list[UploadDetail]
    NonExistMediaIds: list[str]
    ForbiddenMediaIds: list[str]


class GetUploadDetails(RpcAction):
    """How far uploads are, of up to 20 videos (manual 5.10)."""

    MediaIds: Annotated[list[str], CommaList(max_items=_ANY_NUMBER)]
    MediaType: Annotated[str, OneOf("video")] = "video"

    @field_validator("MediaIds")
    @classmethod
    def _few(cls, media_ids: list[str]) -> list[str]:
        if len(media_ids) > _MOST_MEDIA:
            raise ApiError(
                "LimitExceeded.MediaIds", 400, 'The input parameter "MediaIds" Exceed the limit.'
            )
        return media_ids

    def perform(self, caller: Caller) -> GetUploadDetailsResult:
        found = ingest.upload_progress(caller.account_id, self.MediaIds)
        known = {one.media.media_id for one in found}
        return GetUploadDetailsResult(
            UploadDetails=[_detail(one) for one in found],
            NonExistMediaIds=[name for name in self.MediaIds if name not in known],
            ForbiddenMediaIds=[],
        )


_SOURCES = {"url": "URLUpload", "register": "RegisterMedia"}


def _detail(progress: UploadProgress) -> UploadDetail:
    media = progress.media
    uploaded = media.uploaded_at is not None
    return UploadDetail(
        MediaId=media.media_id,
        Title=media.title,
        Status=STATUS[media.status],
        UploadStatus="SUCCESS" if uploaded else "UPLOADING",
        UploadSize=progress.uploaded,
        UploadRatio=progress.share,
        FileSize=media.source_size or media.declared_size,
        UploadSource=_SOURCES.get(media.upload_source or "", "API"),
        UploadIP=media.upload_ip or None,
        CreationTime=utc(media.created_at),
        ModificationTime=utc(media.modified_at),
        CompletionTime=utc(media.uploaded_at) if media.uploaded_at else None,
    )


class RegisterMetadata(BaseModel):
    """A file that is to become a media (manual 5.11)."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    FileURL: Annotated[str, StringConstraints(min_length=1), MaxBytes(1024)]
    Title: Annotated[str, StringConstraints(min_length=1), MaxBytes(128)]
    Description: Annotated[str, MaxBytes(1024)] = ""
    Tags: TagList = ""
    CoverURL: Annotated[str, MaxBytes(1024)] = ""
    CateId: int | None = None


class RegisteredMedia(RpcResult):
    """A file and its media; whether this call has made it."""

    FileURL: str
    MediaId: str
    NewRegister: bool


class RegisterMediaResult(RpcResult):
    """The files that are media now, and those that cannot be."""

    RegisteredMediaList: list[RegisteredMedia]
    FailedFileURLs: list[str]


class RegisterMedia(RpcAction):
    """Make media of up to 10 files that lie in the bucket, each once for ever (manual 5.11)."""

    AppId: ClassVar[str] = DEFAULT_APP_ID

    RegisterMetadatas: Annotated[tuple[RegisterMetadata, ...], JsonArray()]
    TemplateGroupId: Annotated[str, MaxBytes(64)] = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING
    WorkflowId: Annotated[str, MaxBytes(64)] = ""

    @field_validator("RegisterMetadatas")
    @classmethod
    def _few(cls, several: tuple[RegisterMetadata, ...]) -> tuple[RegisterMetadata, ...]:
        if not 1 <= len(several) <= _MOST_FILES:
            problem = f"It must have 1 to {_MOST_FILES} items."
            raise invalid_parameter("RegisterMetadatas", problem)
        return several

    def perform(self, caller: Caller) -> RegisterMediaResult:
        wanted = [
            MediaToRegister(
                url=item.FileURL,
                title=item.Title,
                description=item.Description,
                tags=item.Tags,
                cover_url=item.CoverURL,
                category_id=item.CateId,
            )
            for item in self.RegisterMetadatas
        ]
        registered, failed = ingest.register_media(
            caller.account_id,
            self.AppId,
            wanted,
            template_group_id=domain_group_id(self.TemplateGroupId),
            workflow_id=self.WorkflowId,
            callback_url=self.UserData.callback_url,
            extend=self.UserData.extend_text,
        )
        return RegisterMediaResult(
            RegisteredMediaList=[
                RegisteredMedia(FileURL=one.url, MediaId=one.media_id, NewRegister=one.is_new)
                for one in registered
            ],
            FailedFileURLs=failed,
        )
