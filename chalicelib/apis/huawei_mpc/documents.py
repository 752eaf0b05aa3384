"""What the parameters of several chapters have in common: values, and the place of an object."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from chalicelib.apis.protocol.huawei_rest.operation import RestModel

_MOST_DECIMALS = 10_000


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

Number = Annotated[int, Field(ge=0, lt=2**63)]
"""The id of a template, of a watermark template or of a task."""

BucketName = Annotated[str, Field(min_length=3, max_length=63)]
ObjectKey = Annotated[str, Field(max_length=1024)]


class ObsObjInfo(RestModel):
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
