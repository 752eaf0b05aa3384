"""What to produce from a source: one rendition. Every vendor's template compiles into this.

The limits are the widest of the four vendors'; a vendor's narrower limit is checked by its own API.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Container = Literal["mp4", "m3u8"]
VideoCodec = Literal["h264"]
AudioCodec = Literal["aac"]
Preset = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
]


class VideoEncoding(BaseModel):
    """How the picture is encoded.

    `long_side` bounds the longer edge in pixels as displayed (after rotation, square pixels); the
    aspect ratio follows, both sides come out even and nothing is ever enlarged; None keeps the
    source's size. Give `bitrate_kbps` (an average) or `crf` (a quality, 0 best to 51), not both;
    neither means the encoder's default quality. `maxrate_kbps` caps the rate over a buffer of
    `bufsize_kb` kilobits (twice the cap if absent). `gop_seconds` is the longest distance between
    keyframes, `max_fps` drops frames of faster sources and never repeats any.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    codec: VideoCodec = "h264"
    long_side: Annotated[int, Field(ge=16, le=8192)] | None = None
    bitrate_kbps: Annotated[int, Field(ge=10, le=100_000)] | None = None
    crf: Annotated[int, Field(ge=0, le=51)] | None = None
    maxrate_kbps: Annotated[int, Field(ge=10, le=200_000)] | None = None
    bufsize_kb: Annotated[int, Field(ge=10, le=400_000)] | None = None
    gop_seconds: Annotated[float, Field(ge=0.1, le=60, allow_inf_nan=False)] = 2.0
    max_fps: Annotated[float, Field(ge=1, le=120, allow_inf_nan=False)] | None = None
    profile: Literal["baseline", "main", "high"] = "high"
    preset: Preset = "veryfast"
    pix_fmt: Literal["yuv420p"] = "yuv420p"

    @model_validator(mode="after")
    def _one_rate_control(self) -> "VideoEncoding":
        if self.bitrate_kbps is not None and self.crf is not None:
            raise ValueError("bitrate_kbps and crf exclude each other")
        if self.bufsize_kb is not None and self.maxrate_kbps is None:
            raise ValueError("bufsize_kb needs maxrate_kbps")
        return self


class AudioEncoding(BaseModel):
    """How the sound is encoded. `channels` is a maximum: mono stays mono, 5.1 is mixed down."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    codec: AudioCodec = "aac"
    bitrate_kbps: Annotated[int, Field(ge=8, le=1000)] = 128
    sample_rate: Literal[22050, 32000, 44100, 48000] = 44100
    channels: Literal[1, 2] = 2


class RenditionSpec(BaseModel):
    """One rendition: its container and what goes in. At least one of `video` and `audio`.

    A kind of stream that the source does not have is left out (a silent video, an audio file given
    a video template); `segment_seconds` is the target length of HLS segments.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    container: Container
    video: VideoEncoding | None = None
    audio: AudioEncoding | None = None
    segment_seconds: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] = 10.0

    @model_validator(mode="after")
    def _something_to_encode(self) -> "RenditionSpec":
        if self.video is None and self.audio is None:
            raise ValueError("a rendition needs video or audio")
        return self


def scaled_size(width: int, height: int, long_side: int | None) -> tuple[int, int]:
    """The size of a rendition of a picture of `width` x `height` square pixels.

    The longer side is brought down to `long_side` and the other follows; both come out even, and
    neither larger than it was (a side of 1 becomes 2: video has none smaller).
    """
    longest = max(width, height)
    bound = longest if long_side is None else min(long_side, longest)
    return _even(width, bound, longest), _even(height, bound, longest)


def _even(side: int, bound: int, longest: int) -> int:
    nearest = (side * bound + longest) // (2 * longest) * 2
    return max(2, min(nearest, bound // 2 * 2, side // 2 * 2))
