"""From a transcoding task to the jobs that make its outputs (MPC API manual 8.1)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from chalicelib.apis.huawei_mpc.compile_renditions import Treatment, compile_parameters
from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.parameters import AvParameters, TemplateParameters
from chalicelib.apis.huawei_mpc.transcoding_documents import (
    HlsEncrypt,
    MultiAudio,
    Subtitle,
    TracksInfo,
)
from chalicelib.apis.huawei_mpc.unusable import problem, unusable
from chalicelib.apis.huawei_mpc.watermark_documents import (
    PicturePlaced,
    WatermarkRequest,
    WatermarkTemplate,
    compile_picture,
    compile_text,
)
from chalicelib.mediaspec.audio import AudioEncoding, AudioTrack
from chalicelib.mediaspec.packaging import HlsEncryption
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.subtitles import BurnedSubtitles, SubtitleTrack
from chalicelib.mediaspec.video import VideoEncoding
from chalicelib.mediaspec.watermark import Watermark
from chalicelib.processing.file_tasks import FileJob, FilePlace
from chalicelib.processing.subjects import name_of_file

Parameters = AvParameters | TemplateParameters

LONGEST_NAME_BYTES = 200

_UNUSUAL = re.compile(r"[^\w.() -]")
_EXTENSION = re.compile(r"\.(?:m3u8|mpd|mp4|mp3|aac|ts)$", re.IGNORECASE)
_CHANGEABLE = frozenset({"bitrate", "width", "height"})


@dataclass(frozen=True)
class Extras:
    """What all outputs of a task get beside their own parameters."""

    treatment: Treatment = field(default_factory=Treatment)
    watermarks: Sequence[Watermark] = ()
    subtitle: Subtitle = field(default_factory=Subtitle)
    sounds: MultiAudio | None = None
    encryption: HlsEncrypt | None = None


@dataclass(frozen=True)
class Wanted:
    """One output: its parameters, the number of its template if it has one, and its name."""

    parameters: Parameters
    template_id: int | None = None
    name: str | None = None


def compile_outputs(
    wanted: Sequence[Wanted], extras: Extras, source: str, folder: str
) -> list[FileJob]:
    """The jobs of all outputs, in their order. ``source``: the file's name, for names of outputs.

    Raises RestError.
    """
    names = output_names(wanted, source)
    return [
        job
        for one, name in zip(wanted, names, strict=True)
        for job in _jobs(one, extras, f"{folder}{name}")
    ]


def _jobs(wanted: Wanted, extras: Extras, name: str) -> Iterator[FileJob]:
    encryption = extras.encryption
    for plain in compile_parameters(wanted.parameters, extras.treatment):
        try:
            spec = _with_extras(plain, extras)
        except ValidationError as error:
            raise unusable(problem(error)) from None
        yield FileJob(
            kind="transcode",
            spec=spec.model_dump_json(),
            name=name,
            template_id=str(wanted.template_id or ""),
            key=encryption.key if encryption else None,
        )


def _with_extras(plain: RenditionSpec, extras: Extras) -> RenditionSpec:
    changes: dict[str, Any] = {}
    if plain.video is not None:
        changes["video"] = _with_overlays(plain.video, extras)
    if plain.audio is not None and extras.sounds is not None:
        changes["audio"] = _with_tracks(plain.audio, extras.sounds)
    if extras.subtitle.subtitle_type == 2 and plain.video is not None:
        changes["subtitles"] = _tracks_of_subtitles(plain, extras)
    if extras.treatment.video.hls_storage_type == "separate" and plain.container == "m3u8":
        changes["separate"] = plain.video is not None and plain.audio is not None
    if extras.encryption is not None:
        changes["encryption"] = _encryption(plain, extras.encryption)
    # Checked again as a whole: a copy would not be.
    return RenditionSpec(**dict(plain) | changes)


def _with_overlays(video: VideoEncoding, extras: Extras) -> VideoEncoding:
    burned = extras.subtitle.files if extras.subtitle.subtitle_type == 1 else ()
    if not burned and not extras.watermarks:
        return video
    if video.codec == "copy":
        raise unusable("pictures that are copied take neither watermarks nor subtitles")
    subtitles = tuple(BurnedSubtitles(file=reference(one.input)) for one in burned)
    return VideoEncoding(
        **dict(video) | {"watermarks": tuple(extras.watermarks), "subtitles": subtitles}
    )


def _with_tracks(audio: AudioEncoding, sounds: MultiAudio) -> AudioEncoding:
    """The source's tracks that are described, then those of the files."""
    tracks = [_track(None, number, info) for number, info in enumerate(sounds.tracks_info)]
    for file in sounds.audio_files:
        infos = file.tracks_info or (TracksInfo(),)
        tracks += [_track(reference(file.input), at, info) for at, info in enumerate(infos)]
    if not tracks:
        return audio
    if not sounds.tracks_info:
        tracks.insert(0, AudioTrack())
    default = sounds.default_language
    if default is not None:
        chosen = next((one for one in tracks if one.language == default), None)
        if chosen is not None:
            at = tracks.index(chosen)
            tracks[at] = chosen.model_copy(update={"default": True})
    return AudioEncoding(**dict(audio) | {"tracks": tuple(tracks)})


def _track(file: str | None, stream: int, info: TracksInfo) -> AudioTrack:
    return AudioTrack(file=file, stream=stream, channels=info.channels, language=info.language)


def _tracks_of_subtitles(plain: RenditionSpec, extras: Extras) -> tuple[SubtitleTrack, ...]:
    if plain.container != "m3u8":
        raise unusable("WebVTT subtitles are put beside HLS alone: pack_type must be 1")
    default = extras.sounds.default_language if extras.sounds else None
    return tuple(
        SubtitleTrack(
            file=reference(one.input),
            language=one.language or "und",
            name=f"{one.language or 'Subtitles'} {number}",
            default=one.language is not None and one.language == default,
        )
        for number, one in enumerate(extras.subtitle.files, start=1)
    )


def _encryption(plain: RenditionSpec, wanted: HlsEncrypt) -> HlsEncryption:
    if plain.container != "m3u8":
        raise unusable("encryption is for HLS alone: pack_type must be 1")
    if wanted.algorithm != "AES-128-CBC":
        raise unusable("encryption: HLS players know AES-128-CBC alone")
    return HlsEncryption(key_uri=wanted.url, iv=wanted.iv.hex() if wanted.iv else None)


def check_default_language(sounds: MultiAudio | None, subtitle: Subtitle) -> None:
    """The default language must be one of a track. Raises RestError."""
    if sounds is None or sounds.default_language is None:
        return
    files = [info for file in sounds.audio_files for info in file.tracks_info]
    known = {info.language for info in (*sounds.tracks_info, *files)}
    known |= {one.language for one in subtitle.files if subtitle.subtitle_type == 2}
    if sounds.default_language not in known:
        raise unusable("default_language", "MPC.10155")


def check_alike(templates: Sequence[TemplateParameters]) -> None:
    """Templates of one task differ in size and bit rate alone (table 8-3). Raises RestError."""
    if len({_key_parameters(one) for one in templates}) > 1:
        raise unusable("they may differ in width, height and bitrate alone", "MPC.10222")


def _key_parameters(template: TemplateParameters) -> str:
    video = template.video.model_dump(exclude=set(_CHANGEABLE)) if template.video else None
    return repr((video, template.audio, template.common))


def compile_watermarks(
    wanted: Sequence[WatermarkRequest], templates: Mapping[int, WatermarkTemplate]
) -> list[Watermark]:
    """What is laid over, the first at the bottom. Raises RestError."""
    made: list[Watermark] = []
    for one in wanted:
        template = None
        if one.template_id is not None:
            template = templates.get(one.template_id)
            if template is None:
                raise unusable(f"watermark template {one.template_id}", "MPC.10089")
        if one.text_context:
            made.append(compile_text(one.text_context, one.text_watermark))
        elif one.input is not None:
            placed = one.image_watermark or PicturePlaced()
            if template is not None:
                placed = placed.over(template)
            made.append(compile_picture(reference(one.input), placed))
        else:
            raise unusable("watermarks: input or text_context is required")
    return made


def reference(place: ObsObjInfo) -> str:
    """How a spec names the object."""
    if not place.object:
        raise unusable("object must name a file")
    return name_of_file(FilePlace(bucket=place.bucket, key=place.object))


def output_names(wanted: Sequence[Wanted], source: str) -> list[str]:
    """A name without extension for each output, all different. Raises RestError.

    Without a name that was given: the source's, and the size that was asked for.
    """
    stem = _EXTENSION.sub("", source.rpartition("/")[2].rpartition(".")[0] or source)
    stem = _UNUSUAL.sub("_", stem).lstrip(" ._-")[:60] or "output"
    given = [one.name for one in wanted if one.name is not None]
    if len(set(given)) < len(given):
        raise unusable("output_filenames: the names must differ")
    names: list[str] = []
    for one in wanted:
        name = _checked(one.name) if one.name is not None else f"{stem}{_size(one.parameters)}"
        distinct, number = name, 2
        while distinct in names:
            distinct, number = f"{name}_{number}", number + 1
        names.append(distinct)
    return names


def _size(parameters: Parameters) -> str:
    video = parameters.video
    if video is None or not video.width or not video.height:
        return ""
    return f"_{video.width}X{video.height}"


def _checked(name: str) -> str:
    plain = _EXTENSION.sub("", name)
    if len(plain.encode()) > LONGEST_NAME_BYTES:
        raise unusable("output_filenames", "MPC.10093")
    if not plain or _UNUSUAL.search(plain) or not (plain[0].isalnum() or plain[0] == "_"):
        raise unusable("output_filenames: a name has letters, digits, spaces and . _ - ( )")
    return plain
