"""Watermark templates (MPC API manual 7.1 to 7.4)."""

from typing import Annotated

from pydantic import Field

from chalicelib.apis.huawei_mpc.codes import failure
from chalicelib.apis.huawei_mpc.documents import Number
from chalicelib.apis.huawei_mpc.watermark_documents import WatermarkTemplate
from chalicelib.apis.protocol.huawei_rest.operation import RestOperation, RestResult
from chalicelib.apis.protocol.huawei_rest.parameters import QueryList
from chalicelib.identity.caller import Caller
from chalicelib.processing import parameter_sets
from chalicelib.processing.errors import ParameterSetNotFound
from chalicelib.store.parameter_sets import ParameterSet


class CreateWatermarkTemplateResult(RestResult):
    """The template's number."""

    template_id: int


class CreateWatermarkTemplate(WatermarkTemplate, RestOperation):
    """Keep where and how a picture is laid over (manual 7.1); names need not differ."""

    def perform(self, caller: Caller) -> CreateWatermarkTemplateResult:
        number = parameter_sets.add_set(
            caller.account_id, "watermark", self.template_name or "", content_of(self), named=None
        )
        return CreateWatermarkTemplateResult(template_id=number)


class UpdateWatermarkTemplate(WatermarkTemplate, RestOperation):
    """Put another template in one's place (manual 7.2)."""

    template_id: Number

    def perform(self, caller: Caller) -> None:
        parameter_sets.change_set(
            caller.account_id,
            "watermark",
            self.template_id,
            self.template_name or "",
            content_of(self),
            named=None,
        )


class DeleteWatermarkTemplate(RestOperation):
    """Forget a template (manual 7.3)."""

    template_id: Number

    def perform(self, caller: Caller) -> None:
        try:
            parameter_sets.remove_set(caller.account_id, "watermark", self.template_id, named=None)
        except ParameterSetNotFound:
            raise failure("MPC.10212") from None


class WatermarkTemplateInfo(RestResult):
    """A template as it is answered (table 7-18)."""

    dx: str
    dy: str
    referpos: str
    timeline_start: str
    timeline_duration: str
    image_process: str
    width: str | None = None
    height: str | None = None
    base: str
    template_id: int
    template_name: str
    type: str


class ListWatermarkTemplatesResult(RestResult):
    """Some templates, and how many there are."""

    total: int
    templates: list[WatermarkTemplateInfo]


class ListWatermarkTemplates(RestOperation):
    """Templates by their numbers, or a page of all (manual 7.4)."""

    template_id: Annotated[tuple[Number, ...], QueryList, Field(max_length=10)] = ()
    page: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    size: Annotated[int, Field(ge=1, le=100)] = 10

    def perform(self, caller: Caller) -> ListWatermarkTemplatesResult:
        account = caller.account_id
        if self.template_id:
            found = parameter_sets.find_sets(account, "watermark", self.template_id)
            total = len(found)
        else:
            page = parameter_sets.list_sets(
                account, "watermark", offset=self.page * self.size, limit=self.size
            )
            found, total = page.sets, page.total
        return ListWatermarkTemplatesResult(
            total=total, templates=[_answered(one) for one in found]
        )


def content_of(template: WatermarkTemplate) -> str:
    """The template as it is kept."""
    return template.model_dump_json(
        include=set(WatermarkTemplate.model_fields) - {"template_name"}, exclude_none=True
    )


def _answered(one: ParameterSet) -> WatermarkTemplateInfo:
    template = WatermarkTemplate.model_validate_json(one.content)

    def text(value: float | None) -> str | None:
        return None if value is None else f"{value:g}"

    return WatermarkTemplateInfo(
        dx=text(template.dx) or "0",
        dy=text(template.dy) or "0",
        referpos=template.referpos or "TopRight",
        timeline_start=text(template.timeline_start) or "0",
        timeline_duration=text(template.timeline_duration) or "ToEND",
        image_process=template.image_process or "Original",
        width=text(template.width),
        height=text(template.height),
        base=template.base or "output",
        template_id=one.number,
        template_name=one.name,
        type=template.type,
    )
