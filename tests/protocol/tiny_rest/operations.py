"""The operations."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf, QueryList
from chalicelib.identity.caller import Caller
from chalicelib.store.database import DatabaseUnavailable
from tests.protocol.tiny_rest.errors import Lost


class Address(RestModel):
    """A nested object."""

    city: str
    number: Annotated[int | None, Field(ge=1, le=9)] = None


class EchoResult(RestResult):
    """What arrived."""

    principal: str
    values: dict[str, Any]
    nothing: str | None = None


class Echo(RestOperation):
    """Return every parameter as it was understood."""

    home: Address
    name: Annotated[str | None, Field(max_length=8)] = None
    sync: Annotated[int, OneOf(0, 1)] = 0
    kind: Annotated[str | None, OneOf("a", "b")] = None
    ratio: float | None = None
    least: int | None = None
    most: int | None = None
    others: tuple[Address, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> "Echo":
        if self.least is not None and self.most is not None and self.least > self.most:
            raise InvalidRequest("least cannot be greater than most")
        return self

    def perform(self, caller: Caller) -> EchoResult:
        values = self.model_dump(exclude_unset=True)
        return EchoResult(principal=caller.principal, values=values)


class FindEcho(RestOperation):
    """The same for a query."""

    task_id: Annotated[tuple[int, ...], QueryList, Field(max_length=3)] = ()
    page: Annotated[int, Field(ge=0)] = 0
    name: str | None = None

    def perform(self, caller: Caller) -> EchoResult:
        values = self.model_dump(exclude_unset=True)
        return EchoResult(principal=caller.principal, values=values)


class DropEcho(RestOperation):
    """Answer nothing."""

    def perform(self, caller: Caller) -> None:
        return None


class Fail(RestOperation):
    """Fail as asked."""

    how: str

    def perform(self, caller: Caller) -> None:
        errors = {"lost": Lost(), "database": DatabaseUnavailable(), "bug": KeyError("secret")}
        raise errors[self.how]
