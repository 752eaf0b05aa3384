"""Parameters that actions of several chapters have in common."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from chalicelib.apis.aliyun_vod.formats import moment
from chalicelib.apis.protocol.aliyun_rpc.parameters import UNUSABLE, OneOf

Order = OneOf("CreationTime:Desc", "CreationTime:Asc")
"""SortBy of lists that are sorted by nothing but the time of creation."""


def _moment(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return moment(text)
    except ValueError as error:
        problem = "It must be a time in UTC like 2017-01-11T12:00:00Z."
        raise PydanticCustomError(UNUSABLE, "{problem}", {"problem": problem}) from error


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A time in whole seconds."""
