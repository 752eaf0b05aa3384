"""Applications apart from each other: for every action, in one place (VOD API manual 15.1).

Before an action runs, the applications that its caller may use are looked up, the one that it names
is checked, and the database is told which rows the request may see: whatever the action then asks
for by id, in batches or as lists, media of other applications do not exist for it. So no action has
to think of it; each only has to be known for what it touches (``Scope``), and one that is not is
refused to everybody but administrators.
"""

from collections.abc import Mapping
from functools import cache

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, Scope
from chalicelib.identity.app_access import access_of, require_application
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import ApplicationForbidden
from chalicelib.store.visibility import Visibility

# A field, or a class variable of an action that works in one application alone.
APPLICATION_PARAMETER = "AppId"

_READING = ("Get", "List", "Search", "Describe")
# What these name belongs to an application, and is read as a row of the database.
_RESOURCES = frozenset(
    f"{resource}{plural}"
    for resource in (
        "DynamicImageId",
        "ImageId",
        "JobId",
        "MediaId",
        "TranscodeTaskId",
        "TranscodeTemplateGroupId",
        "VideoId",
        "VodTemplateId",
        "WatermarkId",
    )
    for plural in ("", "s")
)


def scope_of(action: type[RpcAction], scopes: Mapping[str, Scope]) -> Scope | None:
    """What an action touches: as the product says, else as its parameters do; None: unknown."""
    return scopes.get(action.__name__) or _scope_of_fields(action)


@cache
def _scope_of_fields(action: type[RpcAction]) -> Scope | None:
    if APPLICATION_PARAMETER in action.model_fields or hasattr(action, APPLICATION_PARAMETER):
        return Scope.NAMED
    if not _RESOURCES.isdisjoint(action.model_fields):
        return Scope.FOUND
    return None


def is_writing(action: type[RpcAction]) -> bool:
    """Whether an action changes anything."""
    return not action.__name__.startswith(_READING)


def visible_to(caller: Caller, action: RpcAction, scopes: Mapping[str, Scope]) -> Visibility | None:
    """What the action may see; None: everything. Raises ApplicationForbidden."""
    scope = scope_of(type(action), scopes)
    if scope is Scope.MANAGED:
        return None
    access, writing = access_of(caller), is_writing(type(action))
    if scope is None and not access.everywhere:
        raise ApplicationForbidden(f"nothing is known of {type(action).__name__}")
    if scope is Scope.NAMED:
        app_id = getattr(action, APPLICATION_PARAMETER)
        if app_id:
            require_application(caller, access, app_id, writing=writing)
    return access.visibility(writing=writing)
