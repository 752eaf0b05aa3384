"""From MPC's media parameters to what the engine makes (MPC API manual, chapters 5, 6 and 8)."""

from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError

from chalicelib.apis.huawei_mpc.parameters import (
    ADTS,
    DASH,
    H265,
    HE_AAC,
    HE_AAC_V2,
    HLS,
    HLS_AND_DASH,
    MP3,
    MP3_FILE,
    MP4,
    Audio,
    AudioProcess,
    AudioTrack,
    AvParameters,
    Common,
    TemplateParameters,
    Video,
    VideoParameters,
    VideoProcess,
)
from chalicelib.apis.huawei_mpc.unusable import problem, unusable
from chalicelib.mediaspec.audio import AacProfile, AudioEncoding, Gain, Loudness, SampleRate
from chalicelib.mediaspec.clip import Clip
from chalicelib.mediaspec.packaging import Segments
from chalicelib.mediaspec.rendition import Container, RenditionSpec
from chalicelib.mediaspec.size import PictureSize
from chalicelib.mediaspec.video import Level, Preset, Profile, VideoEncoding

_CONTAINERS: dict[int, tuple[Container, ...]] = {
    HLS: ("m3u8",),
    DASH: ("mpd",),
    HLS_AND_DASH: ("m3u8", "mpd"),
    MP4: ("mp4",),
    MP3_FILE: ("mp3",),
    ADTS: ("aac",),
}
_PROFILES: dict[int, Profile] = {1: "baseline", 2: "main", 3: "high", 4: "main"}
_LEVELS: tuple[Level | None, ...] = (
    None,
    *("1", "1.1", "1.2", "1.3"),
    *("2", "2.1", "2.2"),
    *("3", "3.1", "3.2"),
    *("4", "4.1", "4.2"),
    *("5", "5.1"),
)
# Levels that H.265 has not: the next that it has.
_H265_LEVELS: dict[str, Level] = {
    "1.1": "2",
    "1.2": "2",
    "1.3": "2",
    "2.2": "3",
    "3.2": "4",
    "4.2": "5",
}
_PRESETS: dict[int, Preset] = {1: "veryfast", 2: "medium", 3: "slow"}
_SAMPLE_RATES: dict[int, SampleRate | None] = {
    1: None,
    2: 22050,
    3: 32000,
    4: 44100,
    5: 48000,
    6: 96000,
}
_PVC_QUALITY = {"h264": 26, "h265": 28}
_LOWEST_CAP_KBPS = 10


@dataclass(frozen=True)
class Treatment:
    """What a task does to all of its outputs, beside their own parameters."""

    video: VideoProcess = field(default_factory=VideoProcess)
    audio: AudioProcess = field(default_factory=AudioProcess)
    track: AudioTrack = field(default_factory=AudioTrack)
    seconds: int | None = None


def compile_parameters(
    parameters: AvParameters | TemplateParameters, treatment: Treatment | None = None
) -> tuple[RenditionSpec, ...]:
    """What one template makes: one rendition, or two of HLS and DASH together.

    Raises RestError.
    """
    try:
        return tuple(
            _rendition(container, parameters, treatment or Treatment())
            for container in _CONTAINERS[parameters.common.pack_type]
        )
    except ValidationError as error:
        raise unusable(problem(error)) from None


def _rendition(
    container: Container, parameters: AvParameters | TemplateParameters, treatment: Treatment
) -> RenditionSpec:
    common = parameters.common
    video = _video(parameters, treatment.video)
    audio = _audio(parameters.audio, treatment)
    if video is None and audio is None:
        raise unusable("nothing is put out: video and audio are both discarded")
    if container == "mp3" and parameters.audio is not None and parameters.audio.channels == 6:
        raise unusable("audio.channels must not be 6 in an MP3 file")
    return RenditionSpec(
        container=container,
        video=video,
        audio=audio,
        clip=Clip(seconds=treatment.seconds) if treatment.seconds else None,
        segments=_segments(container, common, treatment.video),
    )


def _video(
    parameters: AvParameters | TemplateParameters, process: VideoProcess
) -> VideoEncoding | None:
    video = parameters.video
    if video is None or video.output_policy == "discard":
        return None
    if parameters.common.sound_file:
        raise unusable("a pack_type of sound alone takes no video parameters")
    if video.output_policy == "copy":
        return VideoEncoding(codec="copy")
    if isinstance(video, VideoParameters) and video.sr_factor is not None:
        raise unusable("sr_factor: there is no super-resolution", "MPC.10051")
    encoding = VideoEncoding(
        codec="h265" if video.codec == H265 else "h264",
        profile=_PROFILES.get(video.profile) or ("main" if video.codec == H265 else "high"),
        level=_level(video),
        preset=_PRESETS[video.preset],
        bitrate_kbps=video.bitrate or None,
        gop_seconds=video.max_iframes_interval,
        b_frames=video.bframes_count,
        max_fps=video.frame_rate or None,
        crop="borders" if video.black_cut else None,
        rotate=90 * process.rotate,
        size=_size(video, process),
    )
    return _narrowband(encoding) if parameters.common.PVC else encoding


def _level(video: Video | VideoParameters) -> Level | None:
    level = _LEVELS[video.level]
    if level is not None and video.codec == H265:
        return _H265_LEVELS.get(level, level)
    return level


def _narrowband(encoding: VideoEncoding) -> VideoEncoding:
    """A quality instead of a rate; the rate asked for is the most that it may need."""
    cap = encoding.bitrate_kbps
    return encoding.model_copy(
        update={
            "narrowband": True,
            "bitrate_kbps": None,
            "crf": _PVC_QUALITY[encoding.codec],
            "maxrate_kbps": max(_LOWEST_CAP_KBPS, cap) if cap else None,
            "b_frames": None,
        }
    )


def _size(video: Video | VideoParameters, process: VideoProcess) -> PictureSize:
    width, height = video.width or None, video.height or None
    options: dict[str, Any] = {"enlarge": process.upsample == 1}
    if width is None or height is None or process.adaptation == "NONE":
        return PictureSize(width=width, height=height, **options)
    if process.adaptation == "SHORT":
        return PictureSize(width=max(width, height), sides="long_short", **options)
    return PictureSize(height=min(width, height), sides="long_short", **options)


def _audio(audio: Audio | None, treatment: Treatment) -> AudioEncoding | None:
    if audio is None or audio.output_policy == "discard":
        return None
    if audio.output_policy == "copy":
        if treatment.audio.volume != "original":
            raise unusable("a sound that is copied keeps its volume")
        return AudioEncoding(
            codec="copy",
            bitrate_kbps=None,
            sample_rate=None,
            channels=8,
            **_chosen(treatment.track, copied=True),
        )
    channels = cast(Any, audio.channels)
    return AudioEncoding(
        codec="mp3" if audio.codec == MP3 else "aac",
        profile=_aac_profile(audio),
        bitrate_kbps=audio.bitrate or None,
        sample_rate=_SAMPLE_RATES[audio.sample_rate],
        channels=channels,
        upmix=True,
        volume=_volume(treatment.audio),
        **_chosen(treatment.track, copied=False),
    )


def _aac_profile(audio: Audio) -> AacProfile | None:
    if audio.codec == HE_AAC_V2 and audio.channels == 2:
        return "aac_he_v2"
    # Version 2 codes stereo alone.
    return "aac_he" if audio.codec in (HE_AAC, HE_AAC_V2) else None


def _chosen(track: AudioTrack, *, copied: bool) -> dict[str, Any]:
    """Which of the source's streams: two as left and right, or one."""
    if track.type == 0 or (track.left is None and track.right is None):
        return {}
    if track.left is None or track.right is None or track.left == track.right:
        return {"stream": track.right if track.left is None else track.left}
    if copied:
        raise unusable("a sound that is copied is not put together of two tracks")
    return {"left_right": (track.left, track.right)}


def _volume(process: AudioProcess) -> Gain | Loudness | None:
    if process.volume == "auto":
        return Loudness(method="auto")
    if process.volume == "dynamic" and process.volume_expr:
        return Gain(decibels=process.volume_expr)
    return None


def _segments(container: Container, common: Common, process: VideoProcess) -> Segments:
    if container == "mpd":
        return Segments(seconds=common.dash_interval)
    if container != "m3u8":
        return Segments()
    segments = Segments(seconds=common.hls_interval)
    if process.hls_init_count:
        first = {
            "first_count": process.hls_init_count,
            "first_seconds": process.hls_init_interval,
        }
        segments = segments.model_copy(update=first)
    return segments
