"""Pictures of a video: snapshots and animated images (VOD API manual 7.4.4, 7.6, 8.1.2, 8.1.4)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from chalicelib import library, processing
from chalicelib.apis.aliyun_vod import user_data
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.event_fields import decimal
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.aliyun_vod.picture_settings import (
    NO_OVERRIDE,
    AnimatedOverride,
    InDoubleQuotes,
    Pixels,
    SnapshotSettings,
    SpriteSettings,
)
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonArray,
    JsonObject,
    MaxBytes,
    MediaId,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.mediaspec.snapshot import MOST_SNAPSHOTS, SnapshotSpec
from chalicelib.playback import signed_url
from chalicelib.playback.urls import plain_url
from chalicelib.processing.submission import Wishes
from chalicelib.store.outputs import SnapshotKind, SnapshotSet, numbered_key
from chalicelib.store.pictures import AnimatedImage

_OFFSET = re.compile(r"SpecifiedOffsetTimes\.(\d{1,3})")
_Milliseconds = Annotated[int, Field(ge=0, le=10**10)]
_Moments = Annotated[tuple[_Milliseconds, ...], Field(max_length=30), JsonArray()]
_SHORTEST_AUTH_SECONDS = 3600


class SnapshotJobRef(RpcResult):
    """One snapshot job."""

    JobId: str


class SubmitSnapshotJobResult(RpcResult):
    """The job that was submitted."""

    SnapshotJob: SnapshotJobRef


class SubmitSnapshotJob(RpcAction):
    """Take snapshots of a video: pictures, sprites, WebVTT thumbnails (manual 8.1.2).

    With SnapshotTemplateId the other parameters are ignored, but for UserData, which is about the
    event and not about the pictures. SpecifiedOffsetTimes (up to 30 moments), which the SDK has and
    the manual has not, goes before SpecifiedOffsetTime, Count and Interval.
    """

    VideoId: MediaId
    SpecifiedOffsetTime: _Milliseconds = 0
    SpecifiedOffsetTimes: Annotated[
        tuple[_Milliseconds, ...], Field(max_length=30), JsonArray()
    ] = ()
    Width: Pixels | None = None
    Height: Pixels | None = None
    Count: Annotated[int, Field(ge=1, le=MOST_SNAPSHOTS)] | None = None
    Interval: Annotated[int, Field(ge=0, le=10**7)] | None = None
    SpriteSnapshotConfig: Annotated[SpriteSettings | None, JsonObject(), InDoubleQuotes] = None
    SnapshotTemplateId: Annotated[str, MaxBytes(64)] = ""
    UserData: Annotated[user_data.UserData, JsonObject()] = user_data.NOTHING

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Without what a template makes void. The moments arrive as JSON or as ``Name.N``."""
        if given.get("SnapshotTemplateId"):
            kept = ("VideoId", "SnapshotTemplateId", "UserData")
            return {name: given[name] for name in kept if name in given}
        found = {int(match[1]): name for name in given if (match := _OFFSET.fullmatch(name))}
        if not found:
            return dict(given)
        return {**given, "SpecifiedOffsetTimes": [given[found[number]] for number in sorted(found)]}

    def perform(self, caller: Caller) -> SubmitSnapshotJobResult:
        wishes = Wishes(callback_url=self.UserData.callback_url, extend=self.UserData.extend_text)
        try:
            if self.SnapshotTemplateId:
                job = processing.submit_snapshots_by_template(
                    caller.account_id, self.VideoId, self.SnapshotTemplateId, wishes
                )
            else:
                job = processing.submit_snapshots(
                    caller.account_id, self.VideoId, self._spec(), wishes
                )
        except processing.PictureTemplateNotFound as error:
            raise no_such_resource("SnapshotTemplateId") from error
        return SubmitSnapshotJobResult(SnapshotJob=SnapshotJobRef(JobId=job.job_id))

    def _spec(self) -> SnapshotSpec:
        settings = SnapshotSettings(
            Count=self.Count,
            Interval=self.Interval,
            SpecifiedOffsetTime=self.SpecifiedOffsetTime,
            Width=self.Width,
            Height=self.Height,
        )
        sprite = self.SpriteSnapshotConfig
        return settings.spec().model_copy(
            update={
                "times_ms": self.SpecifiedOffsetTimes,
                "sprite": None if sprite is None else sprite.layout(),
            }
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


_KINDS: dict[str, SnapshotKind] = {
    "CoverSnapshot": "cover",
    "NormalSnapshot": "normal",
    "SpriteSnapshot": "sprite",
    "SpriteOriginSnapshot": "sprite",
    "WebVttSnapshot": "webvtt",
}


class ListSnapshots(RpcAction):
    """The pictures of the newest snapshot job of a kind (manual 7.4.4).

    Of WebVttSnapshot the one file is the index, which names its pictures.
    """

    VideoId: MediaId
    SnapshotType: Annotated[str, OneOf(*_KINDS)] = "CoverSnapshot"
    AuthTimeout: Annotated[int, Field(ge=0, le=10**10)] = _SHORTEST_AUTH_SECONDS
    PageSize: Annotated[int, Field(ge=1, le=100)] = 20
    PageNo: Annotated[int, Field(ge=1, le=10**6)] = 1

    def perform(self, caller: Caller) -> ListSnapshotsResult:
        kind = _KINDS[self.SnapshotType]
        found = library.snapshots_of(caller.account_id, self.VideoId, kind)
        pattern, total = ("", 0) if found is None else self._files(found)
        if found is None or not total:
            raise no_such_resource(self.SnapshotType)
        seconds = max(_SHORTEST_AUTH_SECONDS, self.AuthTimeout)
        first = (self.PageNo - 1) * self.PageSize + 1
        last = min(first + self.PageSize - 1, total)
        pictures = [
            PictureView(Index=number, Url=signed_url(numbered_key(pattern, number), seconds))
            for number in range(first, last + 1)
        ]
        return ListSnapshotsResult(
            MediaSnapshot=SnapshotSetView(
                CreationTime=utc(found.created_at),
                Regular=plain_url(pattern),
                Total=total,
                JobId=found.job_id,
                Snapshots=SnapshotList(Snapshot=pictures),
            )
        )

    def _files(self, found: SnapshotSet) -> tuple[str, int]:
        """The pattern of the files' keys and how many there are; 0 if none were kept."""
        if self.SnapshotType == "SpriteOriginSnapshot":
            return found.cell_pattern or "", found.cell_count or 0
        if self.SnapshotType == "WebVttSnapshot":
            return found.index_key or "", 1
        return found.key_pattern, found.snapshot_count


class DynamicImageJobRef(RpcResult):
    """One animated-image job."""

    JobId: str


class SubmitDynamicImageJobResult(RpcResult):
    """The job that was submitted."""

    DynamicImageJob: DynamicImageJobRef


class SubmitDynamicImageJob(RpcAction):
    """Make an animated image of a span of a video (manual 8.1.4)."""

    VideoId: MediaId
    DynamicImageTemplateId: Annotated[str, MaxBytes(64)]
    OverrideParams: Annotated[AnimatedOverride, JsonObject()] = NO_OVERRIDE

    def perform(self, caller: Caller) -> SubmitDynamicImageJobResult:
        try:
            job = processing.submit_animated(
                caller.account_id,
                self.VideoId,
                self.DynamicImageTemplateId,
                self.OverrideParams.applied,
                Wishes(),
            )
        except processing.PictureTemplateNotFound as error:
            raise no_such_resource("DynamicImageTemplateId") from error
        return SubmitDynamicImageJobResult(DynamicImageJob=DynamicImageJobRef(JobId=job.job_id))


class DynamicImageView(RpcResult):
    """One animated image; its numbers are texts."""

    CreationTime: str
    FileURL: str
    VideoId: str
    Width: str
    JobId: str
    Height: str
    Fps: str
    Duration: str
    Format: str
    DynamicImageId: str
    FileSize: str


class ListDynamicImageResult(RpcResult):
    """All animated images of a video, the newest first."""

    DynamicImageList: list[DynamicImageView]


class ListDynamicImage(RpcAction):
    """The animated images of a video (manual 7.6.1)."""

    VideoId: MediaId

    def perform(self, caller: Caller) -> ListDynamicImageResult:
        images = processing.animated_images(caller.account_id, self.VideoId)
        return ListDynamicImageResult(DynamicImageList=[_view(image) for image in images])


class DeleteDynamicImage(RpcAction):
    """Forget animated images of a video; their files stay (manual 7.6.2)."""

    VideoId: MediaId
    DynamicImageIds: Annotated[tuple[str, ...], CommaList(max_items=10)] = ()

    def perform(self, caller: Caller) -> RpcResult:
        processing.drop_animated_images(caller.account_id, self.VideoId, list(self.DynamicImageIds))
        return RpcResult()


def _view(image: AnimatedImage) -> DynamicImageView:
    return DynamicImageView(
        CreationTime=utc(image.created_at),
        FileURL=signed_url(image.object_key),
        VideoId=image.media_id,
        Width=str(image.width),
        JobId=image.job_id,
        Height=str(image.height),
        Fps=image.fps,
        Duration=decimal(image.duration_ms / 1000) or "0",
        Format=image.format,
        DynamicImageId=image.image_id,
        FileSize=str(image.size),
    )
