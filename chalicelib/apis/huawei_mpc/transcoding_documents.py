"""What a transcoding task says beside its templates (MPC API manual 8.1)."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from chalicelib.apis.huawei_mpc.documents import ObsObjInfo
from chalicelib.apis.huawei_mpc.thumbnail_parameters import ThumbnailPara
from chalicelib.apis.protocol.huawei_rest.operation import RestModel
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf

KEY_BYTES = 16


def _bytes_of_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("it must be Base64") from error


def _sixteen(value: bytes) -> bytes:
    if len(value) != KEY_BYTES:
        raise ValueError(f"it must be {KEY_BYTES} bytes")
    return value


Sixteen = Annotated[bytes, BeforeValidator(_bytes_of_base64), AfterValidator(_sixteen)]


class Thumbnail(RestModel):
    """Pictures beside the outputs (table 8-11); ``tar`` 0: packed into an archive."""

    tar: Annotated[int, OneOf(0, 1)] = 1
    out: ObsObjInfo | None = None
    params: ThumbnailPara

    @model_validator(mode="after")
    def _consistent(self) -> "Thumbnail":
        if self.params.type == "DOTS_MS" or self.params.format == 2:
            raise ValueError("DOTS_MS and PNG are for synchronous snapshots only")
        if self.params.type == "PERCENT":
            raise ValueError("params.type must be TIME or DOTS")
        return self


Language = Annotated[str, Field(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,7}$")]


class MulInputFileInfo(RestModel):
    """A subtitle file in a language (table 8-14)."""

    language: Language | None = None
    input: ObsObjInfo


class Subtitle(RestModel):
    """Subtitles (table 8-13): 1 burns a file into the picture, 2 puts WebVTT beside it."""

    input: ObsObjInfo | None = None
    inputs: Annotated[tuple[MulInputFileInfo, ...], Field(max_length=32)] = ()
    subtitle_type: Annotated[int, OneOf(0, 1, 2)] = 0

    @property
    def files(self) -> tuple[MulInputFileInfo, ...]:
        """All files, that of ``input`` first."""
        return (*((MulInputFileInfo(input=self.input),) if self.input else ()), *self.inputs)

    @model_validator(mode="after")
    def _consistent(self) -> "Subtitle":
        if self.subtitle_type and not self.files:
            raise ValueError("input is required")
        if self.subtitle_type == 1 and len(self.files) > 1:
            raise ValueError("one file is burnt into the picture")
        return self


def _uri(value: str) -> str:
    if not value.isprintable() or set(' "\\') & set(value):
        raise ValueError("it must be a URI, without blanks, quotes and backslashes")
    return value


class HlsEncrypt(RestModel):
    """How segments are encrypted (table 8-16), the key and the vector in Base64.

    The manual's default is CTR, for which HLS has no method that players know: without an algorithm
    it is CBC, and CTR is refused.
    """

    key: Annotated[Sixteen, Field(repr=False)]
    url: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_uri)]
    iv: Sixteen | None = None
    algorithm: Literal["AES-128-CTR", "AES-128-CBC"] = "AES-128-CBC"


class Encryption(RestModel):
    """Encryption (table 8-15)."""

    hls_encrypt: HlsEncrypt | None = None


class Crop(RestModel):
    """Only the first seconds (table 8-17)."""

    duration: Annotated[int, Field(ge=1, le=86_400)] | None = None


_LAYOUTS = {
    "mono": 1,
    "stereo": 2,
    "2.1": 3,
    "3.0": 3,
    "4.0": 4,
    "quad": 4,
    "5.0": 5,
    "5.1": 6,
    "7.1": 8,
}


class TracksInfo(RestModel):
    """A track of a file (table 8-21); the layout under its common name, or a number of channels."""

    channel_layout: str | None = None
    language: Language | None = None

    @property
    def channels(self) -> int | None:
        """How many channels the track has; None: as the parameters of the sound have it."""
        layout = (self.channel_layout or "").lower()
        return _LAYOUTS.get(layout) or (int(layout) if layout.isdecimal() else None)

    @model_validator(mode="after")
    def _known(self) -> "TracksInfo":
        if self.channel_layout and self.channels not in set(_LAYOUTS.values()):
            raise ValueError(f"channel_layout must be one of {', '.join(_LAYOUTS)}")
        return self


Tracks = Annotated[tuple[TracksInfo, ...], Field(max_length=16)]


class AudioFile(RestModel):
    """A further file with tracks (table 8-20); without a list of them, one."""

    tracks_info: Tracks = ()
    input: ObsObjInfo


class MultiAudio(RestModel):
    """Several tracks (table 8-19): those of the source, in its order, then those of files."""

    tracks_info: Tracks = ()
    audio_files: Annotated[tuple[AudioFile, ...], Field(max_length=16)] = ()
    default_language: Language | None = None
