"""Which pictures are taken of a video (MPC API manual, tables 8-12 and 12-5)."""

from typing import Annotated

from pydantic import Field, model_validator

from chalicelib.apis.huawei_mpc.documents import UntilEnd, ZeroOr
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestModel
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.mediaspec.snapshot import PictureFormat, SnapshotSpec

_DAY = 86_400
_FORMATS: dict[int, PictureFormat] = {0: "jpg", 1: "jpg", 2: "png"}
_EXTENSIONS = (".jpg", ".jpeg", ".png", ".tar")

Second = Annotated[int, Field(ge=0, le=_DAY)]


class ThumbnailPara(RestModel):
    """By an interval (TIME: ``time``, in seconds), at parts of the duration (PERCENT: ``percent``),
    at seconds (DOTS) or at a millisecond (DOTS_MS).

    From the first picture on, and the last one too. ``start_time`` and ``duration`` bound TIME;
    without a duration, or with 0, it goes on to the end. Both of ``width`` and ``height`` are the
    size; else ``max_length`` is that of the longer side.
    """

    type: Annotated[str, OneOf("PERCENT", "TIME", "DOTS", "DOTS_MS")] = "TIME"
    percent: Annotated[int, Field(ge=1, le=100)] = 10
    time: Annotated[int, Field(ge=1, le=_DAY)] = 12
    start_time: Second = 0
    duration: Annotated[Second | None, UntilEnd] = None
    dots: Annotated[tuple[Second, ...], Field(max_length=10)] = ()
    dots_ms: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=1)] = ()
    output_filename: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    # The manual's own sample sends 0, which its table does not have.
    format: Annotated[int, OneOf(0, 1, 2)] = 1
    width: Annotated[int, ZeroOr(96, 3840)] = 0
    height: Annotated[int, ZeroOr(96, 2160)] = 0
    max_length: Annotated[int, ZeroOr(240, 3840)] = 0

    @model_validator(mode="after")
    def _consistent(self) -> "ThumbnailPara":
        if self.type == "DOTS" and not self.dots:
            raise InvalidRequest("dots is required for the type DOTS")
        if self.type == "DOTS_MS" and not self.dots_ms:
            raise InvalidRequest("dots_ms is required for the type DOTS_MS")
        name = self.output_filename
        if name is not None and ("/" in name or not name.isprintable()):
            raise InvalidRequest("output_filename must be the name of a file, without a path")
        return self

    @property
    def places(self) -> tuple[int, ...]:
        """The given moments, in milliseconds."""
        if self.type == "DOTS_MS":
            return self.dots_ms
        return tuple(dot * 1000 for dot in self.dots) if self.type == "DOTS" else ()

    @property
    def stem(self) -> str | None:
        """``output_filename`` without an ending that is added anyway."""
        name = self.output_filename
        if name is None:
            return None
        ending = next((one for one in _EXTENSIONS if name.lower().endswith(one)), "")
        return name[: len(name) - len(ending)] or name

    def spec(self) -> SnapshotSpec:
        """What it means."""
        size = self._size()
        picture_format = _FORMATS[self.format]
        if self.places:
            return SnapshotSpec(
                times_ms=self.places, beyond="nothing", format=picture_format, **size
            )
        by_percent = self.type == "PERCENT"
        return SnapshotSpec(
            count=None,
            interval_seconds=self.time,
            interval_percent=self.percent if by_percent else None,
            start_ms=0 if by_percent else self.start_time * 1000,
            span_ms=None if by_percent or not self.duration else self.duration * 1000,
            with_end=True,
            beyond="nothing",
            format=picture_format,
            **size,
        )

    def _size(self) -> dict[str, int]:
        if self.width and self.height:
            return {"width": self.width, "height": self.height}
        if self.max_length:
            return {"longest": self.max_length}
        sides = {"width": self.width, "height": self.height}
        return {name: side for name, side in sides.items() if side}
