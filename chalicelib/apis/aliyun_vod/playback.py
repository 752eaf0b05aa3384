"""Playback: play URLs and play credentials (VOD API manual, chapter 6)."""

from typing import Annotated, ClassVar

from pydantic import Field

from chalicelib import library, playback
from chalicelib.apis.aliyun_vod import play_settings
from chalicelib.apis.aliyun_vod.formats import STATUS, decimal, specification, utc
from chalicelib.apis.aliyun_vod.media_views import cover_url, object_url
from chalicelib.apis.aliyun_vod.play_auth import VideoMetaView, play_auth, video_meta
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, JsonObject, MediaId, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.playback.credentials import session_principal
from chalicelib.playback.play_info import PlayableStream, PlayInfo, PlayWishes
from chalicelib.playback.review import AddressUnreadable, forwarded_address
from chalicelib.playback.stream_urls import PlayUrlWishes, play_url

# The manual names the first four; flv and webm are what a source may be played as.
_FORMATS = ("mp4", "m3u8", "mp3", "mpd", "flv", "webm")
_DEFINITIONS = ("FD", "LD", "SD", "HD", "OD", "2K", "4K", "SQ", "HQ", "AUTO")


class VideoBaseView(RpcResult):
    """The media that is played."""

    VideoId: str
    Title: str
    Status: str
    MediaType: str
    Duration: str
    CoverURL: str
    CreationTime: str


class PlayInfoView(RpcResult):
    """One stream."""

    JobId: str
    Definition: str
    Format: str
    StreamType: str
    Specification: str
    Status: str = "Normal"
    PlayURL: str
    Size: int
    Duration: str | None
    Bitrate: str | None
    Width: int | None = None
    Height: int | None = None
    Fps: str | None = None
    BitDepth: int | None = None
    HDRType: str | None = None
    Encrypt: int = 0
    EncryptType: str | None = None
    NarrowBandType: str = "0"
    CreationTime: str
    ModificationTime: str


class PlayInfoListView(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    PlayInfo: list[PlayInfoView]


class GetPlayInfoResult(RpcResult):
    """The media and its streams."""

    VideoBase: VideoBaseView
    PlayInfoList: PlayInfoListView


class GetPlayInfo(RpcAction):
    """The play URLs of a video or audio (manual 6.1)."""

    VideoId: MediaId
    Formats: Annotated[tuple[str, ...], CommaList(enum=_FORMATS)] = ()
    Definition: Annotated[tuple[str, ...], CommaList(enum=_DEFINITIONS)] = ()
    StreamType: Annotated[tuple[str, ...], CommaList(enum=("video", "audio"))] = ()
    ResultType: Annotated[str, OneOf("Single", "Multiple")] = "Single"
    OutputType: Annotated[str, OneOf("oss", "cdn")] = "cdn"
    AuthTimeout: Annotated[int, Field(ge=1, le=10**10)] | None = None
    PlayConfig: Annotated[play_settings.PlayConfig, JsonObject()] = play_settings.NO_CONFIG
    ReAuthInfo: Annotated[play_settings.ReAuthInfo, JsonObject()] = play_settings.NO_RE_AUTH
    AdditionType: Annotated[str, OneOf("danmu")] | None = None

    def perform(self, caller: Caller) -> GetPlayInfoResult:
        wishes = PlayWishes(
            formats=frozenset(self.Formats),
            definitions=frozenset(self.Definition),
            stream_types=frozenset(self.StreamType),
            encryption=play_settings.ENCRYPTIONS.get(self.PlayConfig.EncryptType or ""),
            every=self.ResultType == "Multiple",
            for_session=caller.principal == session_principal(self.VideoId),
            preview=self.PlayConfig.PreviewTime is not None,
            address=self._address(caller),
        )
        try:
            info = playback.play_info(caller.account_id, self.VideoId, wishes)
        except library.IllegalStatus as error:
            status = STATUS[error.status]
            message = f"Status of the video is illegal. Current Status is {status}."
            raise ApiError("Forbidden.IllegalStatus", 403, message) from error
        except playback.NoMatchingStream as error:
            raise self._none_stream() from error
        return GetPlayInfoResult(
            VideoBase=_video_base(info),
            PlayInfoList=PlayInfoListView(
                PlayInfo=[self._view(item, wishes.for_session) for item in info.streams]
            ),
        )

    def _address(self, caller: Caller) -> str:
        encrypted = self.PlayConfig.XForwardedFor
        try:
            forwarded = forwarded_address(encrypted) if encrypted else None
        except AddressUnreadable as error:
            raise invalid_parameter("PlayConfig", "XForwardedFor cannot be decrypted.") from error
        return forwarded or caller.source_ip

    def _url(self, item: PlayableStream, for_session: bool) -> str:
        # Credentials are handed to viewers, whom the edge is there for.
        if self.OutputType == "oss" and not for_session:
            return object_url(item.stream.object_key, "oss", self.AuthTimeout)
        return play_url(
            item,
            PlayUrlWishes(
                domain=self.PlayConfig.PlayDomain,
                seconds=self.AuthTimeout,
                uid=self.ReAuthInfo.uid,
                rand=self.ReAuthInfo.rand,
                preview_seconds=self.PlayConfig.PreviewTime,
                key_token=self.PlayConfig.MtsHlsUriToken,
                for_session=for_session,
            ),
        )

    def _view(self, item: PlayableStream, for_session: bool) -> PlayInfoView:
        stream, facts, video = item.stream, item.facts, item.facts.main_video
        return PlayInfoView(
            JobId=stream.job_id,
            Definition=stream.definition,
            Format=stream.format,
            StreamType=item.stream_type,
            Specification=specification(facts, original=stream.original),
            PlayURL=self._url(item, for_session),
            Encrypt=int(item.encryption != "none"),
            EncryptType=play_settings.ENCRYPT_TYPES[item.encryption],
            Size=stream.size,
            Duration=decimal(facts.duration),
            Bitrate=decimal(facts.bitrate_kbps, 3),
            Width=facts.width if video else None,
            Height=facts.height if video else None,
            Fps=decimal(facts.fps) if video else None,
            BitDepth=video.bit_depth if video else None,
            HDRType=(video.hdr_type or None) if video else None,
            CreationTime=utc(stream.created_at),
            ModificationTime=utc(stream.modified_at),
        )

    def _none_stream(self) -> ApiError:
        filters = (
            f"Formats : {','.join(self.Formats)}, Definition : {','.join(self.Definition)},"
            f" StreamType : {','.join(self.StreamType)}"
        )
        return ApiError(
            "InvalidVideo.NoneStream",
            404,
            f"The video has no stream to play for the request parameter '{filters}'.",
        )


def _video_base(info: PlayInfo) -> VideoBaseView:
    media, facts = info.media, info.facts
    return VideoBaseView(
        VideoId=media.media_id,
        Title=media.title,
        Status=STATUS[media.status],
        MediaType="audio" if facts is not None and not facts.has_video else "video",
        Duration=decimal(facts.duration if facts else 0.0) or "",
        CoverURL=cover_url(media),
        CreationTime=utc(media.created_at),
    )


class GetVideoPlayAuthResult(RpcResult):
    """A play credential and what a player shows before it plays."""

    VideoMeta: VideoMetaView
    PlayAuth: str


class GetVideoPlayAuth(RpcAction):
    """A credential with which a player fetches the play URLs of one video (manual 6.2)."""

    missing_codes: ClassVar[dict[str, tuple[str, str]]] = {
        "VideoId": ("MissingVideoId", "VideoId is mandatory for this action.")
    }

    VideoId: MediaId
    AuthInfoTimeout: Annotated[int, Field(ge=100, le=3000)] = 100
    ApiVersion: Annotated[str, OneOf("1.0.0")] | None = None

    def perform(self, caller: Caller) -> GetVideoPlayAuthResult:
        try:
            credential = playback.issue_play_credential(
                caller.account_id,
                self.VideoId,
                self.AuthInfoTimeout,
                action="vod:GetPlayInfo",
                resource=f"acs:vod:*:{caller.account_id}:video/{self.VideoId}",
                address=caller.source_ip,
            )
        except library.IllegalStatus as error:
            message = "Status of the video is illegal."
            raise ApiError("Forbidden.IllegalStatus", 403, message) from error
        meta = video_meta(credential.media)
        return GetVideoPlayAuthResult(VideoMeta=meta, PlayAuth=play_auth(credential, meta))
