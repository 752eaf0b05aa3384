"""Transcode template groups (VOD API manual 8.2)."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from chalicelib import processing
from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.errors import no_such_resource
from chalicelib.apis.aliyun_vod.file_urls import own_file
from chalicelib.apis.aliyun_vod.formats import domain_group_id
from chalicelib.apis.aliyun_vod.template_views import (
    TranscodeTemplateGroupBrief,
    TranscodeTemplateGroupView,
    group_brief,
    group_view,
)
from chalicelib.apis.aliyun_vod.transcode_compiler import (
    compile_template,
    definition_of,
    read_template,
)
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import (
    ApiError,
    invalid_parameter,
    missing_parameter,
)
from chalicelib.apis.protocol.aliyun_rpc.parameters import (
    JsonArray,
    MaxBytes,
    NoEmoji,
    OneOf,
)
from chalicelib.identity.caller import Caller
from chalicelib.ingest.storage_location import check_storage
from chalicelib.processing.group_editing import TemplateDraft

_MOST_DELETED = 10
_LIST = "TranscodeTemplateList"

GroupName = Annotated[str, MaxBytes(128), NoEmoji]
GroupId = Annotated[str, MaxBytes(64)]
Documents = Annotated[tuple[dict[str, Any], ...], JsonArray(max_bytes=256 * 1024, max_depth=10)]


class GroupIdResult(RpcResult):
    """The group that was made or changed."""

    TranscodeTemplateGroupId: str


class AddTranscodeTemplateGroup(RpcAction):
    """Make a group, or append templates to one (manual 8.2.1)."""

    Name: GroupName = ""
    TranscodeTemplateList: Documents = ()
    TranscodeTemplateGroupId: GroupId = ""
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> GroupIdResult:
        if not self.Name and not self.TranscodeTemplateGroupId:
            raise missing_parameter("Name")
        check_storage("")  # what is made goes there
        drafts = [_new_draft(caller.account_id, raw) for raw in self.TranscodeTemplateList]
        try:
            if not self.TranscodeTemplateGroupId:
                made = processing.add_group(caller.account_id, self.AppId, self.Name, drafts)
                return GroupIdResult(TranscodeTemplateGroupId=made)
            group_id = domain_group_id(self.TranscodeTemplateGroupId)
            processing.add_templates(caller.account_id, group_id, drafts)
        except (processing.TemplateGroupNotFound, processing.TemplatesDoNotFit) as error:
            raise _group_error(error) from error
        return GroupIdResult(TranscodeTemplateGroupId=self.TranscodeTemplateGroupId)


class UpdateTranscodeTemplateGroup(RpcAction):
    """Rename, lock or unlock a group, and change templates in it (manual 8.2.2).

    The members given for a template replace its own, the others stay; its definition is fixed. A
    locked group takes no change but in the request that unlocks it.
    """

    Name: GroupName = ""
    TranscodeTemplateList: Documents = ()
    Locked: Annotated[str, OneOf("Enabled", "Disabled")] = ""
    TranscodeTemplateGroupId: GroupId

    def perform(self, caller: Caller) -> GroupIdResult:
        group_id = domain_group_id(self.TranscodeTemplateGroupId)
        check_storage("")
        try:
            group = processing.find_group(caller.account_id, group_id)
            if group.locked and self.Locked != "Disabled":
                raise processing.TemplateGroupLocked(group_id)
            processing.change_group(
                caller.account_id,
                group_id,
                name=self.Name or None,
                locked={"Enabled": True, "Disabled": False}.get(self.Locked),
                changed=dict(self._changed(caller.account_id, group)),
            )
        except (
            processing.TemplateGroupNotFound,
            processing.TemplateNotFound,
            processing.TemplatesDoNotFit,
        ) as error:
            raise _group_error(error) from error
        return GroupIdResult(TranscodeTemplateGroupId=self.TranscodeTemplateGroupId)

    def _changed(
        self, account_id: str, group: processing.TemplateGroup
    ) -> Iterator[tuple[str, TemplateDraft]]:
        stored = {template.template_id: template.source for template in group.templates}
        for raw in self.TranscodeTemplateList:
            template_id = raw.get("TranscodeTemplateId")
            if not isinstance(template_id, str) or not template_id:
                raise invalid_parameter(_LIST, "TranscodeTemplateId is mandatory.")
            if template_id not in stored:
                raise processing.TemplateNotFound(template_id)
            before = json.loads(stored[template_id])
            if raw.get("Definition", before.get("Definition")) != before.get("Definition"):
                raise invalid_parameter(_LIST, "The Definition of a template cannot be changed.")
            yield template_id, _draft(account_id, {**before, **raw})


class ListTranscodeTemplateGroupResult(RpcResult):
    """The groups without their templates."""

    TranscodeTemplateGroupList: list[TranscodeTemplateGroupBrief]


class ListTranscodeTemplateGroup(RpcAction):
    """The groups of an application, the built-in ones included (manual 8.2.4)."""

    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> ListTranscodeTemplateGroupResult:
        listed = processing.list_groups(caller.account_id, self.AppId)
        return ListTranscodeTemplateGroupResult(
            TranscodeTemplateGroupList=[
                group_brief(group, group.group_id == listed.default_id, self.AppId)
                for group in listed.groups
            ]
        )


class GetTranscodeTemplateGroupResult(RpcResult):
    """One group."""

    TranscodeTemplateGroup: TranscodeTemplateGroupView


class GetTranscodeTemplateGroup(RpcAction):
    """A group with its templates as they were written (manual 8.2.5)."""

    TranscodeTemplateGroupId: GroupId

    def perform(self, caller: Caller) -> GetTranscodeTemplateGroupResult:
        group_id = domain_group_id(self.TranscodeTemplateGroupId)
        try:
            group = processing.find_group(caller.account_id, group_id)
        except processing.TemplateGroupNotFound as error:
            raise _group_error(error) from error
        default = processing.is_default(caller.account_id, group, DEFAULT_APP_ID)
        return GetTranscodeTemplateGroupResult(
            TranscodeTemplateGroup=group_view(group, default, DEFAULT_APP_ID)
        )


class EmptyResult(RpcResult):
    """Nothing but the request's id."""


class SetDefaultTranscodeTemplateGroup(RpcAction):
    """Choose the group of uploads that name none (manual 8.2.6)."""

    TranscodeTemplateGroupId: GroupId

    def perform(self, caller: Caller) -> EmptyResult:
        group_id = domain_group_id(self.TranscodeTemplateGroupId)
        try:
            processing.set_default_group(caller.account_id, group_id, DEFAULT_APP_ID)
        except processing.TemplateGroupNotFound as error:
            raise _group_error(error) from error
        return EmptyResult()


class DeleteTranscodeTemplateGroupResult(RpcResult):
    """The templates that the group does not have."""

    NonExistTranscodeTemplateIds: list[str]


class DeleteTranscodeTemplateGroup(RpcAction):
    """Delete templates of a group, or with ForceDelGroup the group (manual 8.2.3)."""

    TranscodeTemplateGroupId: GroupId
    TranscodeTemplateIds: Annotated[str, MaxBytes(2048)] = ""
    ForceDelGroup: bool = False

    def perform(self, caller: Caller) -> DeleteTranscodeTemplateGroupResult:
        group_id = domain_group_id(self.TranscodeTemplateGroupId)
        try:
            if self.ForceDelGroup:
                processing.delete_group(caller.account_id, group_id)
                return DeleteTranscodeTemplateGroupResult(NonExistTranscodeTemplateIds=[])
            wanted = id_list("TranscodeTemplateIds", self.TranscodeTemplateIds, _MOST_DELETED)
            unknown = processing.delete_templates(caller.account_id, group_id, wanted)
        except processing.TemplateGroupNotFound as error:
            raise ApiError(
                "InvalidTranscodeTemplateGroup.NotFound",
                404,
                "The transcode template does not exist.",
            ) from error
        return DeleteTranscodeTemplateGroupResult(NonExistTranscodeTemplateIds=unknown)


def id_list(parameter: str, text: str, most: int) -> list[str]:
    """Ids as ``a,b`` or as a JSON array: the manual describes one and shows the other."""
    try:
        items = json.loads(text) if text.lstrip().startswith("[") else text.split(",")
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise invalid_parameter(parameter, "It must be ids separated by commas.")
    ids = list(dict.fromkeys(item.strip() for item in items if item.strip()))
    if not ids:
        raise missing_parameter(parameter)
    if len(ids) > most:
        raise invalid_parameter(parameter, f"It must not have more than {most} items.")
    return ids


def _new_draft(account_id: str, raw: dict[str, Any]) -> TemplateDraft:
    if not raw.get("TemplateName"):
        raise invalid_parameter(_LIST, "TemplateName is mandatory.")
    return _draft(account_id, raw)


def _draft(account_id: str, raw: dict[str, Any]) -> TemplateDraft:
    template = read_template(_LIST, raw)
    config = compile_template(_LIST, template, lambda url: own_file(account_id, "FileUrl", url))
    try:
        processing.require_watermarks(account_id, config.watermark_ids)
    except processing.WatermarkNotFound as error:
        raise no_such_resource("WatermarkIds") from error
    source = {name: value for name, value in raw.items() if name != "TranscodeTemplateId"}
    return TemplateDraft(
        name=template.TemplateName or "",
        definition=definition_of(template),
        config=config,
        source=json.dumps(source, ensure_ascii=False),
    )


def _group_error(error: Exception) -> ApiError:
    if isinstance(error, processing.TemplatesDoNotFit):
        return invalid_parameter(_LIST, f"{error}.")
    if isinstance(error, processing.TemplateNotFound):
        return ApiError(
            "InvalidTranscodeTemplateGroup.NotFound", 404, "The transcode template does not exist."
        )
    return ApiError(
        "InvalidTranscodeTemplateGroup.NotFound",
        404,
        "The transcode template group does not exist.",
    )
