"""``python -m local events``: deliveries, replays, subscribers and endpoints, for operators.

Every command is one call into the room events, which is the same on AWS.
"""

import argparse
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib import events
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID
from chalicelib.apis.aliyun_vod.configuration import selectors
from chalicelib.events import DeliveryFilter, SubscriptionChange
from chalicelib.settings import settings
from chalicelib.store.database import DatabaseUnavailable
from local.attachment import attach
from local.errors import StackError
from local.layout import DEFAULT_DATA

Options = argparse.Namespace
_STATES = ("pending", "held", "delivered", "dead")


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe the command line below ``python -m local events``."""
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="the stack's directory")
    parser.add_argument("--account", help="whose; the default account unless it is given")
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="deliveries, the newest first")
    _add_filters(listing)
    listing.add_argument("--limit", type=int, default=50)
    show = actions.add_parser("show", help="one delivery with all its attempts")
    show.add_argument("delivery_id")
    replay = actions.add_parser("replay", help="send finished deliveries once more")
    replay.add_argument("delivery_ids", nargs="*", metavar="DELIVERY")
    replay.add_argument("--dead", action="store_true", help="all dead letters (of the filters)")
    _add_filters(replay)
    actions.add_parser("endpoints", help="receivers that fail, or are disabled, and why")
    enable = actions.add_parser("enable", help="send to a failing or disabled endpoint again")
    enable.add_argument("endpoint_id")
    purge = actions.add_parser("purge", help="delete what is older than the retention")
    purge.add_argument("--days", type=int, help="another retention than the setting's")
    _add_subscribers(actions)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=_STATES)
    parser.add_argument("--target", metavar="URL", help="a callback address or a queue's name")
    parser.add_argument("--endpoint", metavar="ID", dest="endpoint_id")
    parser.add_argument("--media", metavar="ID", dest="media_id")
    parser.add_argument("--event", metavar="ID", dest="event_id")
    parser.add_argument("--since", type=_moment, help="UTC, as 2026-03-20T07:49:17Z")
    parser.add_argument("--until", type=_moment)


def _add_subscribers(actions: Any) -> None:
    subscribers = actions.add_parser("subscribers", help="who gets an application's events")
    deeds = subscribers.add_subparsers(dest="deed", required=True)
    deeds.add_parser("list", help="all of the account, with their health")
    add = deeds.add_parser("add", help="one more beside the one that SetMessageCallback sets")
    add.add_argument("--app", default=DEFAULT_APP_ID)
    where = add.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="an address for HTTP callbacks")
    where.add_argument("--queue", help="the name of an SQS queue in OpenVOD's own account")
    add.add_argument(
        "--types", type=selectors, default="ALL", help="as EventTypeList: ALL, or names and commas"
    )
    add.add_argument(
        "--sign", action="store_true", help="with the key in the variable OPENVOD_AUTH_KEY"
    )
    remove = deeds.add_parser("remove")
    remove.add_argument("subscriber_id")


def run(options: Options) -> int:
    """Run one command; returns the exit code. Raises StackError with a message for the user."""
    attach(options.data)
    account = options.account or settings().account_id
    try:
        return _ACTIONS[options.action](account, options)
    except DatabaseUnavailable as error:
        raise StackError(str(error)) from error


def _list(account: str, options: Options) -> int:
    found = events.list_deliveries(account, _filter(options), options.limit)
    _table(
        ("delivery", "created", "state", "attempts", "status", "ms", "event", "target", "reason"),
        (
            (
                *(one.delivery_id, _text(one.created_at), one.state, one.attempts),
                *(one.last_status, one.last_latency_ms, one.event_type, one.target),
                one.last_error,
            )
            for one in found
        ),
    )
    return 0


def _show(account: str, options: Options) -> int:
    found = events.get_delivery(account, options.delivery_id)
    if found is None:
        raise StackError(f"there is no delivery {options.delivery_id}")
    delivery, attempts = found
    for name, value in delivery.model_dump(exclude={"claims_before", "last_excerpt"}).items():
        print(f"{name:>16}  {'' if value is None else value}")
    _table(
        ("attempt", "ms", "status", "reason", "answer"),
        (
            (_text(one.started_at), one.latency_ms, one.status, one.error, one.excerpt[:80])
            for one in attempts
        ),
    )
    return 0


def _replay(account: str, options: Options) -> int:
    which = _filter(options)
    if options.dead:
        which = which.model_copy(update={"state": "dead"})
    if options.delivery_ids:
        count = len(events.replay_deliveries(account, options.delivery_ids))
    elif which == DeliveryFilter():
        raise StackError("say which: deliveries, --dead, or a filter such as --since")
    else:
        count = events.replay_matching(account, which)
    print(f"{count} sent again")
    return 0


def _endpoints(account: str, options: Options) -> int:
    del options
    _table(
        ("endpoint", "state", "failures", "since", "next probe", "address", "reason"),
        (
            (
                *(one.endpoint_id, one.state, one.failures, _text(one.failing_since)),
                *(_text(one.probe_at) if one.state == "open" else "", one.address, one.last_error),
            )
            for one in events.list_endpoints(account)
        ),
    )
    return 0


def _enable(account: str, options: Options) -> int:
    if not events.enable_endpoint(account, options.endpoint_id):
        raise StackError(f"no endpoint {options.endpoint_id} fails or is disabled")
    print("enabled; `replay --dead --endpoint ID` sends what was given up meanwhile")
    return 0


def _purge(account: str, options: Options) -> int:
    del account
    count = 0
    while gone := events.purge(days=options.days):
        count += gone
    print(f"{count} deleted")
    return 0


def _subscribers(account: str, options: Options) -> int:
    if options.deed == "list":
        return _list_subscribers(account)
    if options.deed == "remove":
        if not events.remove_subscriber(account, options.subscriber_id):
            raise StackError(f"there is no subscriber {options.subscriber_id}")
        return 0
    wish = SubscriptionChange(
        channel="http" if options.url else "queue",
        callback_url=options.url,
        queue_name=options.queue,
        selectors=options.types,
        # Not an argument: those are seen by everybody on the machine.
        auth_key=os.environ.get("OPENVOD_AUTH_KEY") if options.sign else None,
    )
    try:
        print(events.add_subscriber(account, options.app, wish))
    except (events.SettingInvalid, events.SettingMissing, events.TooManySubscribers) as error:
        raise StackError(str(error)) from error
    return 0


def _list_subscribers(account: str) -> int:
    health = {one.endpoint_id: one for one in events.list_endpoints(account)}
    rows = []
    for one in events.list_subscribers(account):
        endpoint = events.endpoint_of(one)
        ill = health.get(endpoint)
        state = ill.state if ill and ill.state != "closed" else "well"
        reason = events.why_disabled(ill) if ill and ill.state == "disabled" else ""
        name = one.subscriber_id or "SetMessageCallback"
        where = one.callback_url if one.channel == "http" else one.queue_name
        signed = "signed" if one.signed else ""
        rows.append((name, one.app_id, where, signed, endpoint, state, reason))
    _table(("subscriber", "app", "target", "", "endpoint", "health", "reason"), rows)
    return 0


def _filter(options: Options) -> DeliveryFilter:
    names = ("state", "target", "endpoint_id", "media_id", "event_id", "since", "until")
    return DeliveryFilter(**{name: getattr(options, name) for name in names})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    cells = [tuple(map(_cell, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    for line in (head, *cells):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def _cell(value: object) -> str:
    """One line that a terminal may be shown: answers come from strangers."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else "?" for char in text)


_ACTIONS: dict[str, Callable[[str, Options], int]] = {
    "list": _list,
    "show": _show,
    "replay": _replay,
    "endpoints": _endpoints,
    "enable": _enable,
    "purge": _purge,
    "subscribers": _subscribers,
}
