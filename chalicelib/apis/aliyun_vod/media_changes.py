"""Changing what is told about videos (VOD API manual 7.3.5, 7.3.6)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, field_validator

from chalicelib.apis.aliyun_vod.tags import ChangedTags
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.parameters import JsonArray, MaxBytes, MaxChars, MediaId
from chalicelib.identity.caller import Caller
from chalicelib.library import changes
from chalicelib.library.changes import Changes

_MOST = 20

_Title = Annotated[str, MaxChars(128)]
_Description = Annotated[str, MaxChars(1024)]
_CoverUrl = Annotated[str, MaxBytes(2048)]


class UpdateVideoInfo(RpcAction):
    """Change a video's title, tags, description, cover or category (manual 7.3.5)."""

    VideoId: MediaId
    Title: _Title | None = None
    Tags: ChangedTags | None = None
    Description: _Description | None = None
    CoverURL: _CoverUrl | None = None
    CateId: int | None = None

    def perform(self, caller: Caller) -> RpcResult:
        changes.update_media(caller.account_id, self.VideoId, _changes(self))
        return RpcResult()


class ContentUpdate(BaseModel):
    """What is to change of one video. An empty text clears what may be empty."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    VideoId: MediaId
    Title: _Title | None = None
    Tags: ChangedTags | None = None
    Description: _Description | None = None
    CoverURL: _CoverUrl | None = None
    CateId: int | None = None


class UpdateVideoInfosResult(RpcResult):
    """The ids of which nothing was changed."""

    ForbiddenVideoIds: list[str]
    NonExistVideoIds: list[str]


class UpdateVideoInfos(RpcAction):
    """Change several videos, each for itself (manual 7.3.6)."""

    UpdateContent: Annotated[list[ContentUpdate], JsonArray()]

    @field_validator("UpdateContent")
    @classmethod
    def _few(cls, several: list[ContentUpdate]) -> list[ContentUpdate]:
        if len(several) > _MOST:
            raise ApiError("CountExceededMax", 400, "The UpdateContent count exceeded maximum.")
        return several

    def perform(self, caller: Caller) -> UpdateVideoInfosResult:
        done = changes.update_several(
            caller.account_id, [(item.VideoId, _changes(item)) for item in self.UpdateContent]
        )
        return UpdateVideoInfosResult(
            ForbiddenVideoIds=done.forbidden, NonExistVideoIds=done.unknown
        )


def _changes(wanted: UpdateVideoInfo | ContentUpdate) -> Changes:
    return Changes(
        title=wanted.Title or None,
        description=wanted.Description,
        tags=wanted.Tags,
        custom_cover_url=wanted.CoverURL,
        category_id=wanted.CateId,
    )
