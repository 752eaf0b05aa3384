"""The actions."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    CommaList,
    JsonArray,
    JsonObject,
    MaxBytes,
    MaxChars,
    MediaId,
    NoEmoji,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.store.database import DatabaseUnavailable
from tests.protocol.tiny_product.errors import Lost, LostForGood


class Address(BaseModel):
    """A nested JSON object."""

    City: Annotated[str, MaxBytes(8)]
    Number: int | None = None


class EchoResult(RpcResult):
    """What arrived."""

    Account: str
    Principal: str
    Values: dict[str, Any]


class Echo(RpcAction):
    """Return every parameter as it was understood."""

    VideoId: MediaId | None = None
    Title: Annotated[str | None, MaxChars(8), NoEmoji] = None
    Note: Annotated[str | None, MaxBytes(8)] = None
    Size: int | None = None
    Small: Annotated[int | None, Field(ge=1, le=10)] = None
    Ratio: float | None = None
    Flag: bool | None = None
    Kind: Annotated[str | None, OneOf("a", "b")] = None
    Names: Annotated[list[str] | None, CommaList(enum=("x", "y", "z"), max_items=2)] = None
    Home: Annotated[Address | None, JsonObject(max_bytes=200, max_depth=3)] = None
    Numbers: Annotated[list[int] | None, JsonArray()] = None

    def perform(self, caller: Caller) -> EchoResult:
        return EchoResult(
            Account=caller.account_id,
            Principal=caller.principal,
            Values=self.model_dump(exclude_none=True),
        )


class Item(RpcResult):
    """An element of a list."""

    Name: str
    Size: int | None = None


class Wrapped(RpcResult):
    """A list inside an object, as the SDKs wrap some."""

    Item: list[Item]


class ShapesResult(RpcResult):
    """Every kind of value."""

    Long: int
    Double: float
    Yes: bool
    No: bool
    Text: str
    Nothing: str | None = None
    Plain: list[str]
    Empty: list[str]
    Items: Wrapped


class Shapes(RpcAction):
    """Return every kind of value."""

    def perform(self, caller: Caller) -> ShapesResult:
        return ShapesResult(
            Long=2**53 + 1,
            Double=135.6,
            Yes=True,
            No=False,
            Text="<阿里云> & \x01",
            Plain=["a", "b"],
            Empty=[],
            Items=Wrapped(Item=[Item(Name="one", Size=1), Item(Name="two")]),
        )


class Fail(RpcAction):
    """Raise what is asked for."""

    How: str

    def perform(self, caller: Caller) -> RpcResult:
        raise {
            "lost": Lost("thing"),
            "for good": LostForGood("other thing"),
            "database": DatabaseUnavailable("down"),
            "bug": RuntimeError("the password is hunter2"),
        }[self.How]


class Require(RpcAction):
    """Parameters that must be there, one with a code of its own."""

    missing_codes: ClassVar = {"Second": ("MissingSecond", "Second is mandatory for this action.")}

    First: int
    Second: str

    def perform(self, caller: Caller) -> RpcResult:
        return RpcResult()


class OwnResource(RpcAction):
    """Names the resource itself."""

    Thing: str

    def resource(self, account_id: str) -> str:
        return f"acs:tiny:*:{account_id}:thing/{self.Thing}"

    def perform(self, caller: Caller) -> RpcResult:
        return RpcResult()


class Undeclared(RpcAction):
    """Says nothing of what it touches."""

    def perform(self, caller: Caller) -> RpcResult:
        return RpcResult()
