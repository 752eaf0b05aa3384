"""Media upload (VOD API manual, chapter 5)."""

import base64
import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from chalicelib import ingest
from chalicelib.apis.aliyun_vod import user_data
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.formats import domain_group_id, utc
from chalicelib.apis.aliyun_vod.tags import ChangedTags, TagList
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonObject,
    MaxBytes,
    MaxChars,
    MediaId,
    NoEmoji,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest import NewSingleFile, NewUpload, UploadGrant
from chalicelib.ingest.file_names import extension_of
from chalicelib.ingest.single_files import (
    ATTACHED_EXTENSIONS,
    IMAGE_EXTENSIONS,
    AttachedUse,
    ImageUse,
)
from chalicelib.ingest.storage_location import object_address
from chalicelib.playback import signed_url


class UploadResult(RpcResult):
    """Where to upload and with what right; both texts are base64 of JSON."""

    VideoId: str
    UploadAddress: str
    UploadAuth: str


class CreateUploadVideo(RpcAction):
    """Create the record of a video or audio file and grant its upload (manual 5.1)."""

    Title: Annotated[str, MaxChars(128), NoEmoji]
    FileName: Annotated[str, MaxBytes(1024)]
    FileSize: Annotated[int, Field(ge=0)] | None = None
    Description: Annotated[str, MaxChars(1024), NoEmoji] = ""
    CoverURL: Annotated[str, MaxBytes(2048)] = ""
    CateId: int | None = None
    Tags: TagList = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING
    TemplateGroupId: Annotated[str, MaxBytes(64)] = ""
    WorkflowId: Annotated[str, MaxBytes(64)] = ""
    StorageLocation: Annotated[str, MaxBytes(256)] = ""
    AppId: ApplicationId = DEFAULT_APP_ID

    failure = ("AddVideoFailed", "Adding video has failed due to some unknown error.")

    def perform(self, caller: Caller) -> UploadResult:
        new = NewUpload(
            title=self.Title,
            file_name=self.FileName,
            template_group_id=domain_group_id(self.TemplateGroupId),
            description=self.Description,
            tags=self.Tags,
            category_id=self.CateId,
            cover_url=self.CoverURL,
            declared_size=self.FileSize,
            workflow_id=self.WorkflowId,
            storage_address=self.StorageLocation,
            callback_url=self.UserData.callback_url,
            extend=self.UserData.extend_text,
        )
        return wire_grant(ingest.create_upload(caller.account_id, self.AppId, new))


class RefreshUploadVideo(RpcAction):
    """Renew the credential of an upload, or overwrite its file (manual 5.2)."""

    VideoId: MediaId

    def perform(self, caller: Caller) -> UploadResult:
        return wire_grant(ingest.refresh_upload(caller.account_id, self.VideoId))


class _UploadFileResult(RpcResult):
    """Where to upload a single file; its own address, without a right to read it."""

    UploadAddress: str
    UploadAuth: str
    FileURL: str


class UploadImageResult(_UploadFileResult):
    """The image, and an address that opens it once it is there."""

    ImageId: str
    ImageURL: str


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class CreateUploadImage(RpcAction):
    """Create the record of an image and grant its upload (manual 5.3)."""

    Title: Annotated[str, MaxChars(128)] = ""
    ImageType: Annotated[str, OneOf("default", "cover")]
    ImageExt: Annotated[str, BeforeValidator(_lower), OneOf(*IMAGE_EXTENSIONS)] = "png"
    OriginalFileName: Annotated[str, MaxBytes(1024)] = ""
    Tags: ChangedTags = ""
    StorageLocation: Annotated[str, MaxBytes(256)] = ""
    CateId: int | None = None
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING
    Description: Annotated[str, MaxChars(1024)] = ""
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> UploadImageResult:
        new = NewSingleFile(
            extension=self.ImageExt,
            title=self.Title,
            file_name=self.OriginalFileName,
            description=self.Description,
            tags=self.Tags,
            category_ids=() if self.CateId is None else (self.CateId,),
            storage_address=self.StorageLocation,
            callback_url=self.UserData.callback_url,
            extend=self.UserData.extend_text,
        )
        use: ImageUse = "cover" if self.ImageType == "cover" else "default"
        grant = ingest.create_image(caller.account_id, self.AppId, use, new)
        return UploadImageResult(
            ImageId=grant.media_id, ImageURL=signed_url(grant.key), **_wire_texts(grant)
        )


class UploadAttachedMediaResult(_UploadFileResult):
    """The auxiliary media, and an address that opens it once it is there."""

    MediaId: str
    MediaURL: str


class CreateUploadAttachedMedia(RpcAction):
    """Create the record of a watermark, subtitle or material and grant its upload (manual 5.4)."""

    Title: Annotated[str, MaxBytes(128)] = ""
    BusinessType: Annotated[AttachedUse, OneOf(*ATTACHED_EXTENSIONS)]
    MediaExt: Annotated[str, BeforeValidator(_lower), MaxBytes(16)] = ""
    FileName: Annotated[str, MaxBytes(1024)] = ""
    FileSize: Annotated[int, Field(ge=0)] | None = None
    Tags: ChangedTags = ""
    StorageLocation: Annotated[str, MaxBytes(256)] = ""
    Description: Annotated[str, MaxBytes(1024)] = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING
    CateIds: Annotated[tuple[int, ...], CommaList(max_items=5)] = ()
    AppId: ApplicationId = DEFAULT_APP_ID

    @model_validator(mode="after")
    def _of_its_use(self) -> "CreateUploadAttachedMedia":
        if self.MediaExt and self.MediaExt not in ATTACHED_EXTENSIONS[self.BusinessType]:
            permitted = ", ".join(ATTACHED_EXTENSIONS[self.BusinessType])
            raise invalid_parameter("MediaExt", f"It must be one of: {permitted}.")
        return self

    def perform(self, caller: Caller) -> UploadAttachedMediaResult:
        new = NewSingleFile(
            extension=self._extension(),
            title=self.Title,
            file_name=self.FileName,
            description=self.Description,
            tags=self.Tags,
            category_ids=self.CateIds,
            declared_size=self.FileSize,
            storage_address=self.StorageLocation,
            callback_url=self.UserData.callback_url,
            extend=self.UserData.extend_text,
        )
        grant = ingest.create_attached(caller.account_id, self.AppId, self.BusinessType, new)
        return UploadAttachedMediaResult(
            MediaId=grant.media_id, MediaURL=signed_url(grant.key), **_wire_texts(grant)
        )

    def _extension(self) -> str:
        """As it was given, else the file name's, else the first that there is for the use."""
        if self.MediaExt:
            return self.MediaExt
        return extension_of(self.FileName) or ATTACHED_EXTENSIONS[self.BusinessType][0]


def wire_grant(grant: UploadGrant) -> UploadResult:
    """The answer of the actions that grant the upload of a video."""
    texts = _wire_texts(grant)
    return UploadResult(
        VideoId=grant.media_id,
        UploadAddress=texts["UploadAddress"],
        UploadAuth=texts["UploadAuth"],
    )


def _wire_texts(grant: UploadGrant) -> dict[str, str]:
    """UploadAddress and UploadAuth as clients decode them (developer guide 4.3.2.1), FileURL."""
    credential = grant.credential
    address = {"Endpoint": grant.endpoint, "Bucket": grant.bucket, "FileName": grant.key}
    if grant.folder is not None:
        address["ObjectPrefix"] = grant.folder
    auth = {
        "SecurityToken": credential.security_token,
        "AccessKeyId": credential.access_key_id,
        "ExpireUTCTime": utc(credential.expires_at),
        "AccessKeySecret": credential.access_key_secret,
        "Expiration": str(grant.seconds),
        "Region": grant.region,
    }
    return {
        "UploadAddress": _encoded(address),
        "UploadAuth": _encoded(auth),
        "FileURL": object_address(grant.key),
    }


def _encoded(value: dict[str, str]) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()
