"""Global configuration: event notifications (VOD API manual 16.1)."""

from typing import Annotated

from chalicelib import events
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.event_messages import EVENT_NAMES
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter, missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MaxBytes, MaxChars, OneOf
from chalicelib.events import EventGroup, EventSelector, SettingInvalid, SettingMissing
from chalicelib.identity.caller import Caller
from chalicelib.store.subscriptions import Channel

_SELECTORS: dict[str, EventSelector] = {
    "ALL": EventGroup.ALL,
    "AIComplete": EventGroup.AI,
    **{name: event_type for event_type, name in EVENT_NAMES.items()},
}
_SELECTOR_NAMES = {selector: name for name, selector in _SELECTORS.items()}
_CHANNELS: dict[str, Channel] = {"HTTP": "http", "MNS": "queue"}
_CALLBACK_TYPES = {channel: name for name, channel in _CHANNELS.items()}
_PARAMETERS = {
    "callback_url": "CallbackURL",
    "auth_key": "AuthKey",
    "queue_endpoint": "MnsEndpoint",
    "queue_name": "MnsQueueName",
}


def selectors(names: str) -> tuple[EventSelector, ...]:
    """What an EventTypeList chooses: names with commas between them; raises ValueError."""
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in _SELECTORS]
    if unknown:
        raise ValueError(f"no such event types: {', '.join(unknown)}")
    return tuple(dict.fromkeys(_SELECTORS[name] for name in chosen))


class SetMessageCallback(RpcAction):
    """Set where and how an application's events go, and which of them (manual 16.1.1).

    CallbackType is HTTP unless it is given; HTTP needs CallbackURL, MNS needs MnsEndpoint and
    MnsQueueName. EventTypeList is always set: empty or left out, it switches all notifications
    off. AuthSwitch and AuthKey stay as they are when they are left out; a first AuthKey without
    AuthSwitch switches signing on.

    With MNS an event goes to the SQS queue MnsQueueName of the AWS account that OpenVOD runs in,
    one message with the event's JSON as its body. MnsEndpoint is kept and given back, not used.
    """

    CallbackType: Annotated[str, OneOf(*_CHANNELS)] = "HTTP"
    CallbackURL: Annotated[str | None, MaxBytes(256)] = None
    EventTypeList: Annotated[tuple[str, ...], CommaList(enum=_SELECTORS)] = ()
    AuthSwitch: Annotated[str | None, OneOf("on", "off")] = None
    AuthKey: Annotated[str | None, MaxChars(32)] = None
    MnsEndpoint: Annotated[str | None, MaxBytes(256)] = None
    MnsQueueName: Annotated[str | None, MaxChars(256)] = None
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> RpcResult:
        needed = (
            ("CallbackURL",) if self.CallbackType == "HTTP" else ("MnsEndpoint", "MnsQueueName")
        )
        for name in needed:
            if getattr(self, name) is None:
                raise missing_parameter(name)
        change = events.SubscriptionChange(
            channel=_CHANNELS[self.CallbackType],
            callback_url=self.CallbackURL,
            selectors=tuple(_SELECTORS[name] for name in self.EventTypeList),
            signed=None if self.AuthSwitch is None else self.AuthSwitch == "on",
            auth_key=self.AuthKey,
            queue_endpoint=self.MnsEndpoint,
            queue_name=self.MnsQueueName,
        )
        try:
            events.change_subscription(caller.account_id, self.AppId, change)
        except SettingMissing as error:
            raise missing_parameter(_PARAMETERS[error.setting]) from error
        except SettingInvalid as error:
            rule = f"{error.rule[:1].upper()}{error.rule[1:]}."
            raise invalid_parameter(_PARAMETERS[error.setting], rule) from error
        return RpcResult()


class MessageCallbackView(RpcResult):
    """The settings of one application; only AppId if it has none."""

    AppId: str
    CallbackType: str | None = None
    CallbackURL: str | None = None
    EventTypeList: str | None = None
    AuthSwitch: str | None = None
    AuthKey: str | None = None
    MnsEndpoint: str | None = None
    MnsQueueName: str | None = None


class GetMessageCallbackResult(RpcResult):
    """The settings of event notifications."""

    MessageCallback: MessageCallbackView


class GetMessageCallback(RpcAction):
    """Where and how an application's events go, and which of them (manual 16.1.2)."""

    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> GetMessageCallbackResult:
        found = events.get_subscription(caller.account_id, self.AppId)
        if found is None:
            return GetMessageCallbackResult(MessageCallback=MessageCallbackView(AppId=self.AppId))
        return GetMessageCallbackResult(
            MessageCallback=MessageCallbackView(
                AppId=found.app_id,
                CallbackType=_CALLBACK_TYPES[found.channel],
                CallbackURL=found.callback_url or None,
                EventTypeList=",".join(_SELECTOR_NAMES[chosen] for chosen in found.selectors),
                AuthSwitch="on" if found.signed else "off",
                AuthKey=found.auth_key or None,
                MnsEndpoint=found.queue_endpoint or None,
                MnsQueueName=found.queue_name or None,
            )
        )


class DeleteMessageCallback(RpcAction):
    """Remove the settings of an application's event notifications (manual 16.1.3).

    An application without settings is as it is afterwards: no error. Without them its events go
    nowhere but to addresses that requests name, and to subscribers that the operator has added.
    """

    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> RpcResult:
        events.delete_subscription(caller.account_id, self.AppId)
        return RpcResult()
