"""The media parameters of templates and tasks (MPC API manual, chapters 5, 6 and 8).

What the manual says is adjusted is adjusted when it is read, so that queries show what is used.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from chalicelib.apis.huawei_mpc.documents import Truth, ZeroOr
from chalicelib.apis.protocol.huawei_rest.operation import RestModel
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf

H264, H265 = 1, 2
AAC, HE_AAC, HE_AAC_V2, MP3 = 1, 2, 3, 4
HLS, DASH, HLS_AND_DASH, MP4, MP3_FILE, ADTS = 1, 2, 3, 4, 5, 6

_HIGHEST_RATE = 60
_LOWEST_RATE = 5
_USUAL_B_FRAMES = {H264: 4, H265: 7}
_OWN_PROFILES = {H264: 3, H265: 4}
_HIGHEST_SIDES = (4096, 2880)

OutputPolicy = Literal["discard", "transcode", "copy"]


def _frame_rate(value: Any) -> Any:
    """The manual: what is out of range is adjusted to 0, which keeps the source's."""
    try:
        rate = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return value
    return rate if _LOWEST_RATE <= rate <= _HIGHEST_RATE else 0


Codec = Annotated[int, OneOf(H264, H265)]
Seconds = Annotated[int, Field(ge=2, le=10)]


class VideoCommon(RestModel):
    """How pictures are encoded, whatever their size and rate (table 6-6, and part of 5-4, 8-5).

    ``max_iframes_interval`` in seconds. Profile 0, or one of the other codec, is the codec's own.
    """

    output_policy: OutputPolicy = "transcode"
    codec: Codec = H264
    profile: Annotated[int, OneOf(0, 1, 2, 3, 4)] = 0
    level: Annotated[int, Field(ge=0, le=15)] = 0
    preset: Annotated[int, OneOf(1, 2, 3)] = 1
    max_iframes_interval: Seconds = 5
    bframes_count: Annotated[int, Field(ge=0, le=8)] | None = None
    frame_rate: Annotated[int, BeforeValidator(_frame_rate)] = 0
    black_cut: Annotated[int, OneOf(0, 1, 2)] = 0

    @model_validator(mode="before")
    @classmethod
    def _adjusted(cls, given: Any) -> Any:
        """The defaults that depend on the codec, and the profile that it has."""
        if not isinstance(given, dict):
            return given
        codec = H265 if str(given.get("codec")) == str(H265) else H264
        profile = str(given.get("profile") or 0)
        fits = profile == "4" if codec == H265 else profile in ("1", "2", "3")
        known = profile in ("0", "1", "2", "3", "4")
        update: dict[str, Any] = {}
        if known and not fits:
            update["profile"] = _OWN_PROFILES[codec]
        if given.get("bframes_count") is None:
            update["bframes_count"] = _USUAL_B_FRAMES[codec]
        return given | update


def _check_size(codec: int, width: int, height: int, least: dict[int, tuple[int, int]]) -> None:
    for name, side, low, most in zip(
        ("width", "height"), (width, height), least[codec], _HIGHEST_SIDES, strict=True
    ):
        if side and not (low <= side <= most and side % 2 == 0):
            raise ValueError(f"{name} must be 0 or a multiple of 2 from {low} to {most}")


class Video(VideoCommon):
    """Pictures of a transcoding template (table 5-4). Of sizes and rate, 0 is adaptive."""

    bitrate: Annotated[int, ZeroOr(40, 30_000)] = 0
    width: int = 0
    height: int = 0

    @model_validator(mode="after")
    def _sized(self) -> "Video":
        _check_size(self.codec, self.width, self.height, {H264: (32, 32), H265: (320, 96)})
        return self


class VideoParameters(VideoCommon):
    """Pictures as a task describes them itself (table 8-5)."""

    bitrate: Annotated[int, ZeroOr(40, 50_000)] = 0
    width: int = 0
    height: int = 0
    sr_factor: Annotated[str, OneOf("2")] | None = None

    @model_validator(mode="after")
    def _sized(self) -> "VideoParameters":
        _check_size(self.codec, self.width, self.height, _GROUP_SIZES)
        return self


_GROUP_SIZES = {H264: (32, 32), H265: (320, 240)}


class VideoObj(RestModel):
    """One output of a template group (table 6-4)."""

    width: int
    height: int
    bitrate: Annotated[int, ZeroOr(40, 30_000)]

    def of(self, common: VideoCommon) -> Video:
        """The pictures of this output. Raises ValueError for a size that the codec has not."""
        if not self.width or not self.height:
            raise ValueError("width and height must not be 0")
        _check_size(common.codec, self.width, self.height, _GROUP_SIZES)
        return Video(**common.model_dump(), **self.model_dump())


class Audio(RestModel):
    """The sound (table 5-5). A bit rate of 0 and the sample rate 1 are adaptive."""

    output_policy: OutputPolicy = "transcode"
    codec: Annotated[int, OneOf(AAC, HE_AAC, HE_AAC_V2, MP3)] = AAC
    sample_rate: Annotated[int, Field(ge=1, le=6)] = 1
    bitrate: Annotated[int, ZeroOr(8, 1000)] = 0
    channels: Annotated[int, OneOf(1, 2, 6)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Audio":
        if self.output_policy == "transcode" and self.channels is None:
            raise ValueError("channels is mandatory")
        if self.codec == MP3 and self.sample_rate == 6:
            raise ValueError("sample_rate must not be 6 for MP3")
        return self


class Common(RestModel):
    """Packaging, and high definition at a low bit rate (table 5-6). Intervals in seconds."""

    PVC: Truth = False
    hls_interval: Seconds = 5
    dash_interval: Seconds = 5
    pack_type: Annotated[int, Field(ge=HLS, le=ADTS)]

    @property
    def sound_file(self) -> bool:
        return self.pack_type in (MP3_FILE, ADTS)


class AvParameters(RestModel):
    """One set of parameters given with a task in place of a template (table 8-4)."""

    video: VideoParameters | None = None
    audio: Audio | None = None
    common: Common


class TemplateParameters(RestModel):
    """A transcoding template without its name (tables 5-3 and 5-25)."""

    video: Video | None = None
    audio: Audio | None = None
    common: Common


class VideoProcess(RestModel):
    """What is done to the pictures of all outputs (table 8-23)."""

    hls_init_count: Annotated[int, Field(ge=0, le=10)] = 0
    hls_init_interval: Seconds = 5
    hls_storage_type: Literal["composite", "separate"] = "composite"
    rotate: Annotated[int, Field(ge=0, le=3)] = 0
    adaptation: Literal["SHORT", "LONG", "NONE"] = "NONE"
    upsample: Annotated[int, OneOf(0, 1)] = 0


class AudioProcess(RestModel):
    """What is done to the sound of all outputs (table 8-24); ``volume_expr`` in decibels."""

    volume: Literal["auto", "dynamic", "original"] = "original"
    volume_expr: Annotated[int, Field(ge=-15, le=15)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "AudioProcess":
        if self.volume == "dynamic" and self.volume_expr is None:
            raise ValueError("volume dynamic needs volume_expr")
        return self

    @field_validator("volume", mode="before")
    @classmethod
    def _spelled(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


class AudioTrack(RestModel):
    """Which of the source's tracks are left and right (table 8-18), counted from 0."""

    type: Annotated[int, OneOf(0, 1)] = 0
    left: Annotated[int, Field(ge=0, le=63)] | None = None
    right: Annotated[int, Field(ge=0, le=63)] | None = None
