"""Media assets: what the library knows of a video (VOD API manual, chapter 7)."""

from typing import Annotated, ClassVar

from pydantic import Field

from chalicelib import library
from chalicelib.apis.aliyun_vod import media_views
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.aliyun_vod.media_views import ListedVideo, MezzanineView, VideoView
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MediaId, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.playback import signed_url
from chalicelib.playback.urls import plain_url
from chalicelib.store.outputs import SnapshotKind


class GetVideoInfoResult(RpcResult):
    """One video."""

    Video: VideoView


class GetVideoInfo(RpcAction):
    """The basic information of one video or audio (manual 7.3.1)."""

    VideoId: MediaId

    def perform(self, caller: Caller) -> GetVideoInfoResult:
        shown = library.view(caller.account_id, self.VideoId)
        return GetVideoInfoResult(Video=media_views.video(shown))


class GetVideoInfosResult(RpcResult):
    """Several videos, and the ids that name none."""

    VideoList: list[ListedVideo]
    NonExistVideoIds: list[str]


class GetVideoInfos(RpcAction):
    """The basic information of up to 20 videos (manual 7.3.2)."""

    VideoIds: Annotated[list[str], CommaList(max_items=20)]

    def perform(self, caller: Caller) -> GetVideoInfosResult:
        shown = library.find_several(caller.account_id, self.VideoIds)
        if not shown:
            raise library.MediaNotFound(self.VideoIds[0])
        known = {item.media.media_id for item in shown}
        return GetVideoInfosResult(
            VideoList=[media_views.listed_video(item) for item in shown],
            NonExistVideoIds=[name for name in dict.fromkeys(self.VideoIds) if name not in known],
        )


class GetMezzanineInfoResult(RpcResult):
    """The source file."""

    Mezzanine: MezzanineView


class GetMezzanineInfo(RpcAction):
    """The source file of a video: address, size, streams (manual 7.3.4)."""

    VideoId: MediaId
    AuthTimeout: Annotated[int, Field(ge=1, le=10**10)] | None = None
    OutputType: Annotated[str, OneOf("oss", "cdn")] = "cdn"
    AdditionType: Annotated[tuple[str, ...], CommaList(enum=("video", "audio"))] = ()

    def perform(self, caller: Caller) -> GetMezzanineInfoResult:
        shown = library.view(caller.account_id, self.VideoId)
        return GetMezzanineInfoResult(
            Mezzanine=media_views.mezzanine(
                shown, self.OutputType, self.AuthTimeout, frozenset(self.AdditionType)
            )
        )


class PictureView(RpcResult):
    """One picture."""

    Index: int
    Url: str


class SnapshotList(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    Snapshot: list[PictureView]


class SnapshotSetView(RpcResult):
    """The pictures of one job."""

    CreationTime: str
    Regular: str
    Total: int
    JobId: str
    Snapshots: SnapshotList


class ListSnapshotsResult(RpcResult):
    """One page of pictures."""

    MediaSnapshot: SnapshotSetView


class ListSnapshots(RpcAction):
    """The pictures of the newest snapshot job of a kind (manual 7.4.4)."""

    VideoId: MediaId
    SnapshotType: Annotated[
        str,
        OneOf(
            "CoverSnapshot",
            "NormalSnapshot",
            "SpriteSnapshot",
            "SpriteOriginSnapshot",
            "WebVttSnapshot",
        ),
    ] = "CoverSnapshot"
    AuthTimeout: Annotated[int, Field(ge=0, le=10**10)] = 3600
    PageSize: Annotated[int, Field(ge=1, le=100)] = 20
    PageNo: Annotated[int, Field(ge=1, le=10**6)] = 1

    _KINDS: ClassVar[dict[str, SnapshotKind]] = {
        "CoverSnapshot": "cover",
        "NormalSnapshot": "normal",
    }

    def perform(self, caller: Caller) -> ListSnapshotsResult:
        kind = self._KINDS.get(self.SnapshotType)
        # The library is asked first all the same: an unknown video is the more helpful error.
        found = library.snapshots_of(caller.account_id, self.VideoId, kind or "cover")
        if found is None or kind is None:
            raise no_such_resource(self.SnapshotType)
        seconds = max(3600, self.AuthTimeout)
        first = (self.PageNo - 1) * self.PageSize + 1
        last = min(first + self.PageSize - 1, found.snapshot_count)
        pictures = [
            PictureView(Index=number, Url=signed_url(found.key(number), seconds))
            for number in range(first, last + 1)
        ]
        return ListSnapshotsResult(
            MediaSnapshot=SnapshotSetView(
                CreationTime=utc(found.created_at),
                Regular=plain_url(found.key_pattern),
                Total=found.snapshot_count,
                JobId=found.job_id,
                Snapshots=SnapshotList(Snapshot=pictures),
            )
        )
