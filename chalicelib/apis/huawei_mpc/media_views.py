"""What is known of a media file, as MPC's answers have it (MPC API manual, tables 8-39 to 8-41)."""

from chalicelib.apis.huawei_mpc.metadata_views import KILOBIT, whole_rate
from chalicelib.apis.protocol.huawei_rest.operation import RestResult
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, StreamFacts, VideoFacts
from chalicelib.mediaspec.rendition import Container

_FORMATS: dict[str, str] = {
    "m3u8": "HLS",
    "mpd": "DASH",
    "mp4": "MP4",
    "mp3": "MP3",
    "aac": "ADTS",
}


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
    bps = round(1000 * (video.bitrate_kbps or facts.rest_kbps or 0))
    return VideoInfo(
        width=facts.width,
        height=facts.height,
        bitrate=bps // KILOBIT,
        bitrate_bps=bps,
        frame_rate=whole_rate(video),
        codec=_codec(video),
    )


def _audio(facts: MediaFacts, audio: AudioFacts) -> AudioInfo:
    alone = facts.bitrate_kbps if not facts.has_video and len(facts.audio) == 1 else None
    bps = round(1000 * (audio.bitrate_kbps or alone or 0))
    return AudioInfo(
        codec=_codec(audio),
        sample=audio.sample_rate,
        channels=audio.channels,
        bitrate=bps // KILOBIT,
        bitrate_bps=bps,
    )


def _codec(stream: StreamFacts) -> str:
    """As the sample of 8.3 has them, which differ from those of other chapters."""
    if stream.codec_name == "aac" and stream.profile.startswith("HE-AAC"):
        return "HEAAC"
    return stream.codec_name.upper()
