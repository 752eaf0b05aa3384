"""How the picture of a rendition is treated and encoded.

The limits are the widest of the four vendors'; a vendor's narrower limit is checked by its own API.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.mediaspec.size import CropBox, PadBox, PictureSize
from chalicelib.mediaspec.subtitles import BurnedSubtitles
from chalicelib.mediaspec.watermark import Length, Watermark

VideoCodec = Literal["h264", "h265", "vp8", "vp9", "gif", "webp", "copy"]
Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
]
Profile = Literal["baseline", "main", "high", "high10", "high422", "high444", "main10"]
PixelFormat = Literal[
    "yuv420p",
    "yuvj420p",
    "yuv422p",
    "yuvj422p",
    "yuv444p",
    "yuvj444p",
    "yuv420p10le",
    "yuv422p10le",
    "yuv444p10le",
    "yuva420p",
    "bgr8",
]
Level = Literal[
    "1",
    "1.1",
    "1.2",
    "1.3",
    "2",
    "2.1",
    "2.2",
    "3",
    "3.1",
    "3.2",
    "4",
    "4.1",
    "4.2",
    "5",
    "5.1",
    "5.2",
    "6",
    "6.1",
    "6.2",
]
Scan = Literal["auto", "progressive", "interlaced", "kept"]
RateMode = Literal["one_pass", "two_pass", "constant"]

MAX_WATERMARKS = 20
MAX_SUBTITLES = 4

_PROFILES = {
    "h264": ("baseline", "main", "high", "high10", "high422", "high444"),
    "h265": ("main", "main10"),
}
_FORMATS_OF_PROFILE = {
    "baseline": ("yuv420p", "yuvj420p"),
    "main": ("yuv420p", "yuvj420p"),
    "high": ("yuv420p", "yuvj420p"),
    "high10": ("yuv420p", "yuvj420p", "yuv420p10le"),
    "high422": ("yuv420p", "yuvj420p", "yuv420p10le", "yuv422p", "yuvj422p", "yuv422p10le"),
    "main10": ("yuv420p10le",),
}
_FORMATS_OF_CODEC = {
    "vp8": ("yuv420p", "yuva420p"),
    "vp9": ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"),
    "gif": ("bgr8",),
    "webp": ("yuv420p", "yuva420p"),
}
_HIGHEST_CRF = {"vp8": 63, "vp9": 63}
_PICTURES = ("gif", "webp")


class BlurredArea(BaseModel):
    """A rectangle of the source's picture, as displayed, made unrecognisable."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    left: Length
    top: Length
    width: Length
    height: Length


class BlurredSpan(BaseModel):
    """Areas blurred from `start` seconds of the source on, until the next span begins."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    start: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
    areas: Annotated[tuple[BlurredArea, ...], Field(max_length=8)] = ()


class VideoEncoding(BaseModel):
    """What is done to the picture, in this order, and how it is encoded.

    `scan`: "auto" deinterlaces what the source declares interlaced, "progressive" whatever frame
    is, "interlaced" codes fields (H.264 only), "kept" leaves the frames as they are. `blurs`, then
    `crop` cut the source as displayed ("borders" finds and cuts black ones); `rotate` turns
    clockwise by degrees; `size` scales; `pad` frames; then come `watermarks` and `subtitles`.

    Give `bitrate_kbps` (an average) or `crf` (a quality, 0 best to 51, of VP8 and VP9 to 63), not
    both; neither means the codec's default quality. `maxrate_kbps` caps the rate over a buffer of
    `bufsize_kb` kilobits (twice the cap if absent). `rate_mode`: "two_pass" looks at everything
    first, "constant" pads to the rate; both need `bitrate_kbps`. The longest distance between
    keyframes is `gop_seconds` or `gop_frames`, 2 s if neither is given; `min_gop_seconds` the
    shortest. `fps` repeats and drops frames, `max_fps` only drops those of faster sources.
    `narrowband` encodes for fewer bits at the same look, at several times the work.

    "copy" takes the stream over as it is: nothing else may be asked for.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    codec: VideoCodec = "h264"
    profile: Profile | None = None
    level: Level | None = None
    preset: Preset = "veryfast"
    narrowband: bool = False

    bitrate_kbps: Annotated[int, Field(ge=10, le=350_000)] | None = None
    crf: Annotated[int, Field(ge=0, le=63)] | None = None
    maxrate_kbps: Annotated[int, Field(ge=10, le=350_000)] | None = None
    bufsize_kb: Annotated[int, Field(ge=10, le=700_000)] | None = None
    rate_mode: RateMode = "one_pass"
    gop_seconds: Annotated[float, Field(ge=0.1, le=600, allow_inf_nan=False)] | None = None
    gop_frames: Annotated[int, Field(ge=1, le=100_000)] | None = None
    min_gop_seconds: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] | None = None
    b_frames: Annotated[int, Field(ge=0, le=16)] | None = None
    fps: Annotated[float, Field(gt=0, le=240, allow_inf_nan=False)] | None = None
    max_fps: Annotated[float, Field(gt=0, le=240, allow_inf_nan=False)] | None = None
    pix_fmt: PixelFormat | None = None

    scan: Scan = "auto"
    blurs: Annotated[tuple[BlurredSpan, ...], Field(max_length=100)] = ()
    crop: CropBox | Literal["borders"] | None = None
    rotate: Annotated[int, Field(ge=0, lt=360)] = 0
    size: PictureSize = PictureSize()
    pad: PadBox | None = None
    watermarks: Annotated[tuple[Watermark, ...], Field(max_length=MAX_WATERMARKS)] = ()
    subtitles: Annotated[tuple[BurnedSubtitles, ...], Field(max_length=MAX_SUBTITLES)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "VideoEncoding":
        _check_rate(self)
        _check_format(self)
        if self.gop_seconds is not None and self.gop_frames is not None:
            raise ValueError("gop_seconds and gop_frames exclude each other")
        if self.fps is not None and self.max_fps is not None:
            raise ValueError("fps and max_fps exclude each other")
        if self.scan == "interlaced" and self.codec != "h264":
            raise ValueError("only h264 codes fields")
        if self.codec == "copy" and set(self.model_dump(exclude_defaults=True)) != {"codec"}:
            raise ValueError("a stream that is copied stays as it is")
        return self


def _check_rate(video: VideoEncoding) -> None:
    if video.bitrate_kbps is not None and video.crf is not None:
        raise ValueError("bitrate_kbps and crf exclude each other")
    if video.bufsize_kb is not None and video.maxrate_kbps is None:
        raise ValueError("bufsize_kb needs maxrate_kbps")
    if video.crf is not None and video.crf > _HIGHEST_CRF.get(video.codec, 51):
        raise ValueError("crf ends at 51")
    if video.rate_mode != "one_pass" and video.bitrate_kbps is None:
        raise ValueError(f"{video.rate_mode} needs bitrate_kbps")
    if video.codec in _PICTURES and (video.bitrate_kbps or video.crf or video.maxrate_kbps):
        raise ValueError(f"{video.codec} has no rate control")


def _check_format(video: VideoEncoding) -> None:
    if video.profile is not None and video.profile not in _PROFILES.get(video.codec, ()):
        raise ValueError(f"{video.codec} has no profile {video.profile}")
    if video.level is not None and video.codec not in _PROFILES:
        raise ValueError(f"{video.codec} has no levels")
    if video.narrowband and video.codec not in _PROFILES:
        raise ValueError("narrowband is for h264 and h265")
    if video.pix_fmt is None:
        return
    allowed = _FORMATS_OF_CODEC.get(video.codec)
    if video.codec in _PROFILES:
        allowed = _FORMATS_OF_PROFILE.get(video.profile or "")
        if video.pix_fmt in ("bgr8", "yuva420p"):
            raise ValueError(f"{video.codec} has no pixel format {video.pix_fmt}")
    if allowed is not None and video.pix_fmt not in allowed:
        raise ValueError(f"{video.codec} {video.profile or ''} has no {video.pix_fmt}")
