"""What a list of media may be filtered by: a small language without any vendor's words.

``store.media_select`` makes SQL of it. Columns are those of the table ``media``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

IdColumn = Literal["media_id", "app_id", "category_id", "status", "business_type", "preprocessing"]
RangeColumn = Literal["source_size", "duration_ms", "created_at", "modified_at"]
TextColumn = Literal["title", "tags", "description", "file_name"]
SortColumn = Literal["created_at", "modified_at"]
Bound: TypeAlias = datetime | int


@dataclass(frozen=True)
class IsOneOf:
    """The column has one of the values. For ``category_id`` of an attached media: one of its
    categories is among them."""

    column: IdColumn
    values: tuple[str | int, ...]


@dataclass(frozen=True)
class Between:
    """The column lies between the bounds; None: no bound there. An unknown value lies nowhere."""

    column: RangeColumn
    low: Bound | None = None
    high: Bound | None = None
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True)
class Contains:
    """The text contains the word, letters of ASCII in either case."""

    column: TextColumn
    word: str


@dataclass(frozen=True)
class All:
    """Every part holds; without parts: always."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """One of the parts holds; without parts: never."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Filter"


Filter: TypeAlias = IsOneOf | Between | Contains | All | AnyOf | Not

EVERYTHING = All()
NOTHING = AnyOf()


@dataclass(frozen=True)
class Sort:
    """A column to sort by; media that are equal there are sorted by their ids."""

    column: SortColumn = "created_at"
    descending: bool = True


@dataclass(frozen=True)
class Scope:
    """Whose media are listed, and of which types; ``app_ids``: None for all applications."""

    account_id: str
    media_types: tuple[str, ...]
    app_ids: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Anchor:
    """A place in an order: the sort column's value and the id of the media that stands there.

    ``media_id`` may be the beginning of an id.
    """

    at: datetime
    media_id: str


def simplified(part: Filter) -> Filter:
    """The same filter without constants inside it, and without conjunctions in conjunctions."""
    if isinstance(part, IsOneOf):
        return part if part.values else NOTHING
    if isinstance(part, Not):
        inner = simplified(part.part)
        if isinstance(inner, Not):
            return inner.part
        if inner in (EVERYTHING, NOTHING):
            return NOTHING if inner == EVERYTHING else EVERYTHING
        return Not(inner)
    if isinstance(part, All | AnyOf):
        return _joined(part)
    return part


def _joined(part: All | AnyOf) -> Filter:
    kind = type(part)
    absorbing: Filter = NOTHING if kind is All else EVERYTHING
    flat: list[Filter] = []
    for item in map(simplified, part.parts):
        if item == absorbing:
            return absorbing
        flat += item.parts if isinstance(item, kind) else (item,)
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else kind(unique)
