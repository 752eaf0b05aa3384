"""Streams that are taken over as they are: what containers hold, and what ffmpeg is told of them.

ffmpeg writes what a container has no place for as private data that nothing plays, or breaks off
in the middle of the work: what does not fit is refused before.
"""

from chalicelib.media.errors import TargetUnfit
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import RenditionSpec

_MP4_VIDEO = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video"})
_FRAGMENT_VIDEO = frozenset({"h264", "hevc", "av1", "vp9"})
_TS_VIDEO = frozenset({"h264", "hevc", "mpeg2video", "mpeg1video"})
_MP4_AUDIO = frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "dts", "opus", "flac", "alac"})
_FRAGMENT_AUDIO = frozenset({"aac", "ac3", "eac3", "opus", "flac", "alac"})
_TS_AUDIO = frozenset({"aac", "mp3", "mp2", "ac3", "eac3"})

_VIDEO: dict[str, frozenset[str]] = {
    "mp4": _MP4_VIDEO,
    "fmp4": _MP4_VIDEO,
    "m3u8": _TS_VIDEO,
    "mpd": _FRAGMENT_VIDEO,
    "ts": _TS_VIDEO,
    "flv": frozenset({"h264", "flv1"}),
    "webm": frozenset({"vp8", "vp9", "av1"}),
}
_AUDIO: dict[str, frozenset[str]] = {
    "mp4": _MP4_AUDIO,
    "fmp4": _MP4_AUDIO,
    "m3u8": _TS_AUDIO,
    "mpd": _FRAGMENT_AUDIO,
    "ts": _TS_AUDIO | {"opus", "dts"},
    "flv": frozenset({"aac", "mp3"}),
    "webm": frozenset({"vorbis", "opus"}),
    "mp3": frozenset({"mp3"}),
    "m4a": frozenset({"aac", "alac"}),
    "aac": frozenset({"aac"}),
    "ogg": frozenset({"vorbis", "opus", "flac"}),
    "flac": frozenset({"flac"}),
}


def check(facts: MediaFacts, spec: RenditionSpec) -> None:
    """Raise TargetUnfit where the container has no place for a stream that is to be copied."""
    fragments = spec.container == "m3u8" and spec.segments.kind == "fmp4"
    kind = "mpd" if fragments else spec.container
    video, audio = facts.main_video, spec.audio
    if spec.video is not None and spec.video.codec == "copy" and video is not None:
        _require(video.codec_name, _VIDEO.get(kind), spec.container, "video")
    if audio is None or audio.codec != "copy":
        return
    chosen = facts.audio if audio.all_streams else facts.audio[audio.stream or 0 :][:1]
    for stream in chosen:
        _require(stream.codec_name, _AUDIO.get(kind), spec.container, "audio")


def _require(codec: str, held: frozenset[str] | None, container: str, kind: str) -> None:
    if held is None or codec not in held:
        raise TargetUnfit(f"{container} does not hold the source's {codec} {kind}")


def video_tag(facts: VideoFacts, spec: RenditionSpec) -> list[str]:
    """Which of MP4's two ways to hold HEVC: the one that all players know."""
    fragments = spec.container == "m3u8" and spec.segments.kind == "fmp4"
    mp4 = spec.container in ("mp4", "fmp4", "mpd") or fragments
    return ["-tag:v", "hvc1"] if mp4 and facts.codec_name == "hevc" else []


def audio_map(audio: AudioEncoding) -> str:
    """ffmpeg's name of the source's sound that is taken over."""
    return "0:a" if audio.all_streams else f"0:a:{audio.stream or 0}"


def tags(spec: RenditionSpec) -> list[str]:
    """What becomes of the source's tags; ffmpeg takes them along unless it is told not to."""
    return ["-map_metadata", "-1"] if spec.tags == "dropped" else []
