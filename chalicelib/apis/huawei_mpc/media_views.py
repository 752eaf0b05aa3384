"""What is known of a media file, as MPC's answers have it (MPC API manual, tables 8-39 to 8-41)."""

from chalicelib.apis.protocol.huawei_rest.operation import RestResult
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts
from chalicelib.mediaspec.rendition import Container

_FORMATS: dict[str, str] = {
    "m3u8": "HLS",
    "mpd": "DASH",
    "mp4": "MP4",
    "mp3": "MP3",
    "aac": "ADTS",
}
_CODECS = {"h264": "H264", "hevc": "HEVC", "aac": "AAC", "mp3": "MP3"}


class VideoInfo(RestResult):
    """The pictures: sizes in pixels, frames per second."""

    width: int
    height: int
    bitrate: int
    bitrate_bps: int
    frame_rate: int
    codec: str


class AudioInfo(RestResult):
    """A track of sound: ``sample`` in Hz."""

    codec: str
    sample: int
    channels: int
    bitrate: int
    bitrate_bps: int


class SourceInfo(RestResult):
    """A file: seconds, milliseconds, bytes."""

    duration: int
    duration_ms: int
    format: str
    size: int
    video_info: VideoInfo | None = None
    audio_info: list[AudioInfo] | None = None


def source_info(facts: MediaFacts, container: Container | None = None) -> SourceInfo:
    """A file's facts; ``container`` where it is known what was made."""
    video = facts.main_video
    return SourceInfo(
        duration=round(facts.duration),
        duration_ms=round(facts.duration * 1000),
        format=_format(facts, container),
        size=facts.size or 0,
        video_info=_video(facts, video) if video else None,
        audio_info=[_audio(facts, one) for one in facts.audio] or None,
    )


def _format(facts: MediaFacts, container: Container | None) -> str:
    if container is not None:
        return _FORMATS.get(container, container.upper())
    return facts.format_name.partition(",")[0].upper()


def _video(facts: MediaFacts, video: VideoFacts) -> VideoInfo:
    rate = video.bitrate_kbps or _rest(facts, video)
    return VideoInfo(
        width=facts.width,
        height=facts.height,
        bitrate=round(rate),
        bitrate_bps=round(rate * 1000),
        frame_rate=round(facts.fps),
        codec=_CODECS.get(video.codec_name, video.codec_name.upper()),
    )


def _audio(facts: MediaFacts, audio: AudioFacts) -> AudioInfo:
    rate = audio.bitrate_kbps or _rest(facts, audio)
    high_efficiency = audio.codec_name == "aac" and audio.profile.startswith("HE-AAC")
    codec = _CODECS.get(audio.codec_name, audio.codec_name.upper())
    return AudioInfo(
        codec="HEAAC" if high_efficiency else codec,
        sample=audio.sample_rate,
        channels=audio.channels,
        bitrate=round(rate),
        bitrate_bps=round(rate * 1000),
    )


def _rest(facts: MediaFacts, stream: VideoFacts | AudioFacts) -> float:
    """What the file's rate leaves for a stream of which the container does not tell it."""
    others = (*facts.audio, *([facts.main_video] if facts.main_video else []))
    known = sum(one.bitrate_kbps or 0.0 for one in others if one.index != stream.index)
    return max(0.0, (facts.bitrate_kbps or 0.0) - known)
