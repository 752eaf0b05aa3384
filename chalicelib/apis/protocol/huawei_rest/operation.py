"""What every operation class is: wire parameters in, one domain call, wire result out."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.identity.caller import Caller


@dataclass(frozen=True, slots=True)
class Route:
    """Where an operation is, and the two statuses that the manual prints for it.

    ``path`` is a template such as ``/v1/{project_id}/remux``. ``failure`` is the status of every
    error that has none of its own. ``access``: who may call it, those whose policies grant it,
    or everybody who is somebody, or anybody at all.
    """

    method: str
    path: str
    success: int
    failure: int
    access: Literal["granted", "authenticated", "anybody"] = "granted"


class RestModel(BaseModel):
    """An object inside of a request's body.

    Fields that the class does not name are ignored. Numbers may arrive as texts and texts as
    numbers, as in the manual's samples; null counts as not given.
    """

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
    )


class RestResult(BaseModel):
    """A result, or an object inside of one; field names are the wire names."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    def body(self) -> str:
        """The JSON that goes out; fields that are None are left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    def headers(self) -> dict[str, str]:
        """What goes out beside the body; fields that are only for this are ``exclude=True``."""
        return {}


class RestOperation(RestModel):
    """An operation: the class has the operation's name, its fields are the wire parameters.

    They come from the query of a GET or DELETE, and from the JSON body of any other method.
    Parameters in the path are not among them: the only one is the project, which the protocol
    checks. Limits stand in the annotations (see ``parameters``); a rule across fields is a
    pydantic model validator that raises ``InvalidRequest``.
    """

    def resource(self, account_id: str) -> str | None:
        """What the caller needs the right for, ``{service}:{region}:{account}:{type}:{name}``.

        None for ``{service}:{region}:{account}:*``.
        """
        return None

    def perform(self, caller: Caller) -> RestResult | None:
        """Do it; None answers without a body.

        Raises domain errors, which the product's error table turns into wire errors.
        """
        raise NotImplementedError(type(self).__name__)
