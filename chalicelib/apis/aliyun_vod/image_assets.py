"""Images: what the library knows of them, changing it, deleting them (VOD API manual 7.4)."""

from typing import Annotated, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from chalicelib import library
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.formats import FILE_STATUS, text, utc
from chalicelib.apis.aliyun_vod.media_views import object_url
from chalicelib.apis.aliyun_vod.tags import TagList
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter, missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonArray,
    MaxBytes,
    MediaId,
    NoEmoji,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest.storage_location import storage_address
from chalicelib.library import MediaView
from chalicelib.library.changes import Changes, update_several
from chalicelib.library.deletion import delete_media
from chalicelib.library.media import IMAGES
from chalicelib.library.picture_deletion import PictureKind, delete_pictures
from chalicelib.playback.urls import key_of_url
from chalicelib.store.keys import media_of_source
from chalicelib.store.visibility import NotWritable

MOST_UPDATES = 20
# The longest that the bucket's own addresses live by the manual.
MOST_SECONDS = 10**10


class ImageSource(RpcResult):
    """The file. Width and height in pixels, once it was looked at."""

    OriginalFileName: str
    FileURL: str
    FileSize: str | None = None
    Width: int | None = None
    Height: int | None = None


class ImageView(RpcResult):
    """An image."""

    ImageId: str
    Title: str
    Description: str
    Tags: str
    CateId: int | None
    CateName: str | None
    ImageType: str
    Status: str
    URL: str
    StorageLocation: str
    CreationTime: str
    AppId: str
    Mezzanine: ImageSource


class GetImageInfoResult(RpcResult):
    """One image."""

    ImageInfo: ImageView


class GetImageInfo(RpcAction):
    """The basic information of an image, and an address that opens it (manual 7.4.1)."""

    ImageId: MediaId
    AuthTimeout: Annotated[int, Field(ge=1, le=MOST_SECONDS)] | None = None
    OutputType: Annotated[str, OneOf("oss", "cdn")] = "cdn"

    def perform(self, caller: Caller) -> GetImageInfoResult:
        found = library.find_several(caller.account_id, [self.ImageId], IMAGES)
        if not found:
            raise no_such_resource("ImageId")
        return GetImageInfoResult(ImageInfo=_view(found[0], self.OutputType, self.AuthTimeout))


# What an image was uploaded for, in the words of this answer (as in its sample).
_TYPES = {"cover": "CoverSnapshot", "default": "NormalSnapshot"}


def _view(shown: MediaView, output_type: str, seconds: int | None) -> ImageView:
    media, facts = shown.media, shown.facts
    return ImageView(
        ImageId=media.media_id,
        Title=media.title,
        Description=media.description,
        Tags=media.tags,
        CateId=media.category_id,
        CateName=shown.categories[0].name if shown.categories else None,
        ImageType=_TYPES[media.business_type],
        Status=FILE_STATUS[media.status],
        URL=object_url(media.source_key, output_type, seconds),
        StorageLocation=storage_address(),
        CreationTime=utc(media.created_at),
        AppId=media.app_id,
        Mezzanine=ImageSource(
            OriginalFileName=media.file_name,
            FileURL=object_url(media.source_key, "oss", seconds),
            FileSize=text(media.source_size),
            Width=facts.width if facts else None,
            Height=facts.height if facts else None,
        ),
    )


class ImageUpdate(BaseModel):
    """What is to change of one image. An empty text clears what may be empty."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    ImageId: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    Title: Annotated[str, MaxBytes(128), NoEmoji] | None = None
    Description: Annotated[str, MaxBytes(1024), NoEmoji] | None = None
    Tags: TagList | None = None
    CateId: int | None = None


class UnknownImages(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    ImageId: list[str]


class UpdateImageInfosResult(RpcResult):
    """The ids that name no image."""

    NonExistImageIds: UnknownImages


class UpdateImageInfos(RpcAction):
    """Change what is told about up to 20 images, each for itself (manual 7.4.2)."""

    UpdateContent: Annotated[tuple[ImageUpdate, ...], JsonArray()]

    @field_validator("UpdateContent")
    @classmethod
    def _few(cls, several: tuple[ImageUpdate, ...]) -> tuple[ImageUpdate, ...]:
        if not 1 <= len(several) <= MOST_UPDATES:
            problem = f"It must have 1 to {MOST_UPDATES} items."
            raise invalid_parameter("UpdateContent", problem)
        return several

    def perform(self, caller: Caller) -> UpdateImageInfosResult:
        done = update_several(
            caller.account_id,
            [
                (
                    item.ImageId,
                    Changes(
                        title=item.Title,
                        description=item.Description,
                        tags=item.Tags,
                        category_id=item.CateId,
                    ),
                )
                for item in self.UpdateContent
            ],
            IMAGES,
        )
        # This answer has no list of its own for those that may not be changed.
        absent = [*done.unknown, *done.forbidden]
        return UpdateImageInfosResult(NonExistImageIds=UnknownImages(ImageId=absent))


_PICTURES: dict[str, tuple[PictureKind, ...]] = {
    "CoverSnapshot": ("cover",),
    "NormalSnapshot": ("normal",),
    "SpriteSnapshot": ("sprite",),
    "SpriteOriginSnapshot": ("sprite_cell",),
    "All": ("cover", "normal", "sprite", "sprite_cell", "webvtt"),
}


class DeleteImage(RpcAction):
    """Delete images by address or by id, or the snapshots of a video (manual 7.4.3)."""

    DeleteImageType: Annotated[str, OneOf("ImageURL", "ImageId", "VideoId")]
    ImageURLs: Annotated[tuple[str, ...], CommaList(max_chars=4096)] = ()
    ImageIds: Annotated[tuple[str, ...], CommaList()] = ()
    VideoId: MediaId = ""
    ImageType: Annotated[tuple[str, ...], CommaList(enum=tuple(_PICTURES))] = ()

    _NEEDS: ClassVar[dict[str, tuple[str, ...]]] = {
        "ImageURL": ("ImageURLs",),
        "ImageId": ("ImageIds",),
        "VideoId": ("VideoId", "ImageType"),
    }

    @model_validator(mode="after")
    def _of_its_kind(self) -> "DeleteImage":
        for name in self._NEEDS[self.DeleteImageType]:
            if not getattr(self, name):
                raise missing_parameter(name)
        return self

    def perform(self, caller: Caller) -> RpcResult:
        if self.DeleteImageType == "VideoId":
            kinds = {kind for name in self.ImageType for kind in _PICTURES[name]}
            try:
                deleted = delete_pictures(caller.account_id, self.VideoId, kinds)
            except library.MediaNotFound:
                raise no_such_resource("VideoId") from None
            if not deleted:
                raise no_such_resource("ImageType")
            return RpcResult()
        by_url = self.DeleteImageType == "ImageURL"
        ids = [_image_of(url) for url in self.ImageURLs] if by_url else list(self.ImageIds)
        done = delete_media(caller.account_id, ids, IMAGES)
        if len(done.unknown) == len(set(ids)):
            raise no_such_resource("ImageURLs" if by_url else "ImageIds")
        if done.refused:
            raise NotWritable(done.refused[0])
        return RpcResult()


def _image_of(url: str) -> str:
    """The id of the image that an address names; what names none is no image's id either."""
    key = key_of_url(url)
    return (media_of_source(key) if key else None) or url
