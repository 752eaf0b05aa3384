"""Subtitles: burnt into the picture, or beside it as a track of an HLS package."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.mediaspec.files import FileRef, Language
from chalicelib.mediaspec.watermark import Colour, FontName

Encoding = Literal["auto", "utf-8", "gbk", "big5"]

TrackName = Annotated[str, Field(pattern=r'^[^\x00-\x1f\x7f"]{1,64}$')]


class BurnedSubtitles(BaseModel):
    """A subtitle file (SRT, ASS or WebVTT, known by its content) drawn into the picture.

    `encoding` "auto" looks for a byte order mark, then tries UTF-8, GBK and Big5. The times of the
    file are those of the source; a clip moves them along. The look applies to SRT and WebVTT: ASS
    brings its own.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    file: FileRef
    encoding: Encoding = "auto"
    font: FontName | None = None
    font_size: Annotated[int, Field(ge=4, le=512)] | None = None
    colour: Colour = "#ffffff"
    border_colour: Colour = "#000000"


class SubtitleTrack(BaseModel):
    """A subtitle track of a package: WebVTT, made of any of the kinds above."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    file: FileRef
    language: Language
    name: TrackName
    encoding: Encoding = "auto"
    default: bool = False
