"""Applications, who may use them, and moving media between them (VOD API manual, chapter 15).

For an application that does not exist the answers are those for one that the caller may not use.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    invalid_parameter,
    missing_parameter,
)
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MaxChars, NoEmoji, OneOf
from chalicelib.identity import app_access, applications
from chalicelib.identity.app_access import Access, Identity, access_of
from chalicelib.identity.caller import Caller
from chalicelib.identity.errors import ApplicationForbidden, IdentityNotFound
from chalicelib.library.moving import move_media
from chalicelib.settings import settings
from chalicelib.store.applications import Application, AppPolicy, Grant, IdentityKind
from chalicelib.store.media import MediaType

_STATUS = {True: "Normal", False: "Disable"}
_KINDS: dict[str, IdentityKind] = {"RamUser": "user", "RamRole": "role"}
_ADMINISTRATOR = "VODAppAdministratorAccess"
_POLICIES: dict[str, AppPolicy] = {
    "VODAppFullAccess": "full",
    "VODAppReadOnlyAccess": "read",
    _ADMINISTRATOR: "administrator",
}
_POLICY_NAMES = {policy: name for name, policy in _POLICIES.items()}
# What the policies allow, as ListAppPoliciesForIdentity describes it.
_DESCRIPTIONS: dict[AppPolicy, str] = {
    "full": "App full access permission",
    "read": "App read only access permission",
    "administrator": "App administrator permission",
}
_ALLOWED: dict[AppPolicy, str] = {
    "full": "vod:*",
    "read": "vod:Get*,vod:List*,vod:Search*,vod:Describe*",
    "administrator": "vod:*App*",
}
_TYPES = {
    "video": (MediaType.VIDEO, MediaType.AUDIO),
    "image": (MediaType.IMAGE,),
    "attached": (MediaType.ATTACHED,),
}
_NAME_CHARACTERS = re.compile(
    r"[A-Za-z0-9.@\-\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def _named(name: str) -> str:
    if not _NAME_CHARACTERS.fullmatch(name):
        raise invalid_parameter("AppName", "It may have Chinese, letters, digits, '.', '-', '@'.")
    return name


_Name = Annotated[str, MaxChars(128), NoEmoji, AfterValidator(_named)]
_Description = Annotated[str, MaxChars(512), NoEmoji]
_IdentityType = Annotated[str, OneOf(*_KINDS)]


def _access(caller: Caller) -> Access:
    if not settings().applications:
        raise ApiError("OperationDenied.NotOpenAppService", 403, "The app service is not open.")
    return access_of(caller)


def _administrator(caller: Caller) -> Access:
    access = _access(caller)
    access.require_administrator()
    return access


class AppInfoView(RpcResult):
    """An application."""

    AppId: str
    AppName: str
    Description: str
    Type: str
    Status: str
    CreationTime: str
    ModificationTime: str


def _view(application: Application) -> AppInfoView:
    return AppInfoView(
        AppId=application.app_id,
        AppName=application.name,
        Description=application.description,
        Type="System" if application.app_id == DEFAULT_APP_ID else "Custom",
        Status=_STATUS[application.active],
        CreationTime=utc(application.created_at),
        ModificationTime=utc(application.modified_at),
    )


class CreateAppInfoResult(RpcResult):
    """The new application's id."""

    AppId: str


class CreateAppInfo(RpcAction):
    """Create an application; at most 10 (manual 15.2.1).

    The account's first one is made by the account itself, others by administrators, too.
    """

    AppName: _Name
    Description: _Description = ""

    def perform(self, caller: Caller) -> CreateAppInfoResult:
        access = _administrator(caller)
        if not access.is_account and len(applications.applications(caller.account_id)) == 1:
            raise ApplicationForbidden("the first application")
        made = applications.create_application(caller.account_id, self.AppName, self.Description)
        return CreateAppInfoResult(AppId=made.app_id)


class GetAppInfosResult(RpcResult):
    """Several applications, and the ids that name none."""

    AppInfoList: list[AppInfoView]
    NonExistAppIds: list[str]


class GetAppInfos(RpcAction):
    """Up to 10 applications by their ids (manual 15.2.2)."""

    AppIds: Annotated[list[str], CommaList(max_items=10)]

    def perform(self, caller: Caller) -> GetAppInfosResult:
        known = {item.app_id: item for item in _usable(caller)}
        return GetAppInfosResult(
            AppInfoList=[_view(known[app_id]) for app_id in self.AppIds if app_id in known],
            NonExistAppIds=[app_id for app_id in self.AppIds if app_id not in known],
        )


class ListAppInfoResult(RpcResult):
    """One page of applications."""

    Total: int
    AppInfoList: list[AppInfoView]


class ListAppInfo(RpcAction):
    """The applications that the caller may use (manual 15.2.3)."""

    Status: Annotated[str, OneOf(*_STATUS.values())] | None = None
    PageNo: Annotated[int, Field(ge=1, le=10**6)] = 1
    PageSize: Annotated[int, Field(ge=1, le=100)] = 10

    def perform(self, caller: Caller) -> ListAppInfoResult:
        found = [
            item
            for item in _usable(caller)
            if self.Status is None or _STATUS[item.active] == self.Status
        ]
        first = (self.PageNo - 1) * self.PageSize
        page = found[first : first + self.PageSize]
        return ListAppInfoResult(Total=len(found), AppInfoList=[_view(item) for item in page])


def _usable(caller: Caller) -> list[Application]:
    access = _access(caller)
    return [
        item for item in applications.applications(caller.account_id) if access.knows(item.app_id)
    ]


class UpdateAppInfo(RpcAction):
    """Change an application's name, description or status (manual 15.2.4)."""

    AppId: ApplicationId
    AppName: _Name | None = None
    Description: _Description | None = None
    Status: Annotated[str, OneOf(*_STATUS.values())] | None = None

    def perform(self, caller: Caller) -> RpcResult:
        _administrator(caller)
        applications.update_application(
            caller.account_id,
            self.AppId,
            name=self.AppName,
            description=self.Description,
            active=None if self.Status is None else self.Status == "Normal",
        )
        return RpcResult()


class DeleteAppInfo(RpcAction):
    """Delete an application that holds nothing any more (manual 15.2.5)."""

    AppId: ApplicationId

    def perform(self, caller: Caller) -> RpcResult:
        _administrator(caller)
        applications.delete_application(caller.account_id, self.AppId)
        return RpcResult()


class PolicyChangeResult(RpcResult):
    """The names that are no policies, and the policies that could not be changed."""

    NonExistPolicyNames: list[str]
    FailedPolicyNames: list[str]


class _PolicyChange(RpcAction):
    IdentityType: _IdentityType
    IdentityName: Annotated[str, MaxChars(64)]
    AppId: ApplicationId | None = None
    PolicyNames: Annotated[list[str], CommaList(max_items=20)]

    def perform(self, caller: Caller) -> PolicyChangeResult:
        _administrator(caller)
        if self.AppId is None and set(self.PolicyNames) != {_ADMINISTRATOR}:
            raise missing_parameter("AppId")
        app_id = self.AppId or DEFAULT_APP_ID
        if app_id not in {item.app_id for item in applications.applications(caller.account_id)}:
            raise ApplicationForbidden(app_id)
        policies = [_POLICIES[name] for name in self.PolicyNames if name in _POLICIES]
        identity = Identity(caller.account_id, _KINDS[self.IdentityType], self.IdentityName)
        try:
            changed = self.change(identity, app_id, policies)
        except IdentityNotFound:
            changed = []
        return PolicyChangeResult(
            NonExistPolicyNames=[name for name in self.PolicyNames if name not in _POLICIES],
            FailedPolicyNames=[
                _POLICY_NAMES[policy] for policy in policies if policy not in changed
            ],
        )

    def change(self, identity: Identity, app_id: str, policies: list[AppPolicy]) -> list[AppPolicy]:
        """The policies for which it was done."""
        raise NotImplementedError(type(self).__name__)


class AttachAppPolicyToIdentity(_PolicyChange):
    """Give a user or role policies on an application; at most 10 in all (manual 15.3.1)."""

    def change(self, identity: Identity, app_id: str, policies: list[AppPolicy]) -> list[AppPolicy]:
        return app_access.attach(identity, app_id, policies)


class DetachAppPolicyFromIdentity(_PolicyChange):
    """Take policies on an application away from a user or role (manual 15.3.2)."""

    def change(self, identity: Identity, app_id: str, policies: list[AppPolicy]) -> list[AppPolicy]:
        return app_access.detach(identity, app_id, policies)


class AppPolicyView(RpcResult):
    """A policy that an identity has."""

    AppId: str | None = None
    PolicyName: str
    PolicyType: str = "System"
    PolicyValue: str
    Description: str
    CreationTime: str
    ModificationTime: str


class ListAppPoliciesForIdentityResult(RpcResult):
    """The policies of one identity."""

    AppPolicyList: list[AppPolicyView]


class ListAppPoliciesForIdentity(RpcAction):
    """The policies of a user or role; without being administrator: one's own (manual 15.3.3).

    Those on one application, and the policy of administrators, which is on all.
    """

    IdentityType: _IdentityType
    IdentityName: Annotated[str, MaxChars(64)]
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> ListAppPoliciesForIdentityResult:
        identity: Identity | None = Identity(
            caller.account_id, _KINDS[self.IdentityType], self.IdentityName
        )
        if not _access(caller).everywhere:
            identity = app_access.identity_of(caller)
        found = app_access.policies_of(identity) if identity else []
        return ListAppPoliciesForIdentityResult(
            AppPolicyList=[self._view(grant) for grant in found if grant.app_id in ("", self.AppId)]
        )

    def _view(self, grant: Grant) -> AppPolicyView:
        given = utc(grant.created_at)
        return AppPolicyView(
            AppId=grant.app_id or None,
            PolicyName=_POLICY_NAMES[grant.policy],
            PolicyValue=_ALLOWED[grant.policy],
            Description=_DESCRIPTIONS[grant.policy],
            CreationTime=given,
            ModificationTime=given,
        )


class MoveAppResourceResult(RpcResult):
    """The ids that name nothing of this type, and those that must not be moved."""

    NonExistResourceIds: list[str]
    FailedResourceIds: list[str]


class MoveAppResource(RpcAction):
    """Move up to 20 videos, images or attached media into another application (manual 15.4.1)."""

    TargetAppId: ApplicationId
    ResourceType: Annotated[str, OneOf(*_TYPES)]
    ResourceIds: Annotated[list[str], CommaList(max_items=20)]

    def perform(self, caller: Caller) -> MoveAppResourceResult:
        access = _access(caller)
        try:
            app_access.require_application(caller, access, self.TargetAppId, writing=True)
        except ApplicationForbidden as error:
            raise ApiError(
                "Forbidden.OperateAppResource",
                403,
                "Invalid app permission to operate on the specified resource.",
            ) from error
        moved = move_media(
            caller.account_id,
            access,
            self.ResourceIds,
            _TYPES[self.ResourceType],
            self.TargetAppId,
        )
        return MoveAppResourceResult(
            NonExistResourceIds=moved.unknown, FailedResourceIds=moved.refused
        )
