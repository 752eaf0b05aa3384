"""Policies that exist in every account and are attached by name (VOD developer guide 3.1, 3.4)."""

from types import MappingProxyType

_VOD = {
    "AliyunVODFullAccess": ["vod:*"],
    "AliyunVODReadOnlyAccess": ["vod:Get*", "vod:Describe*", "vod:Search*", "vod:List*"],
    "AliyunVODPlayAuth": [
        "vod:GetPlayInfo",
        "vod:GetVideoPlayAuth",
        "vod:GetVideoPlayInfo",
        "vod:GetVideoInfo",
    ],
    "AliyunVODUploadAuth": [
        "vod:CreateUploadVideo",
        "vod:RefreshUploadVideo",
        "vod:CreateUploadImage",
    ],
}

# Each grants these actions on every resource.
SYSTEM_POLICIES = MappingProxyType(
    {
        **_VOD,
        "AliyunSTSAssumeRoleAccess": ["sts:AssumeRole"],
        "AdministratorAccess": ["*"],
    }
)
