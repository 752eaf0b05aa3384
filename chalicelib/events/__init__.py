"""Events: what happened to media, who wants to know, and telling them at least once.

A change is recorded with its event in one transaction (`emit`), hinted at afterwards (`announce`),
fanned out to its subscribers and sent with retries (`work_off`); `relay_pending` finds whatever a
lost message left lying, `tend_endpoints` looks after receivers that fail, and `purge` forgets.
"""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.events.endpoints import (
        enable_endpoint,
        list_endpoints,
        tend_endpoints,
        why_disabled,
    )
    from chalicelib.events.file_notices import (
        FileNotice,
        NoticeChange,
        NoticeSetting,
        list_notices,
        set_notices,
    )
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

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "About": "chalicelib.events.types",
    "DeliveryFilter": "chalicelib.store.delivery_log",
    "Event": "chalicelib.events.types",
    "EventGroup": "chalicelib.events.types",
    "EventSelector": "chalicelib.events.types",
    "EventType": "chalicelib.events.types",
    "FileNotice": "chalicelib.events.file_notices",
    "NewEvent": "chalicelib.events.types",
    "NoticeChange": "chalicelib.events.file_notices",
    "NoticeSetting": "chalicelib.events.file_notices",
    "Renderer": "chalicelib.events.types",
    "SettingInvalid": "chalicelib.events.subscriptions",
    "SettingMissing": "chalicelib.events.subscriptions",
    "Subscription": "chalicelib.events.subscriptions",
    "SubscriptionChange": "chalicelib.events.subscriptions",
    "TooManySubscribers": "chalicelib.events.subscriptions",
    "add_subscriber": "chalicelib.events.subscriptions",
    "announce": "chalicelib.events.outbox",
    "change_subscription": "chalicelib.events.subscriptions",
    "delete_subscription": "chalicelib.events.subscriptions",
    "emit": "chalicelib.events.outbox",
    "enable_endpoint": "chalicelib.events.endpoints",
    "endpoint_of": "chalicelib.events.subscriptions",
    "get_delivery": "chalicelib.events.operations",
    "get_subscription": "chalicelib.events.subscriptions",
    "list_deliveries": "chalicelib.events.operations",
    "list_endpoints": "chalicelib.events.endpoints",
    "list_notices": "chalicelib.events.file_notices",
    "list_subscribers": "chalicelib.events.subscriptions",
    "parse_hint": "chalicelib.events.hints",
    "purge": "chalicelib.events.operations",
    "record": "chalicelib.events.outbox",
    "relay_pending": "chalicelib.events.outbox",
    "remove_subscriber": "chalicelib.events.subscriptions",
    "replay_deliveries": "chalicelib.events.operations",
    "replay_matching": "chalicelib.events.operations",
    "reseal_auth_keys": "chalicelib.events.subscriptions",
    "set_notices": "chalicelib.events.file_notices",
    "tend_endpoints": "chalicelib.events.endpoints",
    "why_disabled": "chalicelib.events.endpoints",
    "work_off": "chalicelib.events.work",
}

__all__ = [
    "About",
    "DeliveryFilter",
    "Event",
    "EventGroup",
    "EventSelector",
    "EventType",
    "FileNotice",
    "NewEvent",
    "NoticeChange",
    "NoticeSetting",
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
    "list_notices",
    "list_subscribers",
    "parse_hint",
    "purge",
    "record",
    "relay_pending",
    "remove_subscriber",
    "replay_deliveries",
    "replay_matching",
    "reseal_auth_keys",
    "set_notices",
    "tend_endpoints",
    "why_disabled",
    "work_off",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
