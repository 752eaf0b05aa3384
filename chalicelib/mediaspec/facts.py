"""What is known about a media file: the container, its streams and what follows from them.

One neutral description that every vendor's "source file information" is rendered from (VOD API
manual 7.3.4, data types VideoStream and AudioStream). `media.probe` fills it; it survives
`model_dump_json` / `model_validate_json` without loss, so that it can be stored.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Pixels = Annotated[int, Field(ge=0)]
Kbps = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, allow_inf_nan=False)]

HdrType = Literal["", "HDR10", "HLG", "DolbyVision"]
FieldOrder = Literal["unknown", "progressive", "tt", "bb", "tb", "bt"]


class StreamFacts(BaseModel):
    """What video and audio streams have in common.

    `index` is the position in the file; `codec_tag` is hexadecimal ("0x31637661") and
    `codec_tag_string` its four characters ("avc1"); time bases are "numerator/denominator";
    `start_time` and `duration` are seconds; `num_frames` is what the container says, or None.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    index: Annotated[int, Field(ge=0)]
    codec_name: str
    codec_long_name: str = ""
    codec_tag: str = "0x0000"
    codec_tag_string: str = ""
    codec_timebase: str = ""
    profile: str = ""
    timebase: str = ""
    start_time: Seconds | None = None
    duration: Seconds | None = None
    num_frames: int | None = None
    lang: str = "und"
    bitrate_kbps: Kbps | None = None


class VideoFacts(StreamFacts):
    """One video stream. `width` and `height` are as coded, before rotation and pixel shape.

    `sar` and `dar` are "16:9" style ratios ("0:1": unknown); `rotate` is how far a player turns
    the picture clockwise, [0, 360); `fps` is the nominal rate and `avg_fps` the measured average;
    `has_b_frames` is the reorder depth (0: none); the colour names are ffmpeg's ("bt709").
    """

    level: int | None = None
    width: Pixels
    height: Pixels
    sar: str = "0:1"
    dar: str = "0:1"
    pix_fmt: str = ""
    fps: Rate | None = None
    avg_fps: Rate | None = None
    rotate: Annotated[int, Field(ge=0, lt=360)] = 0
    has_b_frames: Annotated[int, Field(ge=0)] = 0
    bit_depth: int | None = None
    hdr_type: HdrType = ""
    color_transfer: str = ""
    color_primaries: str = ""
    color_space: str = ""
    field_order: FieldOrder = "unknown"
    attached_picture: bool = False

    @property
    def interlaced(self) -> bool:
        return self.field_order in ("tt", "bb", "tb", "bt")

    @property
    def turned(self) -> bool:
        """Whether the picture is shown with its sides swapped (a phone held upright)."""
        return self.rotate in (90, 270)

    @property
    def square_size(self) -> tuple[int, int]:
        """Width and height as shown: rotated, and stretched to square pixels."""
        width, height = self.width, self.height
        across, down = (int(part) for part in self.sar.split(":"))
        if across > 0 and down > 0:
            width = max(1, round(width * across / down))
        return (height, width) if self.turned else (width, height)


class AudioFacts(StreamFacts):
    """One audio stream. `sample_rate` in Hz; `channel_layout` as ffmpeg names it ("5.1")."""

    sample_fmt: str = ""
    sample_rate: Annotated[int, Field(ge=0)] = 0
    channels: Annotated[int, Field(ge=0)] = 0
    channel_layout: str = ""


class MediaFacts(BaseModel):
    """A media file. `duration` in seconds, `size` in bytes (None: unknown), `bitrate_kbps` overall.

    `truncated` says that the container names data beyond the end of the file (an upload that broke
    off): what is there plays, up to the cut. `size` of an HLS stream is that of the playlist and
    all its segments where the producer knows it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    format_name: str
    duration: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    size: Annotated[int, Field(ge=0)] | None = None
    bitrate_kbps: Kbps | None = None
    peak_kbps: Kbps | None = None
    truncated: bool = False
    video: tuple[VideoFacts, ...] = ()
    audio: tuple[AudioFacts, ...] = ()

    @property
    def main_video(self) -> VideoFacts | None:
        """The first stream of moving pictures; cover art inside an audio file is not one."""
        return next((stream for stream in self.video if not stream.attached_picture), None)

    @property
    def main_audio(self) -> AudioFacts | None:
        return self.audio[0] if self.audio else None

    @property
    def has_video(self) -> bool:
        return self.main_video is not None

    @property
    def rest_kbps(self) -> float | None:
        """What is left of the rate for the picture, whose own many containers do not tell."""
        if self.bitrate_kbps is None:
            return None
        rest = self.bitrate_kbps - sum(stream.bitrate_kbps or 0 for stream in self.audio)
        return rest if rest > 0 else None

    @property
    def width(self) -> int:
        """Pixels across as displayed: the coded height where the picture is turned by 90/270."""
        video = self.main_video
        if video is None:
            return 0
        return video.height if video.turned else video.width

    @property
    def height(self) -> int:
        video = self.main_video
        if video is None:
            return 0
        return video.width if video.turned else video.height

    @property
    def fps(self) -> float:
        """Frames per second of the main video; 0 if there is none or the rate is unknown."""
        video = self.main_video
        if video is None:
            return 0.0
        return video.avg_fps or video.fps or 0.0
