"""Names of a package that are imported when they are first asked for.

A cold start of the API is to import what one action needs, while a package such as ``processing``
offers what all of them do.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def attribute(package: str, places: Mapping[str, str], name: str) -> Any:
    """For a package's ``__getattr__``: the name out of the module that ``places`` says."""
    if name not in places:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(import_module(places[name]), name)
