"""Media assets: what the library knows of a video (VOD API manual, chapter 7)."""

from typing import Annotated

from pydantic import Field

from chalicelib import library
from chalicelib.apis.aliyun_vod import media_views
from chalicelib.apis.aliyun_vod.media_views import ListedVideo, MezzanineView, VideoView
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MediaId, OneOf
from chalicelib.identity.caller import Caller


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
        try:
            shown = library.find_source(caller.account_id, self.VideoId)
        except library.SourceMissing:
            raise ApiError("InvalidFile.NotFound", 404, "The file does not exist.") from None
        return GetMezzanineInfoResult(
            Mezzanine=media_views.mezzanine(
                shown, self.OutputType, self.AuthTimeout, frozenset(self.AdditionType)
            )
        )
