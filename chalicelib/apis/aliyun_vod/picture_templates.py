"""Templates of snapshots and animated images (VOD API manual 8.3).

The manual's tables know TemplateType Snapshot only; its developer guide (6.4) sends makers of
animated images here as well, and answers carry DynamicImage, so both are taken.
"""

from typing import Annotated

from pydantic import ValidationError

from chalicelib.apis.aliyun_vod.applications import DEFAULT_APP_ID, ApplicationId
from chalicelib.apis.aliyun_vod.formats import utc
from chalicelib.apis.aliyun_vod.picture_settings import AnimatedConfig, SnapshotTemplateConfig
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import MaxBytes, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.processing import picture_templates
from chalicelib.store.pictures import PictureTemplate, TemplateKind

_KINDS: dict[str, TemplateKind] = {"Snapshot": "snapshot", "DynamicImage": "animated"}
_TYPES = {kind: name for name, kind in _KINDS.items()}
_MAX_CONFIG_BYTES = 16 * 1024

TemplateId = Annotated[str, MaxBytes(64)]
_Config = Annotated[str, MaxBytes(_MAX_CONFIG_BYTES)]


class TemplateRef(RpcResult):
    """The template's id."""

    VodTemplateId: str


class TemplateView(RpcResult):
    """One template; TemplateConfig is JSON inside text, as it was given."""

    VodTemplateId: str
    Name: str
    TemplateType: str
    TemplateConfig: str
    IsDefault: str
    CreationTime: str
    ModifyTime: str
    AppId: str | None = None


class AddVodTemplate(RpcAction):
    """Make a template of snapshots or of animated images (manual 8.3.1)."""

    Name: Annotated[str, MaxBytes(128)]
    TemplateType: Annotated[str, OneOf(*_KINDS)]
    TemplateConfig: _Config
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> TemplateRef:
        kind = _KINDS[self.TemplateType]
        spec = _meaning(kind, self.TemplateConfig)
        template = picture_templates.add_template(
            caller.account_id, self.AppId, kind, self.Name, self.TemplateConfig, spec
        )
        return TemplateRef(VodTemplateId=template.template_id)


class UpdateVodTemplate(RpcAction):
    """Change a template's name or its whole configuration (manual 8.3.5)."""

    VodTemplateId: TemplateId
    Name: Annotated[str | None, MaxBytes(128)] = None
    TemplateConfig: Annotated[str | None, MaxBytes(_MAX_CONFIG_BYTES)] = None

    def perform(self, caller: Caller) -> TemplateRef:
        template = picture_templates.get_template(caller.account_id, self.VodTemplateId)
        spec = _meaning(template.kind, self.TemplateConfig) if self.TemplateConfig else None
        picture_templates.change_template(
            caller.account_id, self.VodTemplateId, self.Name, self.TemplateConfig, spec
        )
        return TemplateRef(VodTemplateId=self.VodTemplateId)


class DeleteVodTemplate(RpcAction):
    """Remove a template; jobs that were submitted with it go on (manual 8.3.2)."""

    VodTemplateId: TemplateId

    def perform(self, caller: Caller) -> TemplateRef:
        picture_templates.delete_template(caller.account_id, self.VodTemplateId)
        return TemplateRef(VodTemplateId=self.VodTemplateId)


class GetVodTemplateResult(RpcResult):
    """One template."""

    VodTemplateInfo: TemplateView


class GetVodTemplate(RpcAction):
    """One template (manual 8.3.3)."""

    VodTemplateId: TemplateId

    def perform(self, caller: Caller) -> GetVodTemplateResult:
        template = picture_templates.get_template(caller.account_id, self.VodTemplateId)
        return GetVodTemplateResult(VodTemplateInfo=_view(template))


class ListVodTemplateResult(RpcResult):
    """All templates of an application, the newest first."""

    VodTemplateInfoList: list[TemplateView]


class ListVodTemplate(RpcAction):
    """The templates of one type (manual 8.3.4)."""

    TemplateType: Annotated[str, OneOf(*_KINDS)]
    AppId: ApplicationId = DEFAULT_APP_ID

    def perform(self, caller: Caller) -> ListVodTemplateResult:
        found = picture_templates.list_templates(
            caller.account_id, self.AppId, _KINDS[self.TemplateType]
        )
        return ListVodTemplateResult(
            VodTemplateInfoList=[
                _view(template).model_copy(update={"AppId": template.app_id}) for template in found
            ]
        )


def _view(template: PictureTemplate) -> TemplateView:
    return TemplateView(
        VodTemplateId=template.template_id,
        Name=template.name,
        TemplateType=_TYPES[template.kind],
        TemplateConfig=template.config,
        IsDefault="NotDefault",
        CreationTime=utc(template.created_at),
        ModifyTime=utc(template.modified_at),
    )


def _meaning(kind: TemplateKind, config: str) -> str:
    """The JSON of the spec that a configuration stands for. Raises InvalidParameter."""
    model = SnapshotTemplateConfig if kind == "snapshot" else AnimatedConfig
    try:
        return model.model_validate_json(config).spec().model_dump_json()
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in detail["loc"])
        problem = detail["msg"].rstrip(".") + "."
        raise invalid_parameter(
            "TemplateConfig", f"{where}: {problem}" if where else problem
        ) from None
    except ValueError as error:
        raise invalid_parameter("TemplateConfig", str(error)) from None
