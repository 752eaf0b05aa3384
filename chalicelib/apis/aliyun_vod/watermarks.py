"""Watermarks (VOD API manual 8.4)."""

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator

from chalicelib import processing
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.file_urls import own_file
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.aliyun_vod.media_views import object_url
from chalicelib.apis.aliyun_vod.watermark_documents import compile_watermark
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import JsonObject, MaxBytes, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.processing.watermarks import WatermarkDraft, WatermarkView
from chalicelib.store.watermarks import WatermarkKind

_KINDS: dict[str, WatermarkKind] = {"Image": "image", "Text": "text"}
_WORDS = re.compile(r"[^\W_]+")


def _words(name: str) -> str:
    if not _WORDS.fullmatch(name):
        raise ValueError("it must have letters, Chinese characters and digits only")
    return name


Name = Annotated[str, MaxBytes(128), AfterValidator(_words)]
WatermarkId = Annotated[str, MaxBytes(64)]
Config = Annotated[dict[str, Any], JsonObject()]


class WatermarkInfo(RpcResult):
    """A watermark; its configuration is JSON inside text."""

    WatermarkId: str
    Name: str
    Type: str
    IsDefault: str
    CreationTime: str
    WatermarkConfig: str
    FileUrl: str | None = None


class WatermarkInfoOfApp(WatermarkInfo):
    """A watermark as GetWatermark and ListWatermark show it."""

    AppId: str


class AddWatermarkResult(RpcResult):
    """The watermark that was made."""

    WatermarkInfo: WatermarkInfo


class AddWatermark(RpcAction):
    """Add an image or a text (manual 8.4.1); the image is a file that was uploaded before."""

    Type: Annotated[str, OneOf(*_KINDS)] = "Image"
    Name: Name
    WatermarkConfig: Config
    FileUrl: Annotated[str, MaxBytes(2048)] = ""
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> AddWatermarkResult:
        kind = _KINDS[self.Type]
        key = ""
        if kind == "image":
            if not self.FileUrl:
                raise missing_parameter("FileUrl")
            key = own_file(caller.account_id, "FileUrl", self.FileUrl)
        draft = _draft(self.Name, kind, self.WatermarkConfig, key)
        view = processing.add_watermark(caller.account_id, self.AppId, draft)
        return AddWatermarkResult(WatermarkInfo=WatermarkInfo(**_info(view)))


class UpdateWatermarkResult(RpcResult):
    """The watermark as it is now."""

    WatermarkInfo: WatermarkInfo


class UpdateWatermark(RpcAction):
    """Change name and configuration (manual 8.4.2); type and file stay."""

    WatermarkId: WatermarkId
    Name: Name
    WatermarkConfig: Config

    def perform(self, caller: Caller) -> UpdateWatermarkResult:
        row = processing.view_watermark(caller.account_id, self.WatermarkId).row
        draft = _draft(self.Name, row.kind, self.WatermarkConfig, row.object_key)
        view = processing.change_watermark(caller.account_id, self.WatermarkId, draft)
        return UpdateWatermarkResult(WatermarkInfo=WatermarkInfo(**_info(view)))


class EmptyResult(RpcResult):
    """Nothing but the request's id."""


class DeleteWatermark(RpcAction):
    """Delete a watermark and its file for good (manual 8.4.3)."""

    WatermarkId: WatermarkId

    def perform(self, caller: Caller) -> EmptyResult:
        processing.delete_watermark(caller.account_id, self.WatermarkId)
        return EmptyResult()


class SetDefaultWatermark(RpcAction):
    """Choose what templates mean by USER_DEFAULT_WATERMARK (manual 8.4.4)."""

    WatermarkId: WatermarkId

    def perform(self, caller: Caller) -> EmptyResult:
        processing.set_default_watermark(caller.account_id, self.WatermarkId)
        return EmptyResult()


class GetWatermarkResult(RpcResult):
    """One watermark."""

    WatermarkInfo: WatermarkInfoOfApp


class GetWatermark(RpcAction):
    """One watermark (manual 8.4.5)."""

    WatermarkId: WatermarkId

    def perform(self, caller: Caller) -> GetWatermarkResult:
        view = processing.view_watermark(caller.account_id, self.WatermarkId)
        return GetWatermarkResult(WatermarkInfo=_info_of_app(view))


class ListWatermarkResult(RpcResult):
    """The watermarks of an application."""

    WatermarkInfos: list[WatermarkInfoOfApp]


class ListWatermark(RpcAction):
    """The watermarks of an application, newest first (manual 8.4.6)."""

    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> ListWatermarkResult:
        found = processing.list_watermarks(caller.account_id, self.AppId)
        return ListWatermarkResult(WatermarkInfos=[_info_of_app(view) for view in found])


def _draft(name: str, kind: WatermarkKind, raw: dict[str, Any], key: str) -> WatermarkDraft:
    return WatermarkDraft(
        name=name,
        overlay=compile_watermark(kind, raw, key),
        source=json.dumps(raw, ensure_ascii=False, separators=(",", ":")),
    )


def _info(view: WatermarkView) -> dict[str, str | None]:
    row = view.row
    return {
        "WatermarkId": row.watermark_id,
        "Name": row.name,
        "Type": "Image" if row.kind == "image" else "Text",
        "IsDefault": "Default" if view.is_default else "NotDefault",
        "CreationTime": utc(row.created_at),
        "WatermarkConfig": row.source,
        "FileUrl": object_url(row.object_key, "cdn", None) if row.object_key else None,
    }


def _info_of_app(view: WatermarkView) -> WatermarkInfoOfApp:
    return WatermarkInfoOfApp(**_info(view), AppId=view.row.app_id)
