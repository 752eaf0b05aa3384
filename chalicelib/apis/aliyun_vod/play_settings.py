"""The parameters PlayConfig and ReAuthInfo of GetPlayInfo (VOD API manual 17.2)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chalicelib.playback.play_info import Encryption

_Short = Annotated[str, StringConstraints(max_length=1024)]
_SignaturePart = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~]{0,64}$")]


class PlayConfig(BaseModel):
    """How to play. For a PlayDomain that does not exist the default one is used."""

    model_config = ConfigDict(frozen=True)

    PlayDomain: _Short | None = None
    XForwardedFor: _Short | None = None
    PreviewTime: Annotated[int, Field(ge=1)] | None = None
    MtsHlsUriToken: _Short | None = None
    EncryptType: Literal["Unencrypted", "AliyunVoDEncryption", "HLSEncryption"] | None = None


class ReAuthInfo(BaseModel):
    """The parts ``uid`` and ``rand`` of the URLs' signatures; dashes separate those parts."""

    model_config = ConfigDict(frozen=True)

    uid: _SignaturePart | None = None
    rand: _SignaturePart | None = None


NO_CONFIG = PlayConfig()
NO_RE_AUTH = ReAuthInfo()

# The manual's names of what a stream is encrypted with.
ENCRYPTIONS: dict[str, Encryption] = {
    "Unencrypted": "none",
    "AliyunVoDEncryption": "private",
    "HLSEncryption": "standard",
}
ENCRYPT_TYPES: dict[Encryption, str | None] = {
    "none": None,
    "private": "AliyunVoDEncryption",
    "standard": "HLSEncryption",
}
