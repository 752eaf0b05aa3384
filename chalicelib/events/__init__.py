"""Events: what happened to media, who wants to know, and telling them at least once.

A change is recorded with its event in one transaction (`record`), hinted at afterwards
(`announce`), fanned out to its subscribers and sent with retries (`work_off`); `relay_pending`
finds whatever a lost message left lying.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.events.hints import parse_hint
    from chalicelib.events.history import list_deliveries
    from chalicelib.events.outbox import announce, record, relay_pending
    from chalicelib.events.subscriptions import (
        SettingInvalid,
        SettingMissing,
        Subscription,
        SubscriptionChange,
        change_subscription,
        get_subscription,
        reseal_auth_keys,
    )
    from chalicelib.events.types import (
        Event,
        EventGroup,
        EventSelector,
        EventType,
        NewEvent,
        Renderer,
    )
    from chalicelib.events.work import work_off

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "Event": "chalicelib.events.types",
    "EventGroup": "chalicelib.events.types",
    "EventSelector": "chalicelib.events.types",
    "EventType": "chalicelib.events.types",
    "NewEvent": "chalicelib.events.types",
    "Renderer": "chalicelib.events.types",
    "SettingInvalid": "chalicelib.events.subscriptions",
    "SettingMissing": "chalicelib.events.subscriptions",
    "Subscription": "chalicelib.events.subscriptions",
    "SubscriptionChange": "chalicelib.events.subscriptions",
    "announce": "chalicelib.events.outbox",
    "change_subscription": "chalicelib.events.subscriptions",
    "get_subscription": "chalicelib.events.subscriptions",
    "list_deliveries": "chalicelib.events.history",
    "parse_hint": "chalicelib.events.hints",
    "record": "chalicelib.events.outbox",
    "relay_pending": "chalicelib.events.outbox",
    "reseal_auth_keys": "chalicelib.events.subscriptions",
    "work_off": "chalicelib.events.work",
}

__all__ = [
    "Event",
    "EventGroup",
    "EventSelector",
    "EventType",
    "NewEvent",
    "Renderer",
    "SettingInvalid",
    "SettingMissing",
    "Subscription",
    "SubscriptionChange",
    "announce",
    "change_subscription",
    "get_subscription",
    "list_deliveries",
    "parse_hint",
    "record",
    "relay_pending",
    "reseal_auth_keys",
    "work_off",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
