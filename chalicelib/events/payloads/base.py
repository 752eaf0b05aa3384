"""What all payloads share."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Quantity = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Outcome(StrEnum):
    """How a piece of work ended."""

    SUCCESS = "success"
    FAIL = "fail"


class MediaKind(StrEnum):
    """What kind of media an event tells of; sound alone counts as video."""

    VIDEO = "video"
    IMAGE = "image"
    ATTACHED = "attached"


class Facts(BaseModel):
    """Base of payloads and of their parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EventPayload(Facts):
    """Base of all payloads."""


class WorkPayload(EventPayload):
    """The end of a piece of work: the error is there only where `status` is fail."""

    status: Outcome
    error_code: str | None = None
    error_message: str | None = None
