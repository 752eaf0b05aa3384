"""Events: what happened to media, who wants to know, and telling them at least once.

A change is recorded with its event in one transaction (`emit`), hinted at afterwards (`announce`),
fanned out to its subscribers and sent with retries (`work_off`); `relay_pending` finds whatever a
lost message left lying, `tend_endpoints` looks after receivers that fail, and `purge` forgets.
"""

from chalicelib.events.endpoints import enable as enable_endpoint
from chalicelib.events.endpoints import list_endpoints, tend_endpoints, why_disabled
from chalicelib.events.hints import parse_hint
from chalicelib.events.operations import (
    get_delivery,
    list_deliveries,
    purge,
    replay_deliveries,
    replay_matching,
)
from chalicelib.events.outbox import announce, emit, record, relay_pending
from chalicelib.events.subscriptions import (
    SettingInvalid,
    SettingMissing,
    Subscription,
    SubscriptionChange,
    TooManySubscribers,
    add_subscriber,
    change_subscription,
    delete_subscription,
    endpoint_of,
    get_subscription,
    list_subscribers,
    remove_subscriber,
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
from chalicelib.store.delivery_log import DeliveryFilter

__all__ = [
    "About",
    "DeliveryFilter",
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
    "TooManySubscribers",
    "add_subscriber",
    "announce",
    "change_subscription",
    "delete_subscription",
    "emit",
    "enable_endpoint",
    "endpoint_of",
    "get_delivery",
    "get_subscription",
    "list_deliveries",
    "list_endpoints",
    "list_subscribers",
    "parse_hint",
    "purge",
    "record",
    "relay_pending",
    "remove_subscriber",
    "replay_deliveries",
    "replay_matching",
    "reseal_auth_keys",
    "tend_endpoints",
    "why_disabled",
    "work_off",
]
