"""How a rendition is cut into segments, encrypted, and offered together with others.

RFC 8216 (HLS), ISO/IEC 23009-1 (DASH).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalicelib.mediaspec.files import Language
from chalicelib.mediaspec.subtitles import SubtitleTrack, TrackName

_SECONDS = Field(ge=1, le=60, allow_inf_nan=False)

PackageKind = Literal["hls", "dash"]
"""What an adaptive stream is: a master playlist, or a DASH manifest."""

KeyUri = Annotated[str, Field(pattern=r'^[^\x00-\x20\x7f"\\]{1,4096}$')]
"""Where a player gets the key: it is written into the playlist as it stands."""

RelativePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_%][A-Za-z0-9%._~/-]{0,1023}$")]
"""As it stands in a playlist: what is not plain is percent-encoded."""


class Segments(BaseModel):
    """Segments of HLS and DASH renditions; other containers have none.

    `seconds` is the target length; `kind` what HLS segments are. `at` names moments (seconds of
    the output) where one has to begin besides; the first `first_count` segments last
    `first_seconds` instead, so that playback starts sooner.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    seconds: Annotated[float, _SECONDS] = 10.0
    kind: Literal["mpegts", "fmp4"] = "mpegts"
    at: Annotated[
        tuple[Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)], ...],
        Field(max_length=10),
    ] = ()
    first_count: Annotated[int, Field(ge=0, le=10)] = 0
    first_seconds: Annotated[float, _SECONDS] = 5.0

    @property
    def even(self) -> bool:
        """Whether all segments but the last are as long as each other."""
        return not self.at and self.first_count == 0


class HlsEncryption(BaseModel):
    """AES-128 in CBC mode over whole segments (RFC 8216 4.3.2.4).

    The key itself is no part of a spec, which is stored; it is given to the engine. `iv` is 16
    bytes in hexadecimal; None: each segment's sequence number.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    key_uri: KeyUri
    iv: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{32}$")] | None = None


class HlsVariant(BaseModel):
    """One rendition of a master playlist, with what players choose by.

    `bandwidth` and `average_bandwidth` in bits per second; `codecs` as RFC 6381 has them; sizes
    in pixels. A variant without a size is sound only.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    uri: RelativePath
    bandwidth: Annotated[int, Field(ge=1)]
    average_bandwidth: Annotated[int, Field(ge=1)] | None = None
    codecs: Annotated[tuple[str, ...], Field(max_length=4)] = ()
    width: Annotated[int, Field(ge=1)] | None = None
    height: Annotated[int, Field(ge=1)] | None = None
    fps: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class HlsMedia(BaseModel):
    """An alternative of a group: a language of the sound, or of the subtitles."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    uri: RelativePath
    name: TrackName
    language: Language | None = None
    default: bool = False
    channels: Annotated[int, Field(ge=1, le=8)] | None = None


class HlsPackage(BaseModel):
    """A master playlist: variants, and the groups of sound and subtitles that go with all of them.

    `max_bandwidth` (bits per second) leaves out variants above it, but never all of them.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    variants: Annotated[tuple[HlsVariant, ...], Field(min_length=1, max_length=32)]
    audio: Annotated[tuple[HlsMedia, ...], Field(max_length=32)] = ()
    subtitles: Annotated[tuple[HlsMedia, ...], Field(max_length=32)] = ()
    max_bandwidth: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_default(self) -> "HlsPackage":
        for group in (self.audio, self.subtitles):
            if sum(member.default for member in group) > 1:
                raise ValueError("a group has one default at most")
            if len({member.name for member in group}) < len(group):
                raise ValueError("the names of a group differ")
        return self


class PackageSettings(BaseModel):
    """What a template says about packaging: the bandwidth that players are told, the subtitles."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: PackageKind = "hls"
    max_bandwidth: Annotated[int, Field(ge=1)] | None = None
    subtitles: Annotated[tuple[SubtitleTrack, ...], Field(max_length=32)] = ()
