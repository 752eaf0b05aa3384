"""What to produce from a source: one rendition. Every vendor's template compiles into this."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.clip import Clip, Part
from chalicelib.mediaspec.conditions import Conditions
from chalicelib.mediaspec.files import FileRef
from chalicelib.mediaspec.packaging import HlsEncryption, Segments
from chalicelib.mediaspec.video import VideoEncoding

Container = Literal[
    "mp4",
    "fmp4",
    "m3u8",
    "mpd",
    "ts",
    "flv",
    "webm",
    "mp3",
    "m4a",
    "aac",
    "ogg",
    "flac",
    "gif",
    "webp",
]

MAX_PARTS = 50

_H26X = frozenset({"h264", "h265", "copy"})
_MP4_AUDIO = frozenset({"aac", "mp3", "opus", "flac", "copy"})
_VIDEO_OF: dict[str, frozenset[str]] = {
    "mp4": _H26X | {"vp9"},
    "fmp4": _H26X | {"vp9"},
    "m3u8": _H26X,
    "mpd": _H26X | {"vp9"},
    "ts": _H26X,
    "flv": frozenset({"h264", "copy"}),
    "webm": frozenset({"vp8", "vp9", "copy"}),
    "gif": frozenset({"gif"}),
    "webp": frozenset({"webp"}),
}
_AUDIO_OF: dict[str, frozenset[str]] = {
    "mp4": _MP4_AUDIO,
    "fmp4": _MP4_AUDIO,
    "m3u8": frozenset({"aac", "mp3", "mp2", "copy"}),
    "mpd": frozenset({"aac", "opus", "flac", "copy"}),
    "ts": frozenset({"aac", "mp3", "mp2", "opus", "copy"}),
    "flv": frozenset({"aac", "mp3", "copy"}),
    "webm": frozenset({"vorbis", "opus", "copy"}),
    "mp3": frozenset({"mp3", "copy"}),
    "m4a": frozenset({"aac", "copy"}),
    "aac": frozenset({"aac", "copy"}),
    "ogg": frozenset({"vorbis", "opus", "flac", "copy"}),
    "flac": frozenset({"flac", "copy"}),
}
_FMP4_SEGMENT_AUDIO = frozenset({"aac", "opus", "flac", "copy"})
_FLV_MP3_RATES = (11025, 22050, 44100, None)
_EXTENSIONS = {"fmp4": "mp4"}
_SEGMENTED = ("m3u8", "mpd")


class RenditionSpec(BaseModel):
    """One rendition: its container and what goes in. At least one of `video` and `audio`.

    A kind of stream that the source does not have is left out (a silent video, an audio file given
    a video template). `fmp4` is one fragmented MP4 file, `mpd` DASH. `clip` chooses a span of the
    source; `before` and `after` are joined to it, in order. `tags`: whether what the source says
    about itself (title, author, whatever its maker wrote) goes along.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    container: Container
    video: VideoEncoding | None = None
    audio: AudioEncoding | None = None
    clip: Clip | None = None
    before: Annotated[tuple[Part, ...], Field(max_length=MAX_PARTS)] = ()
    after: Annotated[tuple[Part, ...], Field(max_length=MAX_PARTS)] = ()
    conditions: Conditions = Conditions()
    segments: Segments = Segments()
    encryption: HlsEncryption | None = None
    tags: Literal["dropped", "kept"] = "dropped"

    @property
    def extension(self) -> str:
        """The file name's end of what a player opens, without a dot."""
        return _EXTENSIONS.get(self.container, self.container)

    @property
    def segmented(self) -> bool:
        """Whether it is a manifest and many files rather than one file."""
        return self.container in _SEGMENTED

    @property
    def other_files(self) -> frozenset[FileRef]:
        """The files besides the source that it is made of, by the names that the spec has."""
        parts = [part.file for part in (*self.before, *self.after)]
        mixed = [sound.file for sound in self.audio.mixed if sound.file] if self.audio else []
        laid: list[FileRef] = []
        if self.video is not None:
            laid = [mark.file for mark in self.video.watermarks if mark.kind == "image"]
            laid += [subtitles.file for subtitles in self.video.subtitles]
        return frozenset((*parts, *mixed, *laid))

    @property
    def of_source_alone(self) -> bool:
        """Whether nothing is laid over the source or joined to it: no file, and no text either."""
        texts = self.video is not None and bool(self.video.watermarks)
        return not self.other_files and not texts

    @model_validator(mode="after")
    def _consistent(self) -> "RenditionSpec":
        if self.video is None and self.audio is None:
            raise ValueError("a rendition needs video or audio")
        _check_codecs(self)
        _check_copy(self)
        if self.encryption is not None and self.container != "m3u8":
            raise ValueError("only m3u8 is encrypted")
        if self.encryption is not None and not self.segments.even:
            raise ValueError("segments of chosen lengths are not encrypted")
        if self.encryption is not None and self.segments.kind != "mpegts":
            raise ValueError("only MPEG-TS segments are encrypted")
        return self


def _check_codecs(spec: RenditionSpec) -> None:
    container, video, audio = spec.container, spec.video, spec.audio
    if video is not None and video.codec not in _VIDEO_OF.get(container, frozenset()):
        raise ValueError(f"{container} does not hold {video.codec} video")
    if audio is None:
        return
    allowed = _AUDIO_OF.get(container, frozenset())
    if container == "m3u8" and spec.segments.kind == "fmp4":
        allowed = _FMP4_SEGMENT_AUDIO
    if audio.codec not in allowed:
        raise ValueError(f"{container} does not hold {audio.codec} audio")
    if container == "flv" and audio.codec == "mp3" and audio.sample_rate not in _FLV_MP3_RATES:
        raise ValueError(f"flv does not hold mp3 of {audio.sample_rate} Hz")


def _check_copy(spec: RenditionSpec) -> None:
    codecs = {stream.codec for stream in (spec.video, spec.audio) if stream is not None}
    if "copy" in codecs and (spec.clip or spec.before or spec.after):
        raise ValueError("a stream that is copied is neither cut nor joined")


def remuxed(
    container: Container, *, segments: Segments | None = None, keep_tags: bool = False
) -> RenditionSpec:
    """The rendition that changes the container and nothing else: the pictures and every sound."""
    return RenditionSpec(
        container=container,
        video=VideoEncoding(codec="copy"),
        audio=AudioEncoding(codec="copy", all_streams=True),
        segments=segments or Segments(),
        tags="kept" if keep_tags else "dropped",
    )
