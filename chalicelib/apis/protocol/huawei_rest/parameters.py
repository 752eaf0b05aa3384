"""Limits of parameters, to be put into a field's annotation, beside pydantic's own ``Field``.

``status: Annotated[str | None, OneOf("SUCCEEDED", "FAILED")] = None``: a default is not checked.
"""

from typing import Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError


def OneOf(*values: str | int) -> AfterValidator:  # noqa: N802 - reads as a type in annotations
    """One of these values, in this spelling; unlike ``Literal`` it takes "1" for 1."""

    def check(value: Any) -> Any:
        if value not in values:
            allowed = ", ".join(map(str, values))
            raise PydanticCustomError(
                "one_of", "it must be one of: {allowed}", {"allowed": allowed}
            )
        return value

    return AfterValidator(check)


def _listed(value: Any) -> Any:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        return items
    parts = (part.strip() for item in items for part in item.split(","))
    return [part for part in parts if part]


QueryList = BeforeValidator(_listed)
"""A list in a query: ``a=1&a=2``, as the SDK sends it, or ``a=1,2``.

``task_id: Annotated[tuple[int, ...], QueryList, Field(max_length=10)] = ()``
"""
