"""Events: what happened to media, who wants to know, and telling them at least once.

A change is recorded with its event in one transaction (`record`), hinted at afterwards
(`announce`), fanned out to its subscribers and sent with retries (`work_off`); `relay_pending`
finds whatever a lost message left lying.
"""

from chalicelib.events.hints import parse_hint
from chalicelib.events.history import list_deliveries
from chalicelib.events.outbox import announce, emit, record, relay_pending
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
    About,
    Event,
    EventGroup,
    EventSelector,
    EventType,
    NewEvent,
    Renderer,
)
from chalicelib.events.work import work_off

__all__ = [
    "About",
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
    "emit",
    "get_subscription",
    "list_deliveries",
    "parse_hint",
    "record",
    "relay_pending",
    "reseal_auth_keys",
    "work_off",
]
