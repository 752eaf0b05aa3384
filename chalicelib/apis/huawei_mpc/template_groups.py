"""Groups of transcoding templates: one source, up to six outputs (MPC API manual 6.1 to 6.4)."""

from typing import Annotated

from pydantic import Field, ValidationError

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.huawei_mpc.parameters import (
    Audio,
    Common,
    TemplateParameters,
    VideoCommon,
    VideoObj,
)
from chalicelib.apis.huawei_mpc.transcoding_templates import checked
from chalicelib.apis.huawei_mpc.unusable import problem, unusable
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import QueryList
from chalicelib.identity.caller import Caller
from chalicelib.processing import parameter_sets
from chalicelib.processing.errors import ParameterGroupNotFound, ParameterNameTaken
from chalicelib.processing.parameter_sets import GroupView

GroupName = Annotated[str, Field(min_length=1, max_length=255)]
GroupId = Annotated[str, Field(max_length=64)]
Videos = Annotated[tuple[VideoObj, ...], Field(max_length=6)]


class GroupParameters(RestModel):
    """What the outputs of a group are, without its name."""

    videos: Videos = ()
    audio: Audio | None = None
    video_common: VideoCommon | None = None
    common: Common | None = None

    def templates(self) -> list[TemplateParameters]:
        """One template for each output; without videos, one of the sound. Raises RestError."""
        if self.common is None:
            raise unusable("common is required")
        shared = self.video_common or VideoCommon()
        try:
            videos = [video.of(shared) for video in self.videos]
        except ValidationError as error:
            raise unusable(f"videos: {problem(error)}") from None
        except ValueError as error:
            raise unusable(f"videos: {error}") from None
        return [
            TemplateParameters(video=video, audio=self.audio, common=self.common)
            for video in videos or (None,)
        ]


class VideoAndTemplate(RestResult):
    """An output of a group with the number of its template (table 6-10)."""

    template_id: int
    width: int
    height: int
    bitrate: int


class TemplateGroup(RestResult):
    """A group as it is answered (table 6-9)."""

    group_id: str
    name: str
    template_ids: list[int]
    videos: list[VideoAndTemplate]
    audio: Audio | None = None
    video_common: VideoCommon | None = None
    common: Common | None = None


class CreateTemplateGroupResult(RestResult):
    """The group that was made."""

    template_group: TemplateGroup


class CreateTemplateGroup(RestOperation):
    """Keep a group under a name of its own, and a template for each of its outputs (manual 6.1)."""

    name: GroupName
    videos: Videos = ()
    audio: Audio | None = None
    video_common: VideoCommon | None = None
    common: Common | None = None

    def perform(self, caller: Caller) -> CreateTemplateGroupResult:
        group = GroupParameters(
            videos=self.videos,
            audio=self.audio,
            video_common=self.video_common or (VideoCommon() if self.videos else None),
            common=self.common,
        )
        contents = [checked(template) for template in group.templates()]
        try:
            made = parameter_sets.add_group(caller.account_id, self.name, _content(group), contents)
        except ParameterNameTaken:
            raise failure("MPC.10230") from None
        return CreateTemplateGroupResult(template_group=_answered(made))


class UpdateTemplateGroup(RestOperation):
    """Change what is given of a group; its templates keep their numbers (manual 6.3)."""

    group_id: GroupId
    name: GroupName | None = None
    videos: Videos | None = None
    audio: Audio | None = None
    video_common: VideoCommon | None = None
    common: Common | None = None

    def perform(self, caller: Caller) -> None:
        found = parameter_sets.find_groups(caller.account_id, [self.group_id])
        if not found:
            raise failure("MPC.10212")
        old = found[0].group
        given = self.model_dump(exclude={"group_id", "name"}, exclude_none=True)
        group = GroupParameters(**dict(GroupParameters.model_validate_json(old.content)) | given)
        contents = [checked(template) for template in group.templates()]
        try:
            parameter_sets.change_group(
                caller.account_id,
                self.group_id,
                self.name or old.name,
                _content(group),
                contents,
            )
        except ParameterGroupNotFound:
            raise failure("MPC.10212") from None
        except ParameterNameTaken:
            raise failure("MPC.10230") from None


class DeleteTemplateGroup(RestOperation):
    """Forget a group with its templates (manual 6.4)."""

    group_id: GroupId

    def perform(self, caller: Caller) -> None:
        try:
            parameter_sets.remove_group(caller.account_id, self.group_id)
        except ParameterGroupNotFound:
            raise failure("MPC.10212") from None


class ListTemplateGroupsResult(RestResult):
    """Some groups, and how many there are."""

    template_group_list: list[TemplateGroup]
    total: int


class ListTemplateGroups(RestOperation):
    """Groups by their ids, or a page of all or of those with certain names (manual 6.2)."""

    group_id: Annotated[tuple[GroupId, ...], QueryList, Field(max_length=10)] = ()
    group_name: Annotated[tuple[GroupName, ...], QueryList, Field(max_length=10)] = ()
    page: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    size: Annotated[int, Field(ge=1, le=100)] = 10

    def perform(self, caller: Caller) -> ListTemplateGroupsResult:
        account = caller.account_id
        if self.group_id:
            found = parameter_sets.find_groups(account, self.group_id)
            if not found:
                raise failure("MPC.10212")
            return ListTemplateGroupsResult(
                template_group_list=[_answered(one) for one in found], total=len(found)
            )
        page = parameter_sets.list_groups(
            account, self.group_name or None, offset=self.page * self.size, limit=self.size
        )
        return ListTemplateGroupsResult(
            template_group_list=[_answered(one) for one in page.groups], total=page.total
        )


def _content(group: GroupParameters) -> str:
    return group.model_dump_json(exclude_none=True)


def _answered(view: GroupView) -> TemplateGroup:
    group = GroupParameters.model_validate_json(view.group.content)
    numbers = [member.number for member in view.members]
    return TemplateGroup(
        group_id=view.group.group_id,
        name=view.group.name,
        template_ids=numbers,
        videos=[
            VideoAndTemplate(template_id=number, **video.model_dump())
            for number, video in zip(numbers, group.videos, strict=False)
        ],
        audio=group.audio,
        video_common=group.video_common,
        common=group.common,
    )
