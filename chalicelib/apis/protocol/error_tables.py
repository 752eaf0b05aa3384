"""Tables from domain errors to wire errors, one for each product."""

from collections.abc import Callable, Mapping
from typing import TypeVar

E = TypeVar("E", bound=Exception)

ErrorTable = Mapping[type[Exception], Callable[[Exception], E]]


def translated(error: Exception, *tables: ErrorTable[E]) -> E | None:
    """The wire error of a domain exception: the first table that knows it or a base class of it."""
    for table in tables:
        for kind in type(error).__mro__:
            if kind in table:
                return table[kind](error)
    return None
