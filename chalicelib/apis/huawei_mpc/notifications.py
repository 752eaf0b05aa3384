"""Event notifications (MPC API manual 13.1 to 13.3)."""

from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.identity.caller import Caller

EVENTS = (
    "TranscodeComplete",
    "TranscodeStart",
    "ThumbnailComplete",
    "RemuxComplete",
    "AnimatedGraphicsComplete",
    "ParseComplete",
    "EditingComplete",
)


class ListNotificationEventsResult(RestResult):
    """The names of events, and how many they are."""

    total: int
    event_name: tuple[str, ...]


class ListNotificationEvents(RestOperation):
    """List all events that can be subscribed to (manual 13.3)."""

    def perform(self, caller: Caller) -> ListNotificationEventsResult:
        return ListNotificationEventsResult(total=len(EVENTS), event_name=EVENTS)
