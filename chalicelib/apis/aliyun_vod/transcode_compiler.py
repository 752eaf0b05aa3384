"""From TranscodeTemplate to what the engine makes (VOD API manual 17.1, developer guide 6.2).

Everything that can be wrong with a template is told when it is stored, not when it is first used.
"""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from chalicelib.apis.aliyun_vod.definitions import NARROWBAND_LIMITS, played_definition
from chalicelib.apis.aliyun_vod.output_rules import neutral_rule
from chalicelib.apis.aliyun_vod.transcode_documents import (
    AudioPart,
    TranscodeTemplate,
    TransPart,
    VideoPart,
)
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.mediaspec.audio import AudioEncoding, Loudness
from chalicelib.mediaspec.clip import Clip, Part
from chalicelib.mediaspec.conditions import Above, Conditions
from chalicelib.mediaspec.packaging import PackageKind, PackageSettings, Segments
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.size import CropBox, PadBox, PictureSize
from chalicelib.mediaspec.subtitles import BurnedSubtitles, SubtitleTrack
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.processing.packages import PACKAGED_AS
from chalicelib.processing.template_groups import DEFAULT_WATERMARK, TemplateConfig

USER_DEFAULT_WATERMARK = "USER_DEFAULT_WATERMARK"
MOST_WATERMARKS = 4

FindFile = Callable[[str], str]
"""From the address of a file to the key of its object; raises ApiError."""

_AUDIO_CONTAINERS = ("mp3", "ogg", "flac")
_AUDIO_DEFINITIONS = ("SQ", "HQ")
_NARROWBAND_CONTAINERS = ("flv", "m3u8", "mp4")
_CODECS = {"h.264": "h264", "h.265": "h265", "gif": "gif"}
_RATE_MODES = {"onepass": "one_pass", "twopass": "two_pass", "CBR": "constant"}
_DEFAULT_CRF = 26


class TemplateUnusable(ValueError):
    """A template that cannot be made; the message tells why."""


def read_template(parameter: str, raw: dict[str, Any]) -> TranscodeTemplate:
    """The document checked member by member. Raises ApiError naming the parameter."""
    try:
        return TranscodeTemplate.model_validate(raw)
    except ValidationError as error:
        raise _api_error(parameter, error) from None


def compile_template(
    parameter: str, template: TranscodeTemplate, find_file: FindFile
) -> TemplateConfig:
    """What the template makes. Raises ApiError naming the parameter that held the template."""
    if len(template.WatermarkIds) > MOST_WATERMARKS:
        raise ApiError("WatermarkExceededMax", 400, "The watermark size exceeded maximum.")
    try:
        return _config(template, find_file)
    except ValidationError as error:
        raise _api_error(parameter, error) from None
    except TemplateUnusable as error:
        raise invalid_parameter(parameter, f"{error}.") from None


def _api_error(parameter: str, error: ValidationError) -> ApiError:
    detail = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in detail["loc"])
    problem = detail["msg"].removeprefix("Value error, ").rstrip(".") + "."
    return invalid_parameter(parameter, f"{path}: {problem}" if path else problem)


def _config(template: TranscodeTemplate, find_file: FindFile) -> TemplateConfig:
    package = _package(template, find_file)
    if template.Type == "SubtitlePackage":
        return TemplateConfig(package=package)
    if template.Definition is None:
        raise TemplateUnusable("Definition is mandatory")
    if template.Container is None:
        raise TemplateUnusable("Container is mandatory")
    container = template.Container.Format
    needed = PACKAGED_AS[package.kind] if package is not None else container
    if container != needed:
        raise TemplateUnusable(f"a template of type VideoPackage needs the container {needed}")
    video = _video(template, container, find_file)
    audio = _audio(template, container)
    if video is None and template.WatermarkIds:
        raise TemplateUnusable("watermarks need a picture to lie on")
    if video is not None and video.codec == "copy" and template.WatermarkIds:
        raise TemplateUnusable("a template of the definition OD takes no watermarks")
    spec = RenditionSpec(
        container=container,
        video=video,
        audio=audio,
        clip=_clip(template),
        before=tuple(
            Part(file=find_file(part.OpenUrl), width=_side(part.Width), height=_side(part.Height))
            for part in template.OpeningList
        ),
        after=tuple(
            Part(
                file=find_file(part.TailUrl),
                width=_side(part.Width),
                height=_side(part.Height),
                sound=part.IsMergeAudio,
            )
            for part in template.TailSlateList
        ),
        conditions=_conditions(template.TransConfig),
        segments=_segments(template, container),
    )
    return TemplateConfig(
        spec=spec,
        watermark_ids=tuple(
            DEFAULT_WATERMARK if wanted == USER_DEFAULT_WATERMARK else wanted
            for wanted in template.WatermarkIds
        ),
        output_name=neutral_rule(template.TranscodeFileRegular),
        # Private encryption is for HLS alone; other containers come out as they are.
        encrypted=template.EncryptSetting is not None and container == "m3u8",
        package=package,
    )


def _video(
    template: TranscodeTemplate, container: str, find_file: FindFile
) -> VideoEncoding | None:
    part = template.Video
    if container in _AUDIO_CONTAINERS or (part is not None and part.Remove):
        return None
    if template.Definition == "OD":
        return VideoEncoding(codec="copy")
    if part is None:
        if template.Definition in _AUDIO_DEFINITIONS:
            return None
        raise TemplateUnusable("Video is mandatory")
    options = _treatment(part, template) | _encoding(part, template.TransConfig, container)
    if str(template.Definition).partition("-")[2]:
        options |= _narrowband(str(template.Definition), container)
    return VideoEncoding(
        **options,
        subtitles=tuple(
            BurnedSubtitles(file=find_file(subtitle.SubtitleUrl), encoding=subtitle.CharEncode)
            for subtitle in template.SubtitleList
        ),
    )


def _treatment(part: VideoPart, template: TranscodeTemplate) -> dict[str, Any]:
    """What is done to the picture before it is encoded."""
    options: dict[str, Any] = {
        "rotate": template.Rotate % 360,
        "size": PictureSize(
            width=part.Width,
            height=part.Height,
            sides="long_short" if part.LongShortMode else "width_height",
            enlarge=True,
        ),
    }
    if part.ScanMode:
        options["scan"] = part.ScanMode
    if part.Crop:
        options["crop"] = "borders" if part.Crop == "border" else CropBox(**_box(part.Crop))
    if part.Pad:
        options["pad"] = PadBox(**_box(part.Pad))
    return options


def _encoding(part: VideoPart, trans: TransPart, container: str) -> dict[str, Any]:
    codec = "gif" if container == "gif" else _CODECS[part.Codec]
    options: dict[str, Any] = {"codec": codec, "fps": part.Fps, "max_fps": part.MaxFps}
    if part.Fps is not None:
        options["max_fps"] = None
    if codec == "gif":
        return options
    options |= {"gop_frames": part.Gop, "pix_fmt": part.PixFmt, "preset": "fast"}
    if codec == "h264":
        options |= {"profile": part.Profile or "high", "preset": part.Preset or "medium"}
    if part.Crf is None and part.Bitrate is not None:
        options |= {"bitrate_kbps": part.Bitrate, "rate_mode": _RATE_MODES[trans.TransMode]}
    elif trans.TransMode == "CBR":
        raise TemplateUnusable("TransMode CBR needs Video.Bitrate, and no Video.Crf")
    else:
        options["crf"] = _DEFAULT_CRF if part.Crf is None else part.Crf
    if part.Maxrate is not None:
        options |= {"maxrate_kbps": part.Maxrate, "bufsize_kb": part.Bufsize}
    return options


def _narrowband(definition: str, container: str) -> dict[str, Any]:
    """Size and rate of a narrowband definition are built in, whatever the template says."""
    if container not in _NARROWBAND_CONTAINERS:
        raise TemplateUnusable(f"{definition} needs the container flv, m3u8 or mp4")
    limits = NARROWBAND_LIMITS[definition.partition("-")[0]]
    return {
        "narrowband": True,
        "size": PictureSize(width=limits.long_side, sides="long_short"),
        "bitrate_kbps": None,
        "rate_mode": "one_pass",
        "crf": _DEFAULT_CRF,
        "maxrate_kbps": limits.most_kbps,
        "bufsize_kb": 2 * limits.most_kbps,
    }


def _audio(template: TranscodeTemplate, container: str) -> AudioEncoding | None:
    part = template.Audio
    if container == "gif" or (part is not None and part.Remove):
        return None
    if template.Definition == "OD":
        return AudioEncoding(codec="copy", bitrate_kbps=None, sample_rate=None, channels=8)
    if part is None or part.Codec is None:
        raise TemplateUnusable("Audio.Codec is mandatory")
    if part.Bitrate is None and part.Codec in ("aac", "mp3"):
        raise TemplateUnusable("Audio.Bitrate is mandatory")
    return AudioEncoding(
        codec=part.Codec,
        profile=part.Profile if part.Codec == "aac" else None,
        bitrate_kbps=None if part.Codec == "flac" else part.Bitrate,
        sample_rate=part.Samplerate,
        channels=part.Channels,
        volume=_volume(part),
    )


def _volume(part: AudioPart) -> Loudness | None:
    if part.Volume is None:
        return None
    target = part.Volume.IntegratedLoudnessTarget
    return Loudness(
        method=part.Volume.Method,
        target_lufs=-6 if target == "auto" else target,
        peak_db=part.Volume.TruePeak,
        range_lu=part.Volume.LoudnessRangeTarget,
    )


def _clip(template: TranscodeTemplate) -> Clip | None:
    if template.Clip is None:
        return None
    span = template.Clip.TimeSpan
    return Clip(
        start=span.Seek,
        seconds=span.Duration if span.End is None else None,
        drop_end=span.End,
    )


def _conditions(trans: TransPart) -> Conditions:
    def above(cap: bool, refuse: bool) -> Above:
        return "refuse" if refuse else "cap" if cap else "allow"

    return Conditions(
        resolution=above(trans.IsCheckReso, trans.IsCheckResoFail),
        video_bitrate=above(trans.IsCheckVideoBitrate, trans.IsCheckVideoBitrateFail),
        audio_bitrate=above(trans.IsCheckAudioBitrate, trans.IsCheckAudioBitrateFail),
    )


def _segments(template: TranscodeTemplate, container: str) -> Segments:
    if container not in PACKAGED_AS.values():
        return Segments()
    if template.MuxConfig is None or template.MuxConfig.Segment is None:
        raise TemplateUnusable(f"the container {container} needs MuxConfig.Segment.Duration")
    return Segments(seconds=template.MuxConfig.Segment.Duration)


def _package(template: TranscodeTemplate, find_file: FindFile) -> PackageSettings | None:
    setting = template.PackageSetting
    if template.Type == "Normal":
        if setting is not None:
            raise TemplateUnusable("a template of type Normal takes no PackageSetting")
        return None
    if setting is None:
        raise TemplateUnusable(f"a template of type {template.Type} needs PackageSetting")
    kind: PackageKind = "hls" if setting.PackageType == "HLSPackage" else "dash"
    if template.Type == "VideoPackage":
        if setting.PackageConfig is None:
            raise TemplateUnusable("PackageSetting.PackageConfig.BandWidth is mandatory")
        return PackageSettings(kind=kind, max_bandwidth=setting.PackageConfig.BandWidth)
    if not setting.SubtitleExtractConfigList:
        raise TemplateUnusable("PackageSetting.SubtitleExtractConfigList is mandatory")
    return PackageSettings(
        kind=kind,
        subtitles=tuple(
            SubtitleTrack(
                file=find_file(track.SubtitleUrlList[0]),
                language=track.Language,
                name=track.Name,
                encoding="utf-8",
            )
            for track in setting.SubtitleExtractConfigList
        ),
    )


def _box(text: str) -> dict[str, int]:
    return dict(zip(("width", "height", "left", "top"), map(int, text.split(":")), strict=True))


def _side(text: str) -> Any:
    """A side of a part: pixels, "full" for the output's own, "-1" for the part's own."""
    if text == "-1":
        return None
    return int(text) if text.isdecimal() else text


def definition_of(template: TranscodeTemplate) -> str:
    """What streams of the template are called by players."""
    return played_definition(template.Definition or "")
