"""Event notifications (MPC API manual 13.1 to 13.3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import Field

from chalicelib import events
from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.protocol.huawei_rest.errors import InvalidRequest
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import OneOf
from chalicelib.events import FileNotice, NoticeChange, NoticeSetting
from chalicelib.events.file_notices import TopicMissing, TopicRefused, TopicUnavailable
from chalicelib.events.subscriptions import SettingInvalid, SettingMissing
from chalicelib.identity.caller import Caller

NOTICES = {
    "TranscodeComplete": FileNotice.TRANSCODE_ENDED,
    "TranscodeStart": FileNotice.TRANSCODE_STARTED,
    "ThumbnailComplete": FileNotice.THUMBNAILS_ENDED,
    "RemuxComplete": FileNotice.REMUX_ENDED,
    "AnimatedGraphicsComplete": FileNotice.ANIMATED_ENDED,
    "ParseComplete": FileNotice.METADATA_ENDED,
    # No operation of the manual edits: it can be set and never comes.
    "EditingComplete": FileNotice.EDITING_ENDED,
}
EVENT_NAMES = {notice: name for name, notice in NOTICES.items()}


class NotificationSetting(RestModel):
    """What to change for one event; what is left out stays as it is.

    ``topic`` is the ARN of an SNS topic or an SQS queue of the AWS account and region that OpenVOD
    runs in. An SMN URN, or a plain name, means the SNS topic of that name there.
    """

    event_name: Annotated[str, OneOf(*NOTICES)]
    status: Annotated[str | None, OneOf("on", "off")] = None
    topic: Annotated[str, Field(max_length=512)] = ""
    msg_type: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None


class SetNotification(RestOperation):
    """Say which events are told, and where (manual 13.1). All settings are taken, or none."""

    notifications: Annotated[
        tuple[NotificationSetting, ...], Field(min_length=1, max_length=len(NOTICES))
    ]

    def perform(self, caller: Caller) -> None:
        names = [one.event_name for one in self.notifications]
        if len(set(names)) < len(names):
            raise InvalidRequest("notifications: every event may be named once")
        with _topic_errors():
            events.set_notices(caller.account_id, [_change(one) for one in self.notifications])


class Notification(RestResult):
    """The setting of one event, the topic as it was written."""

    event_name: str
    status: str
    topic: str
    msg_type: int | None = None


class ListNotificationsResult(RestResult):
    """The settings of all events; those that were never set are off."""

    total: int
    notifications: tuple[Notification, ...]


class ListNotifications(RestOperation):
    """Which events are told, and where (manual 13.2)."""

    def perform(self, caller: Caller) -> ListNotificationsResult:
        known = {one.notice: one for one in events.list_notices(caller.account_id)}
        found = tuple(_view(name, known[notice]) for name, notice in NOTICES.items())
        return ListNotificationsResult(total=len(found), notifications=found)


class ListNotificationEventsResult(RestResult):
    """The names of events, and how many they are."""

    total: int
    event_name: tuple[str, ...]


class ListNotificationEvents(RestOperation):
    """List all events that can be subscribed to (manual 13.3)."""

    def perform(self, caller: Caller) -> ListNotificationEventsResult:
        return ListNotificationEventsResult(total=len(NOTICES), event_name=tuple(NOTICES))


def _change(setting: NotificationSetting) -> NoticeChange:
    topic = setting.topic.strip() or None
    return NoticeChange(
        notice=NOTICES[setting.event_name],
        enabled=None if setting.status is None else setting.status == "on",
        topic=topic,
        address=_address(topic) if topic else None,
        message_type=setting.msg_type,
    )


def _address(topic: str) -> str:
    """What a topic means: of ``urn:smn:{region}:{project}:{name}`` the name.

    The manual's samples have a blank behind ``urn:``.
    """
    parts = [part.strip() for part in topic.split(":")]
    if parts[:2] != ["urn", "smn"]:
        return topic
    if len(parts) != 5:
        raise InvalidRequest("topic: an SMN URN is urn:smn:{region}:{project}:{topic}")
    return parts[4]


def _view(name: str, setting: NoticeSetting) -> Notification:
    return Notification(
        event_name=name,
        status="on" if setting.enabled else "off",
        topic=setting.topic,
        msg_type=setting.message_type,
    )


@contextmanager
def _topic_errors() -> Iterator[None]:
    try:
        yield
    except SettingInvalid as error:
        raise InvalidRequest(f"{error.setting}: {error.rule}") from error
    except SettingMissing as error:
        raise InvalidRequest(f"{error.setting} is required for what is switched on") from error
    except TopicMissing as error:
        raise failure("MPC.10214") from error
    except TopicRefused as error:
        raise failure("MPC.10216") from error
    except TopicUnavailable as error:
        raise failure("MPC.10003", status=503) from error
