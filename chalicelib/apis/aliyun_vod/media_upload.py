"""Media upload (VOD API manual, chapter 5)."""

import base64
import json
from typing import Annotated

from pydantic import Field

from chalicelib import ingest
from chalicelib.apis.aliyun_vod import user_data
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.formats import domain_group_id, utc
from chalicelib.apis.aliyun_vod.tags import TagList
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    JsonObject,
    MaxBytes,
    MaxChars,
    MediaId,
    NoEmoji,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest import NewUpload, UploadGrant


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


def wire_grant(grant: UploadGrant) -> UploadResult:
    """UploadAddress and UploadAuth as clients decode them (developer guide 4.3.2.1)."""
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
    return UploadResult(
        VideoId=grant.media_id, UploadAddress=_encoded(address), UploadAuth=_encoded(auth)
    )


def _encoded(value: dict[str, str]) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()
