"""From text parameters to an action object; the one place where violations become wire errors."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    invalid_parameter,
    missing_parameter,
)
from chalicelib.apis.protocol.aliyun_rpc.parameters import ILLEGAL_CHARACTERS, LENGTH_EXCEEDED
from chalicelib.apis.protocol.json_values import fits_64_bits

A = TypeVar("A", bound=RpcAction)


def validated(action: type[A], parameters: Mapping[str, str]) -> A:
    """The action with its parameters converted and checked; raises ApiError.

    MissingParameter (or the class's own code) comes before any other complaint, as the vendor
    does it.
    """
    given = {name: value for name, value in parameters.items() if value}
    try:
        made = action.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        missing = (detail for detail in details if _is_missing_parameter(detail))
        raise _api_error(action, next(missing, details[0])) from None
    for name in made.model_fields_set:  # defaults are fine
        if not fits_64_bits(getattr(made, name)):
            raise invalid_parameter(name, "It is beyond 64 bits.")
    return made


def _api_error(action: type[RpcAction], detail: ErrorDetails) -> ApiError:
    path = [str(part) for part in detail["loc"]] or [action.__name__]
    name, inside = path[0], ".".join(path[1:])
    if _is_missing_parameter(detail):
        if name in action.missing_codes:
            code, message = action.missing_codes[name]
            return ApiError(code, 400, message)
        return missing_parameter(name)
    if detail["type"] == ILLEGAL_CHARACTERS:
        return ApiError(
            "IllegalCharacters",
            400,
            f"The specified {'.'.join(path)} contains illegal emoticon or special characters.",
        )
    if detail["type"] == LENGTH_EXCEEDED:
        limit = detail["ctx"]["limit"]
        return ApiError(
            "LengthExceededMax",
            400,
            f"The specified {'.'.join(path)} length has exceeded {limit} bytes.",
        )
    problem = detail["msg"].rstrip(".") + "."
    return invalid_parameter(name, f"{inside}: {problem}" if inside else problem)


def _is_missing_parameter(detail: ErrorDetails) -> bool:
    return detail["type"] == "missing" and len(detail["loc"]) == 1
