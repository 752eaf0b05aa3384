"""What is known of a media file as MPC tells it (MPC API manual, tables 9-19 to 9-21)."""

from chalicelib.apis.protocol.huawei_rest.operation import RestResult
from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, StreamFacts, VideoFacts

_CODECS = {
    "h264": "H.264",
    "hevc": "H.265",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4",
}
_FORMATS = {"mpegts": "TS", "matroska": "MKV", "hls": "HLS", "applehttp": "HLS"}
KILOBIT = 1024
"""The samples count as many bits to the kilobit: 5613152 bit/s are 5481 kbit/s."""


class VideoInfo(RestResult):
    """A video stream. The rate in whole frames per second; how far players turn it, in degrees."""

    width: int
    height: int
    bitrate: int
    bitrate_bps: int
    frame_rate: int
    codec: str
    duration: str | None = None
    duration_ms: str | None = None
    rotate: float


class AudioInfo(RestResult):
    """An audio stream; the sample rate in Hz."""

    codec: str
    sample: int
    channels: int
    bitrate: int
    bitrate_bps: int
    duration: str | None = None
    duration_ms: str | None = None


class MetaData(RestResult):
    """A file: bytes, seconds (``duration_ms`` too, with its parts), and bits per second in all."""

    size: int | None = None
    duration_ms: float
    duration: int
    format: str
    bitrate: int | None = None
    video: list[VideoInfo]
    audio: list[AudioInfo]


def metadata(facts: MediaFacts, key: str) -> MetaData:
    """The facts of the file that is stored under ``key``, whose ending tells similar formats apart.

    Cover art in a sound file is no video.
    """
    kbps = facts.bitrate_kbps
    return MetaData(
        size=facts.size,
        duration_ms=round(facts.duration, 3),
        duration=int(facts.duration),
        format=_format(facts.format_name, key),
        bitrate=None if kbps is None else round(kbps * 1000),
        video=[_video(one, facts) for one in facts.video if not one.attached_picture],
        audio=[_audio(one) for one in facts.audio],
    )


def _format(name: str, key: str) -> str:
    names = name.split(",")
    extension = key.rpartition(".")[2].lower()
    usual = "mp4" if "mp4" in names else names[0]
    found = extension if extension in names else usual
    return _FORMATS.get(found, found.upper())


def _video(stream: VideoFacts, facts: MediaFacts) -> VideoInfo:
    bps = round(1000 * (stream.bitrate_kbps or facts.rest_kbps or 0))
    return VideoInfo(
        width=stream.width,
        height=stream.height,
        bitrate=bps // KILOBIT,
        bitrate_bps=bps,
        frame_rate=whole_rate(stream),
        codec=_codec(stream),
        rotate=stream.rotate,
        **_lengths(stream),
    )


def whole_rate(stream: VideoFacts) -> int:
    """Frames per second: 29.97 counts as 29; a rounding error below 25 does not make it 24."""
    return int(round(stream.avg_fps or stream.fps or 0, 2))


def _audio(stream: AudioFacts) -> AudioInfo:
    bps = round(1000 * (stream.bitrate_kbps or 0))
    return AudioInfo(
        codec=_codec(stream),
        sample=stream.sample_rate,
        channels=stream.channels,
        bitrate=bps // KILOBIT,
        bitrate_bps=bps,
        **_lengths(stream),
    )


def _codec(stream: StreamFacts) -> str:
    return _CODECS.get(stream.codec_name, stream.codec_name.upper())


def _lengths(stream: StreamFacts) -> dict[str, str]:
    if stream.duration is None:
        return {}
    milliseconds = round(stream.duration * 1000)
    return {"duration": str(milliseconds // 1000), "duration_ms": str(milliseconds)}
