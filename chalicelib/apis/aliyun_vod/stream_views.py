"""Streams of a file as this vendor prints them: nearly everything is text (manual 17.1)."""

from chalicelib.apis.aliyun_vod.formats import decimal, text
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.mediaspec.facts import AudioFacts, StreamFacts, VideoFacts


class _Stream(RpcResult):
    Index: str
    CodecName: str
    CodecLongName: str
    CodecTimeBase: str
    CodecTagString: str
    CodecTag: str
    Timebase: str
    StartTime: str | None = None
    Duration: str | None = None
    Bitrate: str | None = None
    NumFrames: str | None = None
    Lang: str


class VideoStream(_Stream):
    """A video stream."""

    Profile: str
    Width: str
    Height: str
    HasBFrames: str
    Sar: str
    Dar: str
    PixFmt: str
    Level: str | None = None
    Fps: str | None = None
    AvgFPS: str | None = None
    Rotate: str
    HDRType: str | None = None


class AudioStream(_Stream):
    """An audio stream."""

    SampleFmt: str
    SampleRate: str
    Channels: str
    ChannelLayout: str


def video_stream(facts: VideoFacts) -> VideoStream:
    """One video stream; width and height are as coded, Rotate says how it is shown."""
    return VideoStream(
        **_common(facts),
        Profile=facts.profile,
        Width=str(facts.width),
        Height=str(facts.height),
        HasBFrames=str(facts.has_b_frames),
        Sar=facts.sar,
        Dar=facts.dar,
        PixFmt=facts.pix_fmt,
        Level=text(facts.level),
        Fps=decimal(facts.fps),
        AvgFPS=decimal(facts.avg_fps),
        Rotate=str(facts.rotate),
        HDRType=facts.hdr_type or None,
    )


def audio_stream(facts: AudioFacts) -> AudioStream:
    """One audio stream."""
    return AudioStream(
        **_common(facts),
        SampleFmt=facts.sample_fmt,
        SampleRate=str(facts.sample_rate),
        Channels=str(facts.channels),
        ChannelLayout=facts.channel_layout,
    )


def _common(facts: StreamFacts) -> dict[str, str | None]:
    return {
        "Index": str(facts.index),
        "CodecName": facts.codec_name,
        "CodecLongName": facts.codec_long_name,
        "CodecTimeBase": facts.codec_timebase,
        "CodecTagString": facts.codec_tag_string,
        "CodecTag": facts.codec_tag,
        "Timebase": facts.timebase,
        "StartTime": decimal(facts.start_time, 6),
        "Duration": decimal(facts.duration, 6),
        "Bitrate": decimal(facts.bitrate_kbps, 3),
        "NumFrames": text(facts.num_frames),
        "Lang": facts.lang,
    }
