"""What objects in bodies have in common: how values are read, and the place of an object.

Numbers may come as text and texts as numbers, as the manual's own samples send them.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_MOST_DECIMALS = 10_000


class Document(BaseModel):
    """An object of a body. Members that the manual does not name have no effect."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )

    def wire(self) -> dict[str, Any]:
        """As the answers show it: with what follows from the defaults, without what is absent."""
        return self.model_dump(by_alias=True, exclude_none=True)


def OneOf(*values: int) -> AfterValidator:  # noqa: N802 - reads as a type in annotations
    """One of these numbers."""

    def check(value: int) -> int:
        if value not in values:
            raise ValueError(f"it must be one of {', '.join(map(str, values))}")
        return value

    return AfterValidator(check)


def ZeroOr(least: int, most: int) -> AfterValidator:  # noqa: N802
    """0, or within these bounds."""

    def check(value: int) -> int:
        if value != 0 and not least <= value <= most:
            raise ValueError(f"it must be 0 or from {least} to {most}")
        return value

    return AfterValidator(check)


def _truth(value: Any) -> Any:
    """A number is accepted too: all but 0 are true."""
    if isinstance(value, int | float):
        return value != 0
    return value


Truth = Annotated[bool, BeforeValidator(_truth)]

BucketName = Annotated[str, Field(min_length=3, max_length=63)]
ObjectKey = Annotated[str, Field(max_length=1024)]


class ObsObjInfo(Document):
    """Where an object lies, or the folder that results go to (MPC API manual, table 8-22).

    A slash before the object's name is dropped: the manual's samples write one, and no object has a
    name that begins with it.
    """

    bucket: BucketName
    location: Annotated[str, Field(min_length=1, max_length=64)]
    object: Annotated[ObjectKey, AfterValidator(lambda text: text.lstrip("/"))]
    file_name: Annotated[str, Field(max_length=255)] | None = None


def length(least: int) -> BeforeValidator:
    """A distance on the picture: pixels from ``least`` to 4096, or a share of it below 1.

    Of a share only four decimals count, what follows is dropped.
    """

    def read(value: Any) -> int | float:
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            raise ValueError("it must be a number") from error
        if 0 < number < 1:
            share = int(number * _MOST_DECIMALS + 1e-9) / _MOST_DECIMALS
            return share if share > 0 else least
        if number.is_integer() and least <= number <= 4096:
            return int(number)
        raise ValueError(f"it must be pixels from {least} to 4096 or a share between 0 and 1")

    return BeforeValidator(read)


def _to_end(value: Any) -> Any:
    return None if isinstance(value, str) and value.lower() == "toend" else value


UntilEnd = BeforeValidator(_to_end)
"""Seconds, or the word ToEND, which becomes None."""
