"""Values from outside: bounded in nesting, and only what the database can keep."""

from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

_LONG = range(-(2**63), 2**63)


class JsonUnusable(ValueError):
    """The text is no JSON, or JSON that cannot be worked with; the message says why."""


def read_json(text: str | bytes, max_depth: int) -> Any:
    """The value that a JSON text stands for.

    Raises JsonUnusable for broken JSON, for more than ``max_depth`` levels of objects and arrays,
    for NUL and lone surrogates in texts, and for integers beyond 64 bits.
    """
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise JsonUnusable("It is not valid JSON.") from error
    _check(value, max_depth)
    return value


def fits_64_bits(value: Any) -> bool:
    """Whether every integer in a value does, in lists and models too."""
    if isinstance(value, int):
        return value in _LONG
    if isinstance(value, list | tuple):
        return all(map(fits_64_bits, value))
    if isinstance(value, BaseModel):
        return all(fits_64_bits(item) for _, item in value)
    return True


def _check(value: Any, depth: int) -> None:
    if depth == 0 and isinstance(value, dict | list):
        raise JsonUnusable("It is nested too deeply.")
    if isinstance(value, dict):
        for name, item in value.items():
            _check(name, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, str) and "\0" in value:
        raise JsonUnusable("It contains NUL.")
    elif isinstance(value, int) and value not in _LONG:
        raise JsonUnusable("It contains a number beyond 64 bits.")
