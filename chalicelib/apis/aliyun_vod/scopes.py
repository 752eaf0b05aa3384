"""How actions meet applications where their parameters do not say it (VOD API manual 15.1).

An action with AppId, or with the id of something that belongs to an application, needs no line
here. Multi-application covers media and callbacks; categories and the like belong to the account.
"""

from chalicelib.apis.protocol.aliyun_rpc.action import Scope

_MANAGED = (
    "CreateAppInfo",
    "GetAppInfos",
    "ListAppInfo",
    "UpdateAppInfo",
    "DeleteAppInfo",
    "AttachAppPolicyToIdentity",
    "DetachAppPolicyFromIdentity",
    "ListAppPoliciesForIdentity",
    "MoveAppResource",
)
_FOUND = (
    "SearchMedia",
    "GetVideoList",
    "GetURLUploadInfos",
    "CancelUrlUploadJobs",
    "UpdateVideoInfos",
    "UpdateImageInfos",
    "UpdateAttachedMediaInfos",
)
_NAMED = ("RegisterMedia",)
_SHARED = (
    "AddCategory",
    "DeleteCategory",
    "GetCategories",
    "UpdateCategory",
    "SetCrossdomainContent",
)

SCOPES = {
    **dict.fromkeys(_MANAGED, Scope.MANAGED),
    **dict.fromkeys(_FOUND, Scope.FOUND),
    # It has no parameter for it: what it registers belongs to the default application.
    **dict.fromkeys(_NAMED, Scope.NAMED),
    **dict.fromkeys(_SHARED, Scope.SHARED),
}
