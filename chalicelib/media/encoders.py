"""Which encoder makes a codec, and its arguments: one function for each codec.

The arguments belong to one output file of ffmpeg, so that none has to name its stream.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.facts import AudioFacts
from chalicelib.mediaspec.video import Preset, VideoEncoding

_DEFAULT_CRF = {"h264": 23, "h265": 26, "vp8": 10, "vp9": 32}
_HVC1 = ("mp4", "fmp4", "mpd")
# libvpx's speeds: what x264 calls a preset, as deadline and cpu-used.
_VPX_SPEEDS: dict[Preset, tuple[str, int]] = {
    "ultrafast": ("realtime", 8),
    "superfast": ("realtime", 7),
    "veryfast": ("good", 5),
    "faster": ("good", 4),
    "fast": ("good", 3),
    "medium": ("good", 2),
    "slow": ("good", 1),
    "slower": ("good", 0),
    "veryslow": ("good", 0),
}
_PIX_FMT = {"gif": None, "webp": "yuv420p"}

# Narrowband: searches far, moves bits from busy areas and to dark ones, refers to more pictures.
_NARROWBAND_PRESET: Preset = "slower"
_NARROWBAND_X264 = (
    "aq-mode=3:aq-strength=0.8:psy-rd=0.8,0:ref=5:bframes=5:b-adapt=2:rc-lookahead=60"
)
_NARROWBAND_X265 = "aq-mode=3:aq-strength=0.8:psy-rd=1.5:psy-rdoq=1:bframes=8:rc-lookahead=60"

# H.265, table A.8: luma samples of a picture, and in a second.
_H265_LEVELS = {
    "1": (36_864, 552_960),
    "2": (122_880, 3_686_400),
    "2.1": (245_760, 7_372_800),
    "3": (552_960, 16_588_800),
    "3.1": (983_040, 33_177_600),
    "4": (2_228_224, 66_846_720),
    "4.1": (2_228_224, 133_693_440),
    "5": (8_912_896, 267_386_880),
    "5.1": (8_912_896, 534_773_760),
    "5.2": (8_912_896, 1_069_547_520),
    "6": (35_651_584, 1_069_547_520),
    "6.1": (35_651_584, 2_139_095_040),
    "6.2": (35_651_584, 4_278_190_080),
}


@dataclass(frozen=True)
class Pass:
    """One of two runs over the same pictures; what the first learns lies in files at `path`."""

    number: Literal[1, 2]
    path: str


@dataclass(frozen=True)
class Frame:
    """What an encoder has to know of its picture: size, frames per second, what holds it."""

    width: int
    height: int
    fps: float
    container: str
    fmp4: bool
    interlaced: bool
    threads: int
    run: Pass | None = None


def pixel_format(video: VideoEncoding) -> str | None:
    """The format that frames are brought to; None: the filters' own (a GIF's palette)."""
    if video.pix_fmt is not None:
        return None if video.codec == "gif" else video.pix_fmt
    if video.profile == "main10":
        return "yuv420p10le"
    return _PIX_FMT.get(video.codec, "yuv420p")


def video_arguments(video: VideoEncoding, frame: Frame, keyframes: list[str]) -> list[str]:
    """The encoder of the picture with all its options; `keyframes` places forced ones."""
    command = _VIDEO[video.codec](video, frame)
    if video.codec in ("gif", "webp", "copy"):
        return command
    wanted = pixel_format(video)
    command += ["-pix_fmt", wanted] if wanted is not None else []
    return [*command, *keyframes]


def _x264(video: VideoEncoding, frame: Frame) -> list[str]:
    command = ["-c:v", "libx264", "-preset", _preset(video)]
    if video.narrowband:
        command += ["-x264-params", _NARROWBAND_X264]
    profile = video.profile or _x264_profile(video)
    command += ["-profile:v", profile] if profile else []
    command += ["-level:v", video.level] if video.level else []
    if frame.interlaced:
        command += ["-flags:v", "+ildct+ilme"]
    if video.rate_mode == "constant":
        command += ["-nal-hrd", "cbr"]
    command += ["-bf", str(video.b_frames)] if video.b_frames is not None else []
    command += ["-threads:v", str(frame.threads)]
    return [*command, *rate_control(video), *_passes(frame), "-forced-idr", "1"]


def _passes(frame: Frame) -> list[str]:
    if frame.run is None:
        return []
    return ["-pass", str(frame.run.number), "-passlogfile", frame.run.path]


def _preset(video: VideoEncoding) -> str:
    return _NARROWBAND_PRESET if video.narrowband else video.preset


def _x264_profile(video: VideoEncoding) -> str | None:
    """High, where the pixel format allows it; for others x264 chooses the least that does."""
    return "high" if pixel_format(video) in ("yuv420p", "yuvj420p") else None


def _x265(video: VideoEncoding, frame: Frame) -> list[str]:
    # Closed groups: segments have to begin anew, and what joins chunks too.
    parameters = ["log-level=error", "open-gop=0", f"pools={frame.threads}"]
    parameters += [_NARROWBAND_X265] if video.narrowband else []
    if video.rate_mode == "constant":
        parameters.append("strict-cbr=1")
    level = _x265_level(video.level, frame) if video.level else None
    parameters += [f"level-idc={level}"] if level else []
    command = ["-c:v", "libx265", "-preset", _preset(video)]
    if frame.run is not None:
        parameters += [f"pass={frame.run.number}", f"stats={frame.run.path}"]
    command += ["-x265-params", ":".join(parameters)]
    command += ["-profile:v", video.profile] if video.profile else []
    command += ["-bf", str(video.b_frames)] if video.b_frames is not None else []
    if frame.container in _HVC1 or frame.fmp4:
        command += ["-tag:v", "hvc1"]
    return [*command, *rate_control(video), "-forced-idr", "1"]


def _x265_level(asked: str, frame: Frame) -> str | None:
    """The level, or the lowest above it that holds the picture: x265 makes nothing otherwise.

    None for a picture that is beyond all of them.
    """
    samples = frame.width * frame.height
    longest = max(frame.width, frame.height)
    # Half a frame of room: the rate is known from the source's average.
    rate = samples * (frame.fps + 0.5)
    for level, (most_samples, most_each_second) in _H265_LEVELS.items():
        fits = samples <= most_samples and longest**2 <= 8 * most_samples
        if float(level) >= float(asked) and fits and rate <= most_each_second:
            return level
    return None


def _vp8(video: VideoEncoding, frame: Frame) -> list[str]:
    command = [*_vpx("libvpx", video, frame), *rate_control(video)]
    if video.bitrate_kbps is None:
        # VP8 has no quality without a cap: one that is out of the quality's way.
        cap = video.maxrate_kbps or max(300, round(frame.width * frame.height * frame.fps / 3000))
        command += ["-b:v", f"{cap}k"]
    return command


def _vp9(video: VideoEncoding, frame: Frame) -> list[str]:
    command = [*_vpx("libvpx-vp9", video, frame), *rate_control(video)]
    command += ["-row-mt", "1"]
    if video.bitrate_kbps is None:
        command += ["-b:v", "0"]
    return command


def _vpx(encoder: str, video: VideoEncoding, frame: Frame) -> list[str]:
    deadline, speed = _VPX_SPEEDS[video.preset]
    if frame.run is not None:  # realtime has no passes, and good no faster speed
        deadline, speed = "good", min(speed, 5)
    command = ["-c:v", encoder, "-deadline", deadline, "-cpu-used", str(speed)]
    return [*command, *_passes(frame), "-threads:v", str(frame.threads)]


def _gif(_: VideoEncoding, __: Frame) -> list[str]:
    return ["-c:v", "gif"]


def _webp(_: VideoEncoding, __: Frame) -> list[str]:
    return ["-c:v", "libwebp_anim", "-lossless", "0", "-quality", "75", "-pix_fmt", "yuv420p"]


def _copied(_: VideoEncoding, __: Frame) -> list[str]:
    return ["-c:v", "copy"]


_VIDEO: dict[str, Callable[[VideoEncoding, Frame], list[str]]] = {
    "h264": _x264,
    "h265": _x265,
    "vp8": _vp8,
    "vp9": _vp9,
    "gif": _gif,
    "webp": _webp,
    "copy": _copied,
}


def rate_control(video: VideoEncoding) -> list[str]:
    if video.bitrate_kbps is not None:
        control = ["-b:v", f"{video.bitrate_kbps}k"]
    else:
        crf = _DEFAULT_CRF[video.codec] if video.crf is None else video.crf
        control = ["-crf", str(crf)]
    if video.rate_mode == "constant" and video.bitrate_kbps is not None:
        rate = video.bitrate_kbps
        buffer = video.bufsize_kb or rate
        control += ["-minrate", f"{rate}k", "-maxrate", f"{rate}k", "-bufsize", f"{buffer}k"]
    elif video.maxrate_kbps is not None:
        buffer = video.bufsize_kb or 2 * video.maxrate_kbps
        control += ["-maxrate", f"{video.maxrate_kbps}k", "-bufsize", f"{buffer}k"]
    return control


def keyframe_arguments(
    video: VideoEncoding, frame: Frame, forced: str, longest: float
) -> list[str]:
    """Where keyframes come. `forced` is what ffmpeg is told, see `forced_by`; empty: as it likes.

    By the clock and not by counting frames: right for variable frame rates too, and the same
    moments in every rendition of a source, so that a player can change between them. `longest`
    is the distance in seconds between two forced ones.
    """
    if not forced:
        interval = video.gop_frames or 250
        return ["-g", str(interval), *_shortest(video, frame)]
    # Forced keyframes end the GOP; the frame count only has to stay out of their way.
    interval = video.gop_frames or math.ceil(longest * 120)
    return ["-force_key_frames", forced, "-g", str(interval), *_shortest(video, frame)]


def forced_by(grid: str) -> str:
    """Keyframes where `grid` grows, an expression of the time `T` since the first frame."""
    now, before = grid.replace("T", "t"), grid.replace("T", "prev_forced_t")
    return f"expr:if(isnan(prev_forced_t),1,gt({now},{before}))"


def _shortest(video: VideoEncoding, frame: Frame) -> list[str]:
    if video.min_gop_seconds is None:
        return []
    return ["-keyint_min", str(max(1, round(video.min_gop_seconds * frame.fps)))]


_ENCODERS = {
    "aac": "aac",
    "mp3": "libmp3lame",
    "mp2": "mp2",
    "vorbis": "libvorbis",
    "opus": "libopus",
    "flac": "flac",
}
_RATES = {
    "opus": (8000, 16000, 24000, 48000),
    "mp2": (16000, 22050, 24000, 32000, 44100, 48000),
    "mp3": (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000),
    "aac": (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000),
}
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}


def audio_arguments(audio: AudioEncoding, facts: AudioFacts | None, which: str = "a") -> list[str]:
    """The encoder of the sound; `facts` of the source's (None: several are mixed).

    `which`: ffmpeg's specifier of the streams that are meant.
    """
    if audio.codec == "copy":
        return [f"-c:{which}", "copy"]
    full = audio.profile not in (None, "aac_low")
    command = [f"-c:{which}", "libfdk_aac" if full else _ENCODERS[audio.codec]]
    if audio.codec == "aac":
        command += [f"-profile:{which}", audio.profile or "aac_low"]
    if audio.bitrate_kbps is not None and audio.codec != "flac":
        command += [f"-b:{which}", f"{_allowed_rate(audio, channels_of(audio, facts))}k"]
    rate = sample_rate_of(audio, facts)
    command += [f"-ar:{which}", str(rate)] if rate else []
    return [*command, f"-ac:{which}", str(channels_of(audio, facts))]


def channels_of(audio: AudioEncoding, facts: AudioFacts | None) -> int:
    """How many channels come out: no more than the source has, unless that is asked for."""
    if audio.left_right is not None:
        return min(2, audio.channels)
    own = facts.channels if facts is not None else 0
    if audio.upmix or own <= 0:
        return audio.channels
    return min(audio.channels, own)


def sample_rate_of(audio: AudioEncoding, facts: AudioFacts | None) -> int | None:
    wanted = audio.sample_rate or (facts.sample_rate if facts is not None else None)
    rates = _RATES.get(audio.codec)
    if not wanted or rates is None:
        return wanted
    return min(rates, key=lambda rate: (abs(rate - wanted), -rate))


def _allowed_rate(audio: AudioEncoding, channels: int) -> int:
    """Kilobits per second that the encoder takes: it refuses some instead of coming near them."""
    assert audio.bitrate_kbps is not None
    if audio.codec == "opus":
        return min(max(audio.bitrate_kbps, 6), 256 * channels)
    if audio.codec == "vorbis":
        return min(max(audio.bitrate_kbps, 32 * channels), 240 * channels)
    return audio.bitrate_kbps
