"""Media as SearchMedia shows them: only the fields that were asked for (VOD API manual 7.1.1)."""

from collections.abc import Collection

from chalicelib.apis.aliyun_vod.formats import FILE_STATUS, PREPROCESSING, STATUS, utc
from chalicelib.apis.aliyun_vod.media_categories import parent_id
from chalicelib.apis.aliyun_vod.media_views import cover_url, snapshot_urls, sprite_urls
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.ingest.storage_location import storage_address
from chalicelib.library import MediaView
from chalicelib.playback import signed_url
from chalicelib.processing import NO_TRANSCODE_GROUP_ID
from chalicelib.store.media import MediaType


class CategoryOfMedia(RpcResult):
    """A category that an auxiliary media is in."""

    CateId: int
    CateName: str
    Level: int
    ParentId: int


class _Searched(RpcResult):
    """What all types have. None: not asked for, or not known."""

    CreationTime: str | None = None
    ModificationTime: str | None = None
    Title: str | None = None
    Tags: str | None = None
    Description: str | None = None
    Status: str | None = None
    CateId: int | None = None
    CateName: str | None = None
    StorageLocation: str | None = None
    AppId: str | None = None


class _SearchedVideo(_Searched):
    Size: int | None = None
    Duration: float | None = None
    CoverURL: str | None = None
    Snapshots: list[str] | None = None
    SpriteSnapshots: list[str] | None = None
    MediaSource: str | None = None
    PreprocessStatus: str | None = None
    TranscodeMode: str | None = None
    DownloadSwitch: str | None = None


class VideoFound(_SearchedVideo):
    """A video."""

    VideoId: str


class AudioFound(_SearchedVideo):
    """An audio."""

    AudioId: str


class ImageFound(_Searched):
    """An image."""

    ImageId: str
    URL: str | None = None


class AttachedFound(_Searched):
    """An auxiliary media."""

    MediaId: str
    URL: str | None = None
    BusinessType: str | None = None
    Categories: list[CategoryOfMedia] | None = None


class MediaFound(RpcResult):
    """One hit: the member of its type is the one that is there."""

    MediaId: str
    MediaType: str
    CreationTime: str
    Video: VideoFound | None = None
    Audio: AudioFound | None = None
    Image: ImageFound | None = None
    AttachedMedia: AttachedFound | None = None


def found(shown: MediaView, fields: Collection[str]) -> MediaFound:
    """A hit with these of its fields."""
    media = shown.media
    values = {name: value for name, value in _values(shown).items() if name in fields}
    video = audio = image = attached = None
    # The id and the time of creation are always there (manual 17.6).
    values["CreationTime"] = utc(media.created_at)
    if media.media_type is MediaType.VIDEO:
        video = VideoFound(VideoId=media.media_id, **values)
    elif media.media_type is MediaType.AUDIO:
        audio = AudioFound(AudioId=media.media_id, **values)
    elif media.media_type is MediaType.IMAGE:
        image = ImageFound(ImageId=media.media_id, **values)
    else:
        attached = AttachedFound(MediaId=media.media_id, **values)
    return MediaFound(
        MediaId=media.media_id,
        MediaType=media.media_type.value,
        CreationTime=utc(media.created_at),
        Video=video,
        Audio=audio,
        Image=image,
        AttachedMedia=attached,
    )


def _values(shown: MediaView) -> dict[str, object]:
    media = shown.media
    values: dict[str, object] = {
        "ModificationTime": utc(media.modified_at),
        "Title": media.title,
        "Tags": media.tags,
        "Description": media.description,
        "CateId": media.category_id,
        "CateName": shown.categories[0].name if shown.categories else None,
        "StorageLocation": storage_address(),
        "AppId": media.app_id,
    }
    if media.media_type in (MediaType.VIDEO, MediaType.AUDIO):
        return values | _video_values(shown)
    return values | {
        "Status": FILE_STATUS.get(media.status, "Normal"),
        "URL": signed_url(media.source_key) if media.generation else None,
        "BusinessType": media.business_type,
        "Categories": [
            CategoryOfMedia(
                CateId=item.category_id,
                CateName=item.name,
                Level=item.level,
                ParentId=parent_id(item),
            )
            for item in shown.categories
        ],
    }


def _video_values(shown: MediaView) -> dict[str, object]:
    media = shown.media
    transcodes = media.template_group_id != NO_TRANSCODE_GROUP_ID
    return {
        "Status": STATUS[media.status],
        "Size": media.source_size or media.declared_size or 0,
        "Duration": round(shown.duration, 4),
        "CoverURL": cover_url(media),
        "Snapshots": snapshot_urls(shown),
        "SpriteSnapshots": sprite_urls(shown),
        "MediaSource": "general",
        "PreprocessStatus": PREPROCESSING[media.preprocessing],
        "TranscodeMode": "FastTranscode" if transcodes else "NoTranscode",
        "DownloadSwitch": "on",
    }
