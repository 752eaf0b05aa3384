"""Auxiliary media: watermarks, subtitles, materials (VOD API manual 7.5)."""

import json
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from chalicelib import library
from chalicelib.apis.aliyun_vod.formats import FILE_STATUS, utc
from chalicelib.apis.aliyun_vod.image_assets import MOST_SECONDS, MOST_UPDATES
from chalicelib.apis.aliyun_vod.media_categories import parent_id
from chalicelib.apis.aliyun_vod.media_views import object_url
from chalicelib.apis.aliyun_vod.search_views import CategoryOfMedia
from chalicelib.apis.aliyun_vod.tags import ChangedTags
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonArray,
    MaxBytes,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest.storage_location import storage_address
from chalicelib.library import MediaView
from chalicelib.library.changes import Changes, update_several
from chalicelib.library.deletion import delete_media
from chalicelib.library.media import ATTACHED

_MOST_MEDIA = 20
# Too many ids have a code of their own, which the checks of parameters do not know.
_ANY_NUMBER = 1_000


def _few(media_ids: list[str]) -> list[str]:
    if len(media_ids) > _MOST_MEDIA:
        raise ApiError("ExceededMax", 400, 'The input parameter "MediaIds" Exceed the limit.')
    return media_ids


class AttachedMediaView(RpcResult):
    """An auxiliary media."""

    MediaId: str
    Type: str
    Title: str
    Description: str
    Tags: str
    Status: str
    URL: str
    StorageLocation: str
    CreationTime: str
    ModificationTime: str
    AppId: str
    Categories: list[CategoryOfMedia]


class GetAttachedMediaInfoResult(RpcResult):
    """The auxiliary media, and the ids that name none."""

    AttachedMediaList: list[AttachedMediaView]
    NonExistMediaIds: list[str]


class GetAttachedMediaInfo(RpcAction):
    """The basic information of up to 20 auxiliary media (manual 7.5.1)."""

    MediaIds: Annotated[list[str], CommaList(max_items=_ANY_NUMBER)]
    AuthTimeout: Annotated[int, Field(ge=1, le=MOST_SECONDS)] | None = None
    OutputType: Annotated[str, OneOf("oss", "cdn")] = "cdn"

    _checked = field_validator("MediaIds")(_few)

    def perform(self, caller: Caller) -> GetAttachedMediaInfoResult:
        found = library.find_several(caller.account_id, self.MediaIds, ATTACHED)
        known = {shown.media.media_id for shown in found}
        return GetAttachedMediaInfoResult(
            AttachedMediaList=[_view(shown, self.OutputType, self.AuthTimeout) for shown in found],
            NonExistMediaIds=[name for name in self.MediaIds if name not in known],
        )


def _view(shown: MediaView, output_type: str, seconds: int | None) -> AttachedMediaView:
    media = shown.media
    return AttachedMediaView(
        MediaId=media.media_id,
        Type=media.business_type,
        Title=media.title,
        Description=media.description,
        Tags=media.tags,
        Status=FILE_STATUS[media.status],
        URL=object_url(media.source_key, output_type, seconds),
        StorageLocation=storage_address(),
        CreationTime=utc(media.created_at),
        ModificationTime=utc(media.modified_at),
        AppId=media.app_id,
        Categories=[
            CategoryOfMedia(
                CateId=item.category_id,
                CateName=item.name,
                Level=item.level,
                ParentId=parent_id(item),
            )
            for item in shown.categories
        ],
    )


class AttachedMediaUpdate(BaseModel):
    """What is to change of one auxiliary media. An empty text clears what may be empty."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    MediaId: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    Title: Annotated[str, MaxBytes(128)] | None = None
    Description: Annotated[str, MaxBytes(1024)] | None = None
    Tags: ChangedTags | None = None
    # A single id may come as a number.
    CateIds: Annotated[tuple[int, ...], CommaList(max_items=5), BeforeValidator(str)] | None = None


class UpdateAttachedMediaInfosResult(RpcResult):
    """The ids that name no auxiliary media."""

    NonExistMediaIds: list[str]


class UpdateAttachedMediaInfos(RpcAction):
    """Change what is told about up to 20 auxiliary media, each for itself (manual 7.5.2)."""

    UpdateContent: Annotated[tuple[AttachedMediaUpdate, ...], JsonArray()]

    @field_validator("UpdateContent")
    @classmethod
    def _few_updates(
        cls, several: tuple[AttachedMediaUpdate, ...]
    ) -> tuple[AttachedMediaUpdate, ...]:
        if not 1 <= len(several) <= MOST_UPDATES:
            problem = f"It must have 1 to {MOST_UPDATES} items."
            raise invalid_parameter("UpdateContent", problem)
        return several

    def perform(self, caller: Caller) -> UpdateAttachedMediaInfosResult:
        wanted = [(item.MediaId, _changes(item)) for item in self.UpdateContent]
        done = update_several(caller.account_id, wanted, ATTACHED)
        return UpdateAttachedMediaInfosResult(NonExistMediaIds=[*done.unknown, *done.forbidden])


def _changes(item: AttachedMediaUpdate) -> Changes:
    return Changes(
        title=item.Title,
        description=item.Description,
        tags=item.Tags,
        category_ids=None if item.CateIds is None else json.dumps(item.CateIds),
    )


class DeleteAttachedMediaResult(RpcResult):
    """The ids of which nothing was deleted."""

    NonExistMediaIds: list[str]


class DeleteAttachedMedia(RpcAction):
    """Delete up to 20 auxiliary media for good (manual 7.5.3)."""

    # Optional in the manual; without it there is nothing to delete.
    MediaIds: Annotated[tuple[str, ...], CommaList(max_items=_MOST_MEDIA)] = ()

    def perform(self, caller: Caller) -> DeleteAttachedMediaResult:
        done = delete_media(caller.account_id, self.MediaIds, ATTACHED)
        return DeleteAttachedMediaResult(NonExistMediaIds=[*done.unknown, *done.refused])
