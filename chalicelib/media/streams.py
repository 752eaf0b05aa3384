"""One PyAV stream into the neutral facts of `mediaspec.facts`."""

from fractions import Fraction
from typing import Any, cast, get_args

from av.audio.stream import AudioStream
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from chalicelib.mediaspec.facts import AudioFacts, FieldOrder, HdrType, VideoFacts

# libavutil's numbers of ITU-T H.273; a value that is not here is rare enough to stay unnamed.
_TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020",
    11: "smpte431",
    12: "smpte432",
}
_SPACES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020nc",
    10: "bt2020c",
}
_FIELD_ORDERS = cast(tuple[FieldOrder, ...], get_args(FieldOrder))
_HDR_TYPES: dict[str, HdrType] = {"smpte2084": "HDR10", "arib-std-b67": "HLG"}
_DOLBY_VISION_TAGS = ("dvh1", "dvhe", "dva1", "dvav", "dav1")


def video_facts(
    stream: VideoStream, frame: VideoFrame | None, *, attached_picture: bool
) -> VideoFacts:
    """Facts of a video stream; `frame` is its first decoded one, which knows the rotation."""
    common = _common(stream)
    context = stream.codec_context
    if context is None:
        return VideoFacts(**common, width=0, height=0, attached_picture=attached_picture)
    transfer = _TRANSFERS.get(frame.color_trc if frame else context.color_trc, "")
    rate = stream.guessed_rate or stream.base_rate
    tag = common["codec_tag_string"]
    return VideoFacts(
        **common,
        level=context.level if context.level >= 0 else None,
        width=frame.width if frame else context.width,
        height=frame.height if frame else context.height,
        sar=_ratio(stream.sample_aspect_ratio),
        dar=_ratio(stream.display_aspect_ratio),
        pix_fmt=frame.format.name if frame else context.pix_fmt or "",
        fps=float(rate) if rate else None,
        avg_fps=float(stream.average_rate) if stream.average_rate else None,
        rotate=round(-frame.rotation) % 360 if frame else 0,
        has_b_frames=max(0, context.reorder_depth),
        bit_depth=context.format.components[0].bits if context.format else None,
        hdr_type="DolbyVision" if tag in _DOLBY_VISION_TAGS else _HDR_TYPES.get(transfer, ""),
        color_transfer=transfer,
        color_primaries=_PRIMARIES.get(
            frame.color_primaries if frame else context.color_primaries, ""
        ),
        color_space=_SPACES.get(frame.colorspace if frame else context.colorspace, ""),
        field_order=_field_order(context.field_order, frame),
        attached_picture=attached_picture,
    )


def audio_facts(stream: AudioStream) -> AudioFacts:
    common = _common(stream)
    context = stream.codec_context
    if context is None:
        return AudioFacts(**common)
    return AudioFacts(
        **common,
        sample_fmt=context.format.name if context.format else "",
        sample_rate=context.sample_rate,
        channels=context.channels,
        channel_layout=context.layout.name,
    )


def _common(stream: Stream) -> dict[str, Any]:
    """The fields of StreamFacts, to build on."""
    context = stream.codec_context
    tick = stream.time_base
    return {
        "index": stream.index,
        "codec_name": context.codec.canonical_name if context else "unknown",
        "codec_long_name": context.codec.long_name if context else "",
        "codec_tag": _tag_number(context.codec_tag) if context else "0x0000",
        "codec_tag_string": _tag_text(context.codec_tag) if context else "",
        "codec_timebase": _codec_timebase(stream),
        "profile": (context.profile or "") if context else "",
        "timebase": f"{tick.numerator}/{tick.denominator}" if tick else "",
        "start_time": _seconds(stream.start_time, tick),
        "duration": _seconds(stream.duration, tick),
        "num_frames": stream.frames or None,
        "lang": stream.language or "und",
        "bitrate_kbps": context.bit_rate / 1000 if context and context.bit_rate else None,
    }


def _codec_timebase(stream: Stream) -> str:
    """The codec's clock as ffprobe printed it: one sample, or one field of the nominal rate."""
    if isinstance(stream, AudioStream):
        context = stream.codec_context
        return f"1/{context.sample_rate}" if context and context.sample_rate else ""
    rate = stream.average_rate
    return f"{rate.denominator}/{2 * rate.numerator}" if rate else ""


def _tag_number(tag: str) -> str:
    return f"0x{int.from_bytes(tag.encode('latin-1', 'replace')[:4], 'little'):04x}"


def _tag_text(tag: str) -> str:
    return tag if tag.isprintable() and tag.isascii() else ""


def _seconds(ticks: int | None, tick: Fraction | None) -> float | None:
    return float(ticks * tick) if ticks is not None and tick else None


def _ratio(value: Fraction | None) -> str:
    return f"{value.numerator}:{value.denominator}" if value else "0:1"


def _field_order(order: int, frame: VideoFrame | None) -> FieldOrder:
    """The container's word; where it has none, the first frame's (its parity is in the frame)."""
    named = _FIELD_ORDERS[order] if 0 <= order < len(_FIELD_ORDERS) else "unknown"
    if frame is not None and frame.interlaced_frame and named in ("unknown", "progressive"):
        return "tt"
    return named
