"""News of tasks on files: which kinds an account wants to hear of, and in which topic or queue.

Apart from the subscriptions of applications, because these tasks belong to no application and every
kind of news may go elsewhere. From the outbox on they are delivered like all other events.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from chalicelib.events.endpoints import enable_endpoint, endpoint_id
from chalicelib.events.payloads import FileTaskEnded, FileTaskStarted
from chalicelib.events.subscriptions import SettingInvalid, SettingMissing
from chalicelib.events.types import Event
from chalicelib.settings import settings
from chalicelib.store import file_notices as store
from chalicelib.store import queues, topics
from chalicelib.store.database import Transaction, run
from chalicelib.store.file_notices import NoticeRow
from chalicelib.store.subscriptions import Channel


class FileNotice(StrEnum):
    """A kind of news. Nothing edits files yet, so of that nobody hears."""

    TRANSCODE_STARTED = "transcode_started"
    TRANSCODE_ENDED = "transcode_ended"
    REMUX_ENDED = "remux_ended"
    ANIMATED_ENDED = "animated_ended"
    METADATA_ENDED = "metadata_ended"
    THUMBNAILS_ENDED = "thumbnails_ended"
    EDITING_ENDED = "editing_ended"


_CHANNELS: dict[str, Channel] = {"sns": "topic", "sqs": "queue"}
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>sns|sqs):(?P<region>[a-z0-9-]{1,32})"
    r":(?P<account>\d{12}):(?P<name>.{1,256})",
    re.ASCII,
)
_NAMES = {"topic": re.compile(r"[A-Za-z0-9_-]{1,256}"), "queue": re.compile(r"[A-Za-z0-9_-]{1,80}")}
# OpenVOD's own queues carry jobs and deliveries; a subscriber must not be able to write to them.
_OWN = "openvod-"


class TopicMissing(Exception):
    """There is no such topic or queue."""


class TopicRefused(Exception):
    """OpenVOD is not let at the topic."""


class TopicUnavailable(Exception):
    """Nobody can say whether the topic or queue is there; later it may be known."""


class Destination(NamedTuple):
    """Where news goes: a topic by its ARN, a queue by its name."""

    channel: Channel
    target: str


class NoticeSetting(BaseModel):
    """One kind of news. ``topic`` and ``message_type`` are kept for the account as it gave them."""

    model_config = ConfigDict(frozen=True)

    notice: FileNotice
    enabled: bool = False
    topic: str = ""
    message_type: int | None = None


class NoticeChange(BaseModel):
    """What to change of one kind of news; None leaves it as it is.

    ``address`` says what ``topic`` stands for: the ARN of a topic or queue, or a topic's name.
    """

    model_config = ConfigDict(frozen=True)

    notice: FileNotice
    enabled: bool | None = None
    topic: str | None = None
    address: str | None = None
    message_type: int | None = None


def list_notices(account_id: str) -> list[NoticeSetting]:
    """All kinds of news, also those that were never set: they are off."""
    known = {row.notice: row for row in run(lambda tx: store.notices_of(tx, account_id))}
    return [
        NoticeSetting(
            notice=notice,
            enabled=known[notice].enabled,
            topic=known[notice].topic,
            message_type=known[notice].message_type,
        )
        if notice in known
        else NoticeSetting(notice=notice)
        for notice in FileNotice
    ]


def set_notices(account_id: str, changes: Sequence[NoticeChange]) -> None:
    """Change some kinds of news, all or none of them.

    Raises SettingInvalid for an address that cannot be one, SettingMissing where news is switched
    on that has no topic, TopicMissing, TopicRefused, TopicUnavailable. Whoever names an address
    wants it used: an endpoint that was disabled there is enabled.
    """
    places = {one.address: destination(one.address) for one in changes if one.address is not None}

    def merged(tx: Transaction) -> list[NoticeRow]:
        known = {row.notice: row for row in store.notices_of(tx, account_id)}
        return [_merged(account_id, known.get(one.notice), one, places) for one in changes]

    wanted = {Destination(row.channel, row.target) for row in run(merged) if row.enabled}
    for place in wanted:
        _require(place)
    run(lambda tx: store.put_notices(tx, merged(tx)))
    for place in wanted:
        enable_endpoint(account_id, endpoint_id(account_id, *place))


def destinations(tx: Transaction, account_id: str) -> dict[FileNotice, Destination]:
    """Where the account's news goes; kinds that it does not want are left out."""
    return {
        FileNotice(row.notice): Destination(row.channel, row.target)
        for row in store.notices_of(tx, account_id)
        if row.enabled
    }


def notice_of(event: Event) -> FileNotice | None:
    """The kind of news that an event is, if it is any."""
    payload = event.payload
    if isinstance(payload, FileTaskStarted):
        return FileNotice.TRANSCODE_STARTED if payload.kind == "transcode" else None
    if isinstance(payload, FileTaskEnded):
        return FileNotice(f"{payload.kind}_ended")
    return None


def destination(address: str) -> Destination:
    """What an address means. Raises SettingInvalid.

    Topics and queues are those of the deployment's own AWS account and region; a plain name is a
    topic's.
    """
    partition, region, account = _own_place()
    channel: Channel = "topic"
    name = address
    if address.startswith("arn:"):
        parts = _ARN.fullmatch(address)
        if parts is None:
            raise SettingInvalid("topic", "it must be the ARN of an SNS topic or an SQS queue")
        if (parts["partition"], parts["region"], parts["account"]) != (partition, region, account):
            raise SettingInvalid("topic", "it must be of the AWS account and region of OpenVOD")
        channel, name = _CHANNELS[parts["service"]], parts["name"]
    if not _NAMES[channel].fullmatch(name):
        raise SettingInvalid("topic", "its name must be letters, digits, hyphens and underscores")
    if name.startswith(_OWN):
        raise SettingInvalid("topic", f"names that begin with {_OWN} are reserved")
    if channel == "topic":
        return Destination("topic", f"arn:{partition}:sns:{region}:{account}:{name}")
    return Destination("queue", name)


def _own_place() -> tuple[str, str, str]:
    """Partition, region and account that the deployment is in."""
    parts = settings().files_role_arn.split(":")
    if len(parts) < 5:
        raise SettingInvalid("topic", "this deployment is not set up for tasks on files")
    return parts[1], settings().storage_region, parts[4]


def _merged(
    account_id: str,
    before: NoticeRow | None,
    change: NoticeChange,
    places: dict[str, Destination],
) -> NoticeRow:
    row = before or NoticeRow(account_id=account_id, notice=change.notice)
    given = change.model_dump(exclude_none=True, include={"enabled", "topic", "message_type"})
    if change.address is not None:
        given |= places[change.address]._asdict()
    row = row.model_copy(update=given)
    if row.enabled and not row.target:
        raise SettingMissing("topic")
    return row


def _require(place: Destination) -> None:
    look = topics.require if place.channel == "topic" else queues.require
    try:
        look(place.target)
    except (topics.TopicNotFound, queues.QueueNotFound) as error:
        raise TopicMissing(place.target) from error
    except topics.TopicForbidden as error:
        raise TopicRefused(place.target) from error
    except (topics.TopicUnavailable, queues.QueueUnavailable) as error:
        raise TopicUnavailable(str(error)) from error
