"""The parameters PlayConfig and ReAuthInfo of GetPlayInfo (VOD API manual 17.2)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_Short = Annotated[str, StringConstraints(max_length=1024)]


class PlayConfig(BaseModel):
    """How to play.

    There is one play domain, so PlayDomain is accepted and the default one is used, as the manual
    says for domains that do not exist. PreviewTime, XForwardedFor and MtsHlsUriToken belong to
    features that have to be switched on first and are not there yet: they have no effect.
    """

    model_config = ConfigDict(frozen=True)

    PlayDomain: _Short | None = None
    XForwardedFor: _Short | None = None
    PreviewTime: Annotated[int, Field(ge=1)] | None = None
    MtsHlsUriToken: _Short | None = None
    EncryptType: Literal["Unencrypted", "AliyunVoDEncryption", "HLSEncryption"] | None = None


class ReAuthInfo(BaseModel):
    """Parameters of the CDN's second authentication, which is off: checked, without effect."""

    model_config = ConfigDict(frozen=True)

    uid: _Short | None = None
    rand: _Short | None = None


NO_CONFIG = PlayConfig()
NO_RE_AUTH = ReAuthInfo()
