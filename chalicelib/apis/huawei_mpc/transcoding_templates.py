"""Transcoding templates (MPC API manual 5.1 to 5.4)."""

from typing import Annotated

from pydantic import Field

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.huawei_mpc.compile_renditions import compile_parameters
from chalicelib.apis.huawei_mpc.documents import Number
from chalicelib.apis.huawei_mpc.parameters import Audio, Common, TemplateParameters, Video
from chalicelib.apis.protocol.huawei_rest.operation import RestModel, RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import QueryList
from chalicelib.identity.caller import Caller
from chalicelib.processing import parameter_sets
from chalicelib.processing.errors import ParameterSetNotFound
from chalicelib.store.parameter_sets import ParameterSet

TemplateName = Annotated[str, Field(min_length=1, max_length=255)]


class CreateTranscodingTemplateResult(RestResult):
    """The template's number."""

    template_id: int


class CreateTranscodingTemplate(RestOperation):
    """Keep a template under a name of its own (manual 5.1)."""

    template_name: TemplateName
    video: Video | None = None
    audio: Audio | None = None
    common: Common

    def perform(self, caller: Caller) -> CreateTranscodingTemplateResult:
        number = parameter_sets.add_set(
            caller.account_id,
            "rendition",
            self.template_name,
            checked(TemplateParameters(video=self.video, audio=self.audio, common=self.common)),
            named="rendition",
        )
        return CreateTranscodingTemplateResult(template_id=number)


class UpdateTranscodingTemplate(RestOperation):
    """Put another template in one's place (manual 5.2): tasks that run keep the old one."""

    template_id: Number
    template_name: TemplateName
    video: Video | None = None
    audio: Audio | None = None
    common: Common

    def perform(self, caller: Caller) -> None:
        content = checked(
            TemplateParameters(video=self.video, audio=self.audio, common=self.common)
        )
        parameter_sets.change_set(
            caller.account_id,
            "rendition",
            self.template_id,
            self.template_name,
            content,
            named="rendition",
        )


class DeleteTranscodingTemplate(RestOperation):
    """Forget a template (manual 5.3); those of a group go with the group alone."""

    template_id: Number

    def perform(self, caller: Caller) -> None:
        try:
            parameter_sets.remove_set(
                caller.account_id, "rendition", self.template_id, named="rendition"
            )
        except ParameterSetNotFound:
            raise failure("MPC.10212") from None


class QueryTransTemplate(RestModel):
    """A template's content (table 5-25)."""

    template_name: str
    video: Video | None = None
    audio: Audio | None = None
    common: Common


class TemplateInfo(RestResult):
    """A template with its number (table 5-24)."""

    template_id: int
    template: QueryTransTemplate


class ListTranscodingTemplatesResult(RestResult):
    """Some templates, and how many there are."""

    template_array: list[TemplateInfo]
    total: int


class ListTranscodingTemplates(RestOperation):
    """Templates by their numbers, those of groups too, or a page of the others (manual 5.4)."""

    template_id: Annotated[tuple[Number, ...], QueryList, Field(max_length=10)] = ()
    page: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    size: Annotated[int, Field(ge=1, le=100)] = 10

    def perform(self, caller: Caller) -> ListTranscodingTemplatesResult:
        account = caller.account_id
        if self.template_id:
            found = parameter_sets.find_sets(account, "rendition", self.template_id)
            if not found:
                raise failure("MPC.10212")
            return _listed(found, len(found))
        page = parameter_sets.list_sets(
            account, "rendition", offset=self.page * self.size, limit=self.size
        )
        return _listed(page.sets, page.total)


def checked(parameters: TemplateParameters) -> str:
    """The template as it is kept. Raises RestError for one of which nothing could be made."""
    compile_parameters(parameters)
    return parameters.model_dump_json(exclude_none=True)


def _listed(found: list[ParameterSet], total: int) -> ListTranscodingTemplatesResult:
    return ListTranscodingTemplatesResult(
        template_array=[
            TemplateInfo(
                template_id=one.number,
                template=QueryTransTemplate(
                    template_name=one.name,
                    **dict(TemplateParameters.model_validate_json(one.content)),
                ),
            )
            for one in found
        ],
        total=total,
    )
