"""The messages of the deliveries queue: which event or delivery to look at.

They carry no state. A hint that comes twice, late or never changes nothing but the time at which
the database's truth is acted on.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class _Hint(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def message(self) -> dict[str, Any]:
        """The JSON object that goes onto the queue."""
        return self.model_dump()


class EventHint(_Hint):
    """A recorded event waits to be fanned out."""

    event_id: Id


class DeliveryHint(_Hint):
    """A delivery is due."""

    delivery_id: Id


Hint = EventHint | DeliveryHint

_ANY_HINT: TypeAdapter[Hint] = TypeAdapter(Hint)


def parse_hint(body: str) -> Hint:
    """The hint in a message body; raises pydantic's ValidationError (a ValueError) if none is."""
    return _ANY_HINT.validate_json(body)
