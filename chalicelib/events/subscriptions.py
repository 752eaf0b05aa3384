"""Who is told of an application's events, and how (VOD API manual 16.1).

A subscription is an HTTP address or a queue, the types of events that go there, and the key that
signs HTTP callbacks, which is kept encrypted. The vendors' APIs know one for each application of an
account; any number of further subscribers may stand beside it.
"""

import json
import re
import uuid
from typing import Any

from cryptography.exceptions import InvalidTag
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.events import endpoints
from chalicelib.events.types import EventGroup, EventSelector, EventType
from chalicelib.identity import master_keys, sealing
from chalicelib.identity.errors import MasterKeyRetired
from chalicelib.logs import log
from chalicelib.outbound.target_guard import TargetRefused, parse_target
from chalicelib.store import subscriptions as store
from chalicelib.store.database import Transaction, run
from chalicelib.store.subscriptions import Channel

_URL_BYTES = 256
_AUTH_KEY = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{1,32}")
_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
# OpenVOD's own queues carry jobs and deliveries; a subscriber must not be able to write to them.
_OWN_QUEUES = "openvod-"


MAX_SUBSCRIBERS = 100


class TooManySubscribers(Exception):
    """An application has as many subscribers as it may have."""


class SettingMissing(Exception):
    """The subscription needs a setting that is not there; `setting` is a field's name."""

    def __init__(self, setting: str) -> None:
        super().__init__(setting)
        self.setting = setting


class SettingInvalid(Exception):
    """A setting breaks its rule; `setting` is a field's name, `rule` what is asked of it."""

    def __init__(self, setting: str, rule: str) -> None:
        super().__init__(f"{setting}: {rule}")
        self.setting = setting
        self.rule = rule


class Subscription(BaseModel):
    """One subscription, its key in the clear; never log it.

    `subscriber_id` is empty for the one that the vendors' APIs set.

    `signed` says that callbacks carry a signature; `queue_endpoint` is kept for the client and
    not used: the queue is the SQS queue `queue_name` of the deployment's own AWS account.
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    app_id: str
    subscriber_id: str = ""
    channel: Channel
    callback_url: str = ""
    selectors: tuple[EventSelector, ...] = ()
    signed: bool = False
    auth_key: str = Field(default="", repr=False)
    queue_endpoint: str = ""
    queue_name: str = ""


class SubscriptionChange(BaseModel):
    """What to change; None leaves a setting as it is.

    A new subscription starts with channel "http" and no events. An empty `selectors` switches all
    events off, an empty `auth_key` removes the key.
    """

    model_config = ConfigDict(frozen=True)

    channel: Channel | None = None
    callback_url: str | None = None
    selectors: tuple[EventSelector, ...] | None = None
    signed: bool | None = None
    auth_key: str | None = Field(default=None, repr=False)
    queue_endpoint: str | None = None
    queue_name: str | None = None


def get_subscription(account_id: str, app_id: str) -> Subscription | None:
    """The application's subscription, or None if it has none."""
    row = run(lambda tx: store.get_subscription(tx, account_id, app_id))
    return _opened(row) if row else None


def change_subscription(account_id: str, app_id: str, change: SubscriptionChange) -> None:
    """Create or change the application's subscription.

    Raises SettingMissing when the channel's address is not known or signing has no key, and
    SettingInvalid for a setting that breaks its rule. Whoever sets an address wants it used: an
    endpoint that was disabled there is enabled.
    """
    new = store.SubscriptionRow(account_id=account_id, app_id=app_id, channel="http")
    given = _columns(new, change)

    def merge(tx: Transaction) -> store.SubscriptionRow:
        before = store.get_subscription(tx, account_id, app_id) or new
        merged = before.model_copy(update=given)
        if change.auth_key and change.signed is None and not before.sealed_auth_key:
            # Whoever sets a first key wants it used (VOD developer guide 12.2).
            merged = merged.model_copy(update={"signed": True})
        _check(merged)
        store.put_subscription(tx, merged)
        return merged

    endpoints.enable_endpoint(account_id, endpoint_of(run(merge)))


def delete_subscription(account_id: str, app_id: str) -> bool:
    """Remove the application's subscription; False if it had none.

    Further subscribers stay, and so does what is already on its way.
    """
    return run(lambda tx: store.delete_subscription(tx, account_id, app_id)) > 0


def add_subscriber(account_id: str, app_id: str, wish: SubscriptionChange) -> str:
    """Add a further subscriber to an application's events; returns its id.

    Raises SettingMissing, SettingInvalid, and TooManySubscribers.
    """
    row = store.SubscriptionRow(
        account_id=account_id, app_id=app_id, subscriber_id=uuid.uuid4().hex, channel="http"
    )
    row = row.model_copy(update=_columns(row, wish))
    if wish.auth_key and wish.signed is None:
        row = row.model_copy(update={"signed": True})
    _check(row)

    def write(tx: Transaction) -> None:
        if len(store.subscribers_of(tx, account_id, app_id)) >= MAX_SUBSCRIBERS:
            raise TooManySubscribers(f"an application has at most {MAX_SUBSCRIBERS}")
        store.insert_subscriber(tx, row)

    run(write)
    endpoints.enable_endpoint(account_id, endpoint_of(row))
    return row.subscriber_id


def list_subscribers(account_id: str) -> list[Subscription]:
    """Every subscription of the account's applications; keys that do not open raise."""
    rows = run(lambda tx: store.subscriptions_of_account(tx, account_id))
    return [_opened(row) for row in rows]


def remove_subscriber(account_id: str, subscriber_id: str) -> bool:
    """Remove a further subscriber; False if it is not there."""
    return run(lambda tx: store.delete_subscriber(tx, account_id, subscriber_id)) > 0


def endpoint_of(one: "store.SubscriptionRow | Subscription") -> str:
    """The id of the endpoint that a subscription's events go to."""
    address = one.callback_url if one.channel == "http" else one.queue_name
    return endpoints.endpoint_id(one.account_id, one.channel, address)


def chosen_types(row: store.SubscriptionRow) -> tuple[EventSelector, ...]:
    """The selectors of a stored subscription."""
    return tuple(_selector(text) for text in json.loads(row.selectors))


def signing_key(row: store.SubscriptionRow) -> str:
    """The key that signs the subscription's callbacks, empty if they are not signed."""
    return _auth_key(row) if row.signed else ""


def reseal_auth_keys(batch: int = 100) -> int:
    """Move the stored keys to the master key in use; returns how many. For the rotation.

    A key that no longer opens stays where it is: the next rotation tries again.
    """
    in_use = master_keys.issuing_key().key_id
    moved = 0
    last: store.SubscriptionRow | None = None
    while rows := _under_older(in_use, last, batch):
        moved += sum(_reseal(row) for row in rows)
        last = rows[-1]
    position = ""
    while rows := _subscribers_under_older(in_use, position, batch):
        moved += sum(_reseal(row) for row in rows)
        position = rows[-1].subscriber_id
    return moved


def _under_older(
    in_use: int, last: store.SubscriptionRow | None, batch: int
) -> list[store.SubscriptionRow]:
    return run(lambda tx: store.subscriptions_under_older(tx, in_use, last, batch))


def _subscribers_under_older(in_use: int, position: str, batch: int) -> list[store.SubscriptionRow]:
    return run(lambda tx: store.subscribers_under_older(tx, in_use, position, batch))


def _reseal(row: store.SubscriptionRow) -> int:
    try:
        sealed = sealing.seal(_auth_key(row), _bound_to(row))
    except (InvalidTag, MasterKeyRetired):
        log.error("an AuthKey cannot be read", extra={"account": row.account_id})
        return 0
    return run(lambda tx: store.replace_auth_key(tx, row, sealed.text, sealed.master_key_id))


def _columns(row: store.SubscriptionRow, change: SubscriptionChange) -> dict[str, Any]:
    """What the change writes; the key is sealed here, before any transaction is open."""
    given = change.model_dump(exclude_none=True, exclude={"auth_key", "selectors"})
    if change.selectors is not None:
        given["selectors"] = json.dumps([selector.value for selector in change.selectors])
    if change.auth_key == "":
        given |= {"sealed_auth_key": "", "master_key_id": 0}
    elif change.auth_key is not None:
        if not _AUTH_KEY.fullmatch(change.auth_key):
            raise SettingInvalid(
                "auth_key", "at most 32 characters with upper case, lower case and a digit"
            )
        sealed = sealing.seal(change.auth_key, _bound_to(row))
        given |= {"sealed_auth_key": sealed.text, "master_key_id": sealed.master_key_id}
    return given


def _check(row: store.SubscriptionRow) -> None:
    if row.channel == "http":
        _check_url("callback_url", row.callback_url)
        if row.signed and not row.sealed_auth_key:
            raise SettingMissing("auth_key")
    else:
        if not row.subscriber_id:
            _check_url("queue_endpoint", row.queue_endpoint)
        _check_queue_name(row.queue_name)


def _check_queue_name(name: str) -> None:
    if not name:
        raise SettingMissing("queue_name")
    if not _QUEUE_NAME.fullmatch(name):
        raise SettingInvalid("queue_name", "1 to 80 letters, digits, hyphens, underscores")
    if name.startswith(_OWN_QUEUES):
        raise SettingInvalid("queue_name", f"names that begin with {_OWN_QUEUES} are reserved")


def _check_url(setting: str, url: str) -> None:
    if not url:
        raise SettingMissing(setting)
    if len(url.encode()) > _URL_BYTES:
        raise SettingInvalid(setting, f"at most {_URL_BYTES} bytes")
    try:
        parse_target(url)
    except TargetRefused as error:
        raise SettingInvalid(setting, str(error)) from error


def _selector(text: str) -> EventSelector:
    return EventGroup(text) if text in list(EventGroup) else EventType(text)


def _bound_to(row: store.SubscriptionRow) -> str:
    # Binds the sealed key to its row: copied to another one it does not open.
    if row.subscriber_id:
        return f"event_subscriber/{row.subscriber_id}"
    return f"event_subscription/{row.account_id}/{row.app_id}"


def _auth_key(row: store.SubscriptionRow) -> str:
    if not row.sealed_auth_key:
        return ""
    sealed = sealing.Sealed(text=row.sealed_auth_key, master_key_id=row.master_key_id)
    return sealing.unseal(sealed, _bound_to(row))


def _opened(row: store.SubscriptionRow) -> Subscription:
    return Subscription(
        account_id=row.account_id,
        app_id=row.app_id,
        subscriber_id=row.subscriber_id,
        channel=row.channel,
        callback_url=row.callback_url,
        selectors=chosen_types(row),
        signed=row.signed,
        auth_key=_auth_key(row),
        queue_endpoint=row.queue_endpoint,
        queue_name=row.queue_name,
    )
