"""What every action class is: wire parameters in, one domain call, wire result out."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from chalicelib.identity.caller import Caller


class Scope(Enum):
    """How an action meets the applications of an account (see ``isolation``)."""

    NAMED = auto()
    """The parameter AppId names the application."""
    FOUND = auto()
    """It works on rows of the database, each of which belongs to an application."""
    SHARED = auto()
    """What it works on belongs to the account, to all applications alike."""
    MANAGED = auto()
    """It manages applications, or has none, and checks for itself what its caller may do."""


class RpcResult(BaseModel):
    """A result; field names are the wire names.

    Fields that are None are left out. Values go out as they are typed: Long as a number, Boolean
    as true or false. The protocol adds RequestId. Names must be fit for XML elements.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)


class RpcAction(BaseModel):
    """An action: the class has the action's name, its fields are the wire parameters.

    Every value arrives as text and is converted to the field's type. An empty text counts as not
    given. Parameters that the class does not name are ignored, because SDKs send more than an
    action takes. Limits stand in the annotations (see ``parameters``); a rule across fields is a
    pydantic model validator that raises an ``ApiError`` (see ``errors.invalid_parameter``).
    """

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    missing_codes: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Parameters whose absence has a code of its own: name -> (code, message), status 400."""

    failure: ClassVar[tuple[str, str] | None] = None
    """Code and message (status 503) of what goes wrong here, where that has a code of its own."""

    def resource(self, account_id: str) -> str | None:
        """The ARN that the caller needs the right for; None for the usual one.

        The usual one is ``acs:{service}:{region}:{account}:video/{VideoId}``, or ``...:*`` for an
        action without a VideoId.
        """
        return None

    def perform(self, caller: Caller) -> RpcResult:
        """Do it. Raises domain errors, which the product's error table turns into wire errors."""
        raise NotImplementedError(type(self).__name__)
