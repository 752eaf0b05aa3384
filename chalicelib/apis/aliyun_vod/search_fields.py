"""The fields that media can be searched by, and what each of them can be asked (manual 17.6)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from chalicelib.apis.aliyun_vod.formats import FILE_STATUS, PREPROCESSING, STATUS, moment
from chalicelib.apis.aliyun_vod.search_nodes import (
    Condition,
    Group,
    MatchSyntaxError,
    Node,
    Value,
)
from chalicelib.ingest.storage_location import storage_address
from chalicelib.store.media import MediaStatus
from chalicelib.store.media_filter import (
    EVERYTHING,
    NOTHING,
    All,
    AnyOf,
    Between,
    Contains,
    Filter,
    IdColumn,
    IsOneOf,
    Not,
    RangeColumn,
    TextColumn,
)

MOST_VALUES = 100
_LONG = range(-(2**63), 2**63)

_B = TypeVar("_B")
Reader: TypeAlias = Callable[[Condition], Filter]


@dataclass(frozen=True)
class Field:
    """One field of one type of media.

    ``returned``: whether Fields may name it. ``read``: how its conditions are understood; None for
    fields that cannot be searched by.
    """

    read: Reader | None = None
    returned: bool = True


def understood(node: Node, fields: dict[str, Field]) -> Filter:
    """The filter that a Match parameter means. Raises MatchSyntaxError."""
    if isinstance(node, Group):
        parts = tuple(understood(part, fields) for part in node.parts)
        return All(parts) if node.word == "and" else AnyOf(parts)
    field = fields.get(node.field)
    if field is None or field.read is None:
        raise MatchSyntaxError(node.position, node.field, "this is no field to search by")
    if len(node.values) > MOST_VALUES:
        raise _wrong(node, f"there are more than {MOST_VALUES} values")
    found = field.read(node)
    return Not(found) if node.negated else found


def _wrong(node: Condition, problem: str) -> MatchSyntaxError:
    return MatchSyntaxError(node.position, node.field, problem)


def _texts(node: Condition) -> tuple[str, ...]:
    if node.kind == "range":
        raise _wrong(node, "this field has no ranges")
    if not all(value.quoted for value in node.values):
        raise _wrong(node, "its values are texts in quotes")
    return tuple(value.text for value in node.values)


def _id(column: IdColumn) -> Reader:
    return lambda node: IsOneOf(column, _texts(node))


def _number_id(column: IdColumn) -> Reader:
    return lambda node: IsOneOf(
        column, tuple(_whole(node, value) for value in (node.values or _no_range(node)))
    )


def _no_range(node: Condition) -> tuple[Value, ...]:
    raise _wrong(node, "this field has no ranges")


def _contains(column: TextColumn) -> Reader:
    def read(node: Condition) -> Filter:
        words = _texts(node)
        if not all(words):
            raise _wrong(node, "an empty text is in all texts")
        return AnyOf(tuple(Contains(column, word) for word in words))

    return read


def _constant(value: Callable[[], str]) -> Reader:
    """A field that has the same value for all media of a deployment."""
    return lambda node: EVERYTHING if value() in _texts(node) else NOTHING


def status_filter(names: Iterable[str], table: Mapping[MediaStatus, str] = STATUS) -> IsOneOf:
    """The media that are shown with one of these statuses."""
    wanted = set(names)
    return IsOneOf("status", tuple(state.value for state, name in table.items() if name in wanted))


def _status(table: Mapping[MediaStatus, str]) -> Reader:
    return lambda node: status_filter(_texts(node), table)


def _preprocessing(node: Condition) -> Filter:
    wanted = set(_texts(node))
    return IsOneOf(
        "preprocessing", tuple(state for state, name in PREPROCESSING.items() if name in wanted)
    )


def _range(column: RangeColumn, bound: Callable[[Condition, Value], int]) -> Reader:
    def read(node: Condition) -> Filter:
        low, high = _bounds(node, bound)
        return Between(column, low, high, *node.closed)

    return read


def _times(column: RangeColumn) -> Reader:
    def read(node: Condition) -> Filter:
        low, high = _bounds(node, _moment)
        with_low, with_high = node.closed
        return span(column, low, high, with_low=with_low, with_high=with_high)

    return read


def _bounds(
    node: Condition, bound: Callable[[Condition, Value], _B]
) -> tuple[_B | None, _B | None]:
    if node.kind == "in":
        raise _wrong(node, "this field has ranges and no lists")
    low, high = node.bounds
    return (
        None if low is None else bound(node, low),
        None if high is None else bound(node, high),
    )


def span(
    column: RangeColumn,
    low: datetime | None,
    high: datetime | None,
    *,
    with_low: bool = True,
    with_high: bool = True,
) -> Between:
    """A range of times. Clients know times in whole seconds, and a bound means its whole second."""
    second = timedelta(seconds=1)
    return Between(
        column,
        low if low is None or with_low else low + second,
        high if high is None or not with_high else high + second,
        with_high=False,
    )


def _whole(node: Condition, value: Value) -> int:
    try:
        number = int(value.text)
    except ValueError:
        number = _LONG.stop
    if number not in _LONG:
        raise _wrong(node, "its values are whole numbers")
    return number


def _milliseconds(node: Condition, value: Value) -> int:
    try:
        number = round(float(value.text) * 1000)
    except (ValueError, OverflowError):
        number = _LONG.stop
    if number not in _LONG:
        raise _wrong(node, "its values are seconds")
    return number


def _moment(node: Condition, value: Value) -> datetime:
    try:
        return moment(value.text)
    except ValueError as error:
        raise _wrong(node, "its values are times like '2017-01-11T12:00:00Z'") from error


_SHOWN = Field()

_OF_ALL = {
    "AppId": Field(_id("app_id")),
    "CateId": Field(_number_id("category_id")),
    "StorageLocation": Field(_constant(storage_address)),
    "Title": Field(_contains("title")),
    "Tags": Field(_contains("tags")),
    "Description": Field(_contains("description")),
    "CreationTime": Field(_times("created_at")),
    "ModificationTime": Field(_times("modified_at")),
}
_OF_VIDEOS = _OF_ALL | {
    "Status": Field(_status(STATUS)),
    "CateName": _SHOWN,
    "MediaSource": Field(_constant(lambda: "general")),
    "PreprocessStatus": Field(_preprocessing),
    "Size": Field(_range("source_size", _whole)),
    "Duration": Field(_range("duration_ms", _milliseconds)),
    "CoverURL": _SHOWN,
    "Snapshots": _SHOWN,
    "SpriteSnapshots": _SHOWN,
    "DownloadSwitch": _SHOWN,
    "TranscodeMode": _SHOWN,
}
_OF_FILES = _OF_ALL | {
    "Status": Field(_status(FILE_STATUS)),
    "FileName": Field(_contains("file_name")),
    "URL": _SHOWN,
}

FIELDS: dict[str, dict[str, Field]] = {
    "video": {"VideoId": Field(_id("media_id"))} | _OF_VIDEOS,
    "audio": {"AudioId": Field(_id("media_id"))} | _OF_VIDEOS,
    "image": {"ImageId": Field(_id("media_id")), "CateName": _SHOWN} | _OF_FILES,
    "attached": {"MediaId": Field(_id("media_id")), "BusinessType": Field(_id("business_type"))}
    | _OF_FILES
    | {"CateId": Field(_number_id("category_id"), returned=False), "Categories": _SHOWN},
}
