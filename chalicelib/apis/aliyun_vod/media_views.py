"""A media as this vendor's answers show it (data types of VOD API manual 17.1)."""

from chalicelib.apis.aliyun_vod.formats import STATUS, decimal, utc, wire_group_id
from chalicelib.apis.aliyun_vod.stream_views import (
    AudioStream,
    VideoStream,
    audio_stream,
    video_stream,
)
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.ingest.storage_location import storage_address
from chalicelib.library import MediaView
from chalicelib.playback import signed_url
from chalicelib.settings import settings
from chalicelib.store import objects
from chalicelib.store.media import Media
from chalicelib.store.outputs import SnapshotSet
from chalicelib.store.playable import PlayedMedia

# The object store signs URLs for seven days at most.
MAX_BUCKET_URL_SECONDS = 7 * 24 * 3600
_BUCKET_URL_SECONDS = 3600


class SnapshotUrls(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    Snapshot: list[str]


class _VideoFields(RpcResult):
    """What a video's own answer and a list of videos have in common."""

    VideoId: str
    Title: str
    Description: str
    Status: str
    CreationTime: str
    ModificationTime: str
    Duration: float
    Size: int
    CoverURL: str
    CateId: int | None
    CateName: str | None
    Tags: str
    StorageLocation: str
    AppId: str


class VideoView(_VideoFields):
    """A video in the answer of GetVideoInfo."""

    TemplateGroupId: str
    RegionId: str
    AuditStatus: str
    Snapshots: SnapshotUrls


class ListedVideo(_VideoFields):
    """A video in the answer of GetVideoInfos: its snapshots are a plain list there."""

    TemplateGroupId: str
    Snapshots: list[str]


class PagedVideo(_VideoFields):
    """A video in the answer of GetVideoList."""

    Snapshots: SnapshotUrls


class MezzanineView(RpcResult):
    """A source file. Fields about the content are there once it was analysed."""

    VideoId: str
    FileName: str
    Status: str
    CreationTime: str
    OutputType: str
    FileURL: str | None = None
    Size: int | None = None
    Width: int | None = None
    Height: int | None = None
    Bitrate: str | None = None
    Duration: str | None = None
    Fps: str | None = None
    AudioStreamList: list[AudioStream] | None = None
    VideoStreamList: list[VideoStream] | None = None


def cover_url(media: Media | PlayedMedia) -> str:
    """The cover that the client set, else the snapshot that became it, else nothing."""
    if media.custom_cover_url or not media.cover_key:
        return media.custom_cover_url
    return signed_url(media.cover_key)


def video(shown: MediaView) -> VideoView:
    """The whole view of one video."""
    return VideoView(
        **_common(shown),
        TemplateGroupId=wire_group_id(shown.media.template_group_id),
        RegionId=settings().region,
        AuditStatus="Blocked" if STATUS[shown.media.status] == "Blocked" else "Normal",
        Snapshots=SnapshotUrls(Snapshot=snapshot_urls(shown)),
    )


def listed_video(shown: MediaView) -> ListedVideo:
    """The view of a video that was asked for by its id among others."""
    return ListedVideo(
        **_common(shown),
        TemplateGroupId=wire_group_id(shown.media.template_group_id),
        Snapshots=snapshot_urls(shown),
    )


def paged_video(shown: MediaView) -> PagedVideo:
    """The view of a video in a page of a list."""
    return PagedVideo(**_common(shown), Snapshots=SnapshotUrls(Snapshot=snapshot_urls(shown)))


def mezzanine(
    shown: MediaView, output_type: str, seconds: int | None, with_streams: frozenset[str]
) -> MezzanineView:
    """The source file; its streams only where they were asked for."""
    media, facts = shown.media, shown.facts
    uploaded = media.generation > 0
    deleted = media.source_deleted_at is not None
    view = MezzanineView(
        VideoId=media.media_id,
        FileName=media.source_key.rsplit("/", 1)[1],
        Status="Deleted" if deleted else "Normal" if uploaded else "Uploading",
        CreationTime=utc(media.created_at),
        OutputType=output_type,
        FileURL=object_url(media.source_key, output_type, seconds)
        if uploaded and not deleted
        else None,
        Size=media.source_size,
    )
    if facts is None:
        return view
    known: dict[str, object] = {
        "Bitrate": decimal(facts.bitrate_kbps),
        "Duration": decimal(facts.duration),
        "AudioStreamList": [audio_stream(item) for item in facts.audio]
        if "audio" in with_streams
        else None,
        "VideoStreamList": [video_stream(item) for item in facts.video if not item.attached_picture]
        if "video" in with_streams
        else None,
    }
    if facts.has_video:
        known |= {"Width": facts.width, "Height": facts.height, "Fps": decimal(facts.fps)}
    return view.model_copy(update=known)


def object_url(key: str, output_type: str, seconds: int | None) -> str:
    """A URL of an object: through the play domain (cdn), or of the bucket itself (oss)."""
    if output_type == "oss":
        return objects.presigned_url(
            key, min(seconds or _BUCKET_URL_SECONDS, MAX_BUCKET_URL_SECONDS)
        )
    return signed_url(key, seconds)


def _common(shown: MediaView) -> dict[str, object]:
    media = shown.media
    return {
        "VideoId": media.media_id,
        "Title": media.title,
        "Description": media.description,
        "Status": STATUS[media.status],
        "CreationTime": utc(media.created_at),
        "ModificationTime": utc(media.modified_at),
        "Duration": round(shown.duration, 4),
        "Size": media.source_size or media.declared_size or 0,
        "CoverURL": cover_url(media),
        "CateId": media.category_id,
        "CateName": shown.categories[0].name if shown.categories else None,
        "Tags": media.tags,
        "StorageLocation": storage_address(),
        "AppId": media.app_id,
    }


def snapshot_urls(shown: MediaView) -> list[str]:
    """The covers that were taken of a video, in order."""
    return _picture_urls(shown.covers)


def sprite_urls(shown: MediaView) -> list[str]:
    """The sheets of small pictures that were made of a video, in order."""
    return _picture_urls(shown.sprites)


def _picture_urls(pictures: SnapshotSet | None) -> list[str]:
    if pictures is None:
        return []
    numbers = range(1, pictures.snapshot_count + 1)
    return [signed_url(pictures.key(number)) for number in numbers]
