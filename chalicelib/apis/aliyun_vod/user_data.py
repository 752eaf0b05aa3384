"""The parameter UserData (VOD API manual 17.2)."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

_MAX_EXTEND_BYTES = 512


class CallbackOverride(BaseModel):
    """Where this request's events go instead of the account's own address."""

    model_config = ConfigDict(frozen=True)

    CallbackType: Literal["http", "HTTP"] = "http"
    CallbackURL: Annotated[
        str, StringConstraints(max_length=256, pattern=r"^[hH][tT][tT][pP][sS]?://")
    ]


class Acceleration(BaseModel):
    """How the vendor would speed uploads up; it has no effect: there is one way to upload."""

    model_config = ConfigDict(frozen=True)

    Type: Literal["oss"] = "oss"
    Domain: str = ""


class UserData(BaseModel):
    """Settings that a request carries into the events it leads to.

    Fields that the manual does not name are accepted and have no effect.
    """

    model_config = ConfigDict(frozen=True)

    MessageCallback: CallbackOverride | None = None
    Extend: dict[str, object] | str | None = Field(default=None)
    AccelerateConfig: Acceleration | None = None

    @field_validator("Extend")
    @classmethod
    def _short(cls, value: dict[str, object] | str | None) -> dict[str, object] | str | None:
        if len(_text(value).encode()) > _MAX_EXTEND_BYTES:
            raise ValueError(f"Extend has more than {_MAX_EXTEND_BYTES} bytes")
        return value

    @property
    def callback_url(self) -> str:
        """The address for this request's events, or nothing."""
        return self.MessageCallback.CallbackURL if self.MessageCallback else ""

    @property
    def extend_text(self) -> str:
        """Extend as it goes into events."""
        return _text(self.Extend)


def _text(value: dict[str, object] | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


NOTHING = UserData()
