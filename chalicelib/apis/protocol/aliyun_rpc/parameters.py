"""Limits of parameters, to be put into a field's annotation.

``Title: Annotated[str, MaxChars(128), NoEmoji]``. Every limit also holds for an optional field,
``Annotated[str | None, MaxBytes(1024)] = None``: a default is not checked. Numbers use pydantic's
own ``Field(ge=..., le=...)``. Which wire error a violation becomes is decided in ``validation``.
"""

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from chalicelib.apis.protocol.json_values import JsonUnusable, read_json

LENGTH_EXCEEDED = "length_exceeded"
ILLEGAL_CHARACTERS = "illegal_characters"
UNUSABLE = "unusable"

_MAX_JSON_BYTES = 64 * 1024
_MAX_JSON_DEPTH = 8


def MaxBytes(limit: int) -> AfterValidator:  # noqa: N802 - reads as a type in annotations
    """At most this many bytes of UTF-8."""
    return AfterValidator(lambda text: _within(text, len(text.encode()), limit))


def MaxChars(limit: int) -> AfterValidator:  # noqa: N802
    """At most this many characters; a Chinese character is one."""
    return AfterValidator(lambda text: _within(text, len(text), limit))


def OneOf(*values: str) -> AfterValidator:  # noqa: N802
    """One of these texts, in this spelling."""

    def check(text: str) -> str:
        if text not in values:
            raise _unusable(f"It must be one of: {', '.join(values)}.")
        return text

    return AfterValidator(check)


def CommaList(  # noqa: N802
    *, enum: Collection[str] | None = None, max_items: int = 100, max_chars: int = 1024
) -> BeforeValidator:
    """``a,b,c`` as ``list[str]`` (or any list that pydantic makes of texts).

    Blanks around items and empty items are dropped, repeated items kept once. ``max_chars``
    bounds one item.
    """

    def split(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        items = list(dict.fromkeys(item.strip() for item in text.split(",") if item.strip()))
        if len(items) > max_items:
            raise _unusable(f"It must not have more than {max_items} items.")
        if any(len(item) > max_chars for item in items):
            raise _unusable(f"An item must not be longer than {max_chars} characters.")
        if enum is not None and not set(items) <= set(enum):
            raise _unusable(f"Its items must be of: {', '.join(enum)}.")
        return items

    return BeforeValidator(split)


def JsonObject(  # noqa: N802
    *, max_bytes: int = _MAX_JSON_BYTES, max_depth: int = _MAX_JSON_DEPTH
) -> BeforeValidator:
    """The text of a JSON object; the field's type is the pydantic model that it becomes.

    Bounded in bytes and in nesting. Refuses what the database cannot keep: NUL and lone
    surrogates in texts, numbers beyond 64 bits.
    """
    return BeforeValidator(lambda text: _json(text, dict, max_bytes, max_depth))


def JsonArray(  # noqa: N802
    *, max_bytes: int = _MAX_JSON_BYTES, max_depth: int = _MAX_JSON_DEPTH
) -> BeforeValidator:
    """As JsonObject, for the text of a JSON array; the field's type is a list."""
    return BeforeValidator(lambda text: _json(text, list, max_bytes, max_depth))


def _no_emoji(text: str) -> str:
    if any(_is_illegal(ord(character)) for character in text):
        raise PydanticCustomError(ILLEGAL_CHARACTERS, "emoji or control characters")
    return text


NoEmoji = AfterValidator(_no_emoji)
"""No emoji, no control characters but tab and line breaks. Rare Chinese characters are fine."""

MediaId = Annotated[str, MaxChars(128)]
"""An identifier of media. Whatever is not one leads to the action's NotFound, not to an error
about the parameter, so only the length is checked."""

_ILLEGAL_RANGES = (
    (0x0000, 0x0008),
    (0x000B, 0x000C),
    (0x000E, 0x001F),
    (0x007F, 0x009F),
    (0x20E3, 0x20E3),  # keycap
    (0xD800, 0xDFFF),
    (0xFE0E, 0xFE0F),  # selectors between the text and the emoji form of a symbol
    (0xFFF9, 0xFFFC),
    (0xFFFE, 0xFFFF),
    (0x1F000, 0x1FAFF),
    (0xE0000, 0xE007F),
)


def _is_illegal(code: int) -> bool:
    return any(first <= code <= last for first, last in _ILLEGAL_RANGES)


def _within(text: str, length: int, limit: int) -> str:
    if length > limit:
        raise PydanticCustomError(LENGTH_EXCEEDED, "longer than {limit}", {"limit": limit})
    return text


def _unusable(problem: str) -> PydanticCustomError:
    # The problem goes in as context: as a template its braces would be read as placeholders.
    return PydanticCustomError(UNUSABLE, "{problem}", {"problem": problem})


def _json(text: Any, kind: type, max_bytes: int, max_depth: int) -> Any:
    if not isinstance(text, str):
        return text
    if len(text.encode()) > max_bytes:
        raise PydanticCustomError(LENGTH_EXCEEDED, "longer than {limit}", {"limit": max_bytes})
    try:
        value = read_json(text, max_depth)
    except JsonUnusable as problem:
        raise _unusable(str(problem)) from problem
    if not isinstance(value, kind):
        raise _unusable(f"It must be a JSON {'object' if kind is dict else 'array'}.")
    return value
