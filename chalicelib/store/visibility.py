"""Which applications' rows the present request may see: row-level security, which DSQL lacks.

The entry of an API sets it once for each request; ``store.database`` then hands out no row of
another application, whichever query asks, also one that is written long after this. Only rows
with a column ``app_id`` are looked at. A list that counts or pages in SQL asks ``readable_apps``
for its own condition, so that totals are right; this is the net below it.

Workers, timers and play requests act for no caller and see everything.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


class NotWritable(Exception):
    """The request changes something in an application that its sender may only read."""

    def __init__(self, app_id: str) -> None:
        super().__init__(f"only readable: {app_id}")
        self.app_id = app_id


@dataclass(frozen=True, slots=True)
class Visibility:
    """The applications of one request; ``writing``: what it finds it is going to change."""

    readable: frozenset[str]
    writable: frozenset[str]
    writing: bool

    def admits(self, row: Row) -> bool:
        """Whether the request may see the row. Raises NotWritable."""
        app_id = row.get("app_id")
        if app_id is None:
            return True
        if self.writing and app_id in self.readable - self.writable:
            raise NotWritable(app_id)
        return app_id in self.readable


_present: ContextVar[Visibility | None] = ContextVar("visibility", default=None)


@contextmanager
def limited_to(visibility: Visibility | None) -> Iterator[None]:
    """Hold everything inside to these applications; None: to nothing."""
    token = _present.set(visibility)
    try:
        yield
    finally:
        _present.reset(token)


def readable_apps() -> list[str] | None:
    """The applications whose rows may be seen, for the condition of a list; None: all."""
    visibility = _present.get()
    return None if visibility is None else sorted(visibility.readable)


def require_writable(app_id: str) -> None:
    """For what is written without having been found as a row. Raises NotWritable."""
    visibility = _present.get()
    if visibility is not None and app_id not in visibility.writable:
        raise NotWritable(app_id)


def visible(rows: Iterable[Row]) -> Iterable[Row]:
    """Those of the rows that the present request may see. Raises NotWritable."""
    visibility = _present.get()
    return rows if visibility is None else filter(visibility.admits, rows)
