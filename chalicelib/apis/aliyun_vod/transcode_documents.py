"""TranscodeTemplate as clients write it (VOD API manual 17.1).

Nearly every value may come as text, and the parts of a template as JSON inside text; an empty text
counts as not given. Members that the manual does not name are kept and have no effect.
"""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from chalicelib.apis.aliyun_vod.output_rules import OutputRule

_MOST_SECONDS = 86_399.999
_SECONDS = re.compile(r"\d{1,5}(\.\d{1,3})?")
_CLOCK = re.compile(r"(\d\d):([0-5]\d):([0-5]\d(?:\.\d{1,3})?)")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _from_json(value: Any) -> Any:
    """A part of a template may be an object, or the JSON text of one."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError("it is not valid JSON") from error


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def _seconds(value: Any) -> float:
    """``sssss[.SSS]`` or ``hh:mm:ss[.SSS]``, up to one day."""
    text = str(value).strip()
    clock = _CLOCK.fullmatch(text)
    if clock:
        total = int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    elif _SECONDS.fullmatch(text):
        total = float(text)
    else:
        raise ValueError("it must be sssss[.SSS] or hh:mm:ss[.SSS]")
    if total > _MOST_SECONDS:
        raise ValueError("it must be less than a day")
    return total


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("it must be a multiple of 2")
    return value


Lower = BeforeValidator(_lower)
JsonPart = BeforeValidator(_from_json)
Seconds = Annotated[float, BeforeValidator(_seconds)]
Side = Annotated[int, Field(ge=128, le=4096), AfterValidator(_even)]


class Document(BaseModel):
    """A part of a template; empty texts are dropped before anything is checked."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value not in ("", None)}


class VideoPart(Document):
    """The picture. Crop and Pad are ``width:height:left:top``, or ``border`` to cut black bars."""

    Codec: Annotated[Literal["h.264", "h.265", "gif"], Lower] = "h.264"
    Remove: bool = False
    Bitrate: Annotated[int, Field(ge=10, le=50_000)] | None = None
    Width: Side | None = None
    Height: Side | None = None
    Fps: Annotated[float, Field(gt=0, le=60)] | None = None
    MaxFps: Annotated[float, Field(gt=0, le=60)] | None = None
    Gop: Annotated[int, Field(ge=1, le=100_000)] | None = None
    LongShortMode: bool = True
    Crf: Annotated[int, Field(ge=0, le=51)] | None = None
    Profile: Literal["baseline", "main", "high"] | None = None
    Preset: Literal["veryfast", "fast", "medium", "slow", "slower"] | None = None
    ScanMode: Literal["interlaced", "progressive"] | None = None
    Bufsize: Annotated[int, Field(ge=1000, le=128_000)] = 6000
    Maxrate: Annotated[int, Field(ge=1000, le=50_000)] | None = None
    PixFmt: str | None = None
    Crop: Annotated[str, Field(pattern=r"^(border|\d{1,4}(:\d{1,4}){3})$")] | None = None
    Pad: Annotated[str, Field(pattern=r"^\d{1,4}(:\d{1,4}){3}$")] | None = None


class VolumePart(Document):
    """The volume; the targets are for the method dynamic ("auto": the default)."""

    Method: Literal["auto", "dynamic", "linear"] = "dynamic"
    IntegratedLoudnessTarget: Annotated[float, Field(ge=-70, le=-5)] | Literal["auto"] = -6
    TruePeak: Annotated[float, Field(ge=-9, le=0)] = -1
    LoudnessRangeTarget: Annotated[float, Field(ge=1, le=20)] = 8


class AudioPart(Document):
    """The sound. Vorbis and FLAC go into ogg and flac."""

    Codec: Annotated[Literal["aac", "mp3", "vorbis", "flac"], Lower] | None = None
    Remove: bool = False
    Bitrate: Annotated[int, Field(ge=8, le=1000)] | None = None
    Samplerate: Annotated[
        Literal[22050, 32000, 44100, 48000, 96000], BeforeValidator(lambda value: int(value))
    ] = 44100
    Channels: Annotated[Literal[1, 2, 4, 5, 6, 8], BeforeValidator(lambda value: int(value))] = 2
    Profile: Literal["aac_low", "aac_he", "aac_he_v2", "aac_ld", "aac_eld"] | None = None
    Volume: Annotated[VolumePart, JsonPart] | None = None


class ContainerPart(Document):
    """The container: those of video, those of audio, and gif; mpd (DASH) is ours."""

    Format: Annotated[
        Literal["flv", "mp4", "m3u8", "mpd", "ts", "mp3", "ogg", "flac", "gif"], Lower
    ]


class SegmentPart(Document):
    """How long segments last, in whole seconds."""

    Duration: Annotated[int, Field(ge=1, le=60)]


class MuxPart(Document):
    """Segments; mandatory for m3u8 and mpd."""

    Segment: Annotated[SegmentPart, JsonPart] | None = None


class TransPart(Document):
    """Conditional transcoding: the forms with Fail go before those without."""

    TransMode: Literal["onepass", "twopass", "CBR"] = "onepass"
    IsCheckReso: bool = False
    IsCheckResoFail: bool = False
    IsCheckVideoBitrate: bool = False
    IsCheckVideoBitrateFail: bool = False
    IsCheckAudioBitrate: bool = False
    IsCheckAudioBitrateFail: bool = False


class TimeSpanPart(Document):
    """Where the clip begins, and how long it is or how much of the end is dropped."""

    Seek: Seconds
    Duration: Seconds | None = None
    End: Seconds | None = None


class ClipPart(Document):
    """A part of the source."""

    TimeSpan: Annotated[TimeSpanPart, JsonPart]


class EncryptPart(Document):
    """Encryption; samples of the manual call it Private."""

    EncryptType: Literal["AliyunVoDEncryption", "Private"]


class PackageConfigPart(Document):
    """The upper limit of the bandwidth, in bits per second."""

    BandWidth: Annotated[int, Field(ge=1)]


class SubtitleExtractPart(Document):
    """One language of packaged subtitles."""

    SubtitleUrlList: Annotated[tuple[str, ...], Field(min_length=1, max_length=1)]
    Language: str
    Format: Annotated[Literal["vtt"], Lower]
    Name: str


class PackagePart(Document):
    """Packaging into one adaptive stream."""

    PackageType: Literal["HLSPackage", "DASHPackage"]
    PackageConfig: Annotated[PackageConfigPart, JsonPart] | None = None
    SubtitleExtractConfigList: Annotated[tuple[SubtitleExtractPart, ...], JsonPart] = ()


class SubtitlePart(Document):
    """Subtitles to be drawn into the picture: SRT or ASS."""

    SubtitleUrl: str
    CharEncode: Annotated[Literal["auto", "utf-8", "gbk", "big5"], Lower] = "utf-8"

    @model_validator(mode="before")
    @classmethod
    def _other_name(cls, values: Any) -> Any:
        # The manual's table calls it CharEnc, its samples CharEncode.
        if isinstance(values, dict) and "CharEnc" in values:
            return {"CharEncode": values["CharEnc"], **values}
        return values


class OpeningPart(Document):
    """What is played before the video."""

    OpenUrl: str
    Width: str = "full"
    Height: str = "full"


class TailPart(Document):
    """What is played after the video."""

    TailUrl: str
    Width: str = "full"
    Height: str = "full"
    IsMergeAudio: bool = True


class TranscodeTemplate(Document):
    """A whole template; which parts it needs follows from its type, definition and container."""

    Type: Literal["Normal", "VideoPackage", "SubtitlePackage"] = "Normal"
    Definition: (
        Literal[
            "LD",
            "SD",
            "HD",
            "FHD",
            "OD",
            "2K",
            "4K",
            "SQ",
            "HQ",
            "LD-NBV1",
            "SD-NBV1",
            "HD-NBV1",
            "FHD-NBV1",
            "2K-NBV1",
            "4K-NBV1",
            "4K-NBV",
        ]
        | None
    ) = None
    TemplateName: Annotated[str, Field(max_length=128)] | None = None
    TranscodeTemplateId: str | None = None
    Video: Annotated[VideoPart, JsonPart] | None = None
    Audio: Annotated[AudioPart, JsonPart] | None = None
    Container: Annotated[ContainerPart, JsonPart] | None = None
    MuxConfig: Annotated[MuxPart, JsonPart] | None = None
    TransConfig: Annotated[TransPart, JsonPart] = TransPart()
    TranscodeFileRegular: OutputRule = ""
    Clip: Annotated[ClipPart, JsonPart] | None = None
    Rotate: Annotated[int, Field(ge=0, le=360)] = 0
    EncryptSetting: Annotated[EncryptPart, JsonPart] | None = None
    PackageSetting: Annotated[PackagePart, JsonPart] | None = None
    SubtitleList: Annotated[
        tuple[SubtitlePart, ...], Field(max_length=4), BeforeValidator(_listed), JsonPart
    ] = ()
    WatermarkIds: tuple[str, ...] = ()
    OpeningList: Annotated[
        tuple[OpeningPart, ...], Field(max_length=2), BeforeValidator(_listed), JsonPart
    ] = ()
    TailSlateList: Annotated[
        tuple[TailPart, ...], Field(max_length=2), BeforeValidator(_listed), JsonPart
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _subtitle_beside(cls, values: Any) -> Any:
        # The manual's sample of a whole template has the subtitle's members at the top.
        if (
            isinstance(values, dict)
            and values.get("SubtitleUrl")
            and not values.get("SubtitleList")
        ):
            members = {name: values.get(name) for name in ("SubtitleUrl", "CharEncode")}
            return {**values, "SubtitleList": [members]}
        return values
