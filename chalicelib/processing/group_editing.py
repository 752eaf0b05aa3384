"""Making and changing template groups (VOD API manual 8.2)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.processing.built_in_groups import NO_TRANSCODE_GROUP_ID
from chalicelib.processing.errors import (
    TemplateGroupIsDefault,
    TemplateGroupLocked,
    TemplateGroupNotFound,
    TemplateGroupSpecial,
    TemplateNotFound,
    TemplatesDoNotFit,
    TooManyTemplateGroups,
    TooManyTemplates,
)
from chalicelib.processing.template_groups import (
    TemplateConfig,
    TemplateGroup,
    built_in_groups,
    default_group_id,
    find_group,
    group_of,
)
from chalicelib.store import database, processing_defaults, templates
from chalicelib.store.database import Transaction
from chalicelib.store.templates import TemplateGroupRow, TemplateRow

MOST_GROUPS = 20
MOST_TEMPLATES = 20


@dataclass(frozen=True)
class TemplateDraft:
    """A template to be stored: its configuration, and the document that it was compiled from."""

    name: str
    definition: str
    config: TemplateConfig
    source: str


@dataclass(frozen=True)
class GroupList:
    """Groups without their templates, and which of them is the default."""

    groups: list[TemplateGroup]
    default_id: str


def list_groups(account_id: str, app_id: str) -> GroupList:
    """The application's groups, the built-in ones first; their templates are left out."""

    def read(tx: Transaction) -> GroupList:
        own = [group_of(row, []) for row in templates.groups_of(tx, account_id, app_id)]
        return GroupList([*built_in_groups(), *own], default_group_id(tx, account_id, app_id))

    return database.run(read)


def is_default(account_id: str, group: TemplateGroup, app_id: str) -> bool:
    """Whether uploads of the group's application use it when they name none.

    ``app_id`` decides for the built-in groups, which belong to every application.
    """
    app = group.app_id or app_id
    return database.run(lambda tx: default_group_id(tx, account_id, app)) == group.group_id


def add_group(account_id: str, app_id: str, name: str, drafts: Sequence[TemplateDraft]) -> str:
    """Make a group; returns its id.

    Raises TooManyTemplateGroups, TooManyTemplates, TemplatesDoNotFit.
    """

    def write(tx: Transaction) -> str:
        processing_defaults.change_defaults(tx, account_id, app_id)
        if len(templates.groups_of(tx, account_id, app_id)) >= MOST_GROUPS:
            raise TooManyTemplateGroups(app_id)
        now = datetime.now(UTC)
        group = TemplateGroupRow(
            group_id=uuid.uuid4().hex,
            account_id=account_id,
            app_id=app_id,
            name=name,
            created_at=now,
            modified_at=now,
        )
        templates.insert_group(tx, group)
        _append(tx, group.group_id, drafts, now)
        return group.group_id

    return database.run(write)


def add_templates(account_id: str, group_id: str, drafts: Sequence[TemplateDraft]) -> None:
    """Append templates to a group.

    Raises TemplateGroupNotFound, TemplateGroupLocked, TemplateGroupSpecial, TooManyTemplates,
    TemplatesDoNotFit.
    """
    if group_id == NO_TRANSCODE_GROUP_ID:
        raise TemplateGroupSpecial(group_id)

    def write(tx: Transaction) -> None:
        _require_unlocked(tx, account_id, group_id)
        now = datetime.now(UTC)
        templates.change_group(tx, group_id, now, name=None, locked=None)
        _append(tx, group_id, drafts, now)

    database.run(write)


def change_group(
    account_id: str,
    group_id: str,
    *,
    name: str | None,
    locked: bool | None,
    changed: dict[str, TemplateDraft],
) -> None:
    """Rename, lock or unlock a group, and put drafts in the place of templates, by template id.

    A locked group takes no change unless the same request unlocks it. Raises
    TemplateGroupNotFound, TemplateGroupLocked, TemplateNotFound, TemplatesDoNotFit.
    """

    def write(tx: Transaction) -> None:
        row = _require(tx, account_id, group_id)
        if row.locked and locked is not False:
            raise TemplateGroupLocked(group_id)
        now = datetime.now(UTC)
        templates.change_group(tx, group_id, now, name=name, locked=locked)
        configs = {
            template.template_id: TemplateConfig.model_validate_json(template.config)
            for template in templates.templates_of(tx, group_id)
        }
        for template_id, draft in changed.items():
            if template_id not in configs:
                raise TemplateNotFound(template_id)
            configs[template_id] = draft.config
            templates.change_template(
                tx,
                template_id,
                now,
                name=draft.name,
                config=draft.config.model_dump_json(),
                source=draft.source,
            )
        _check_packages(list(configs.values()))

    database.run(write)


def delete_group(account_id: str, group_id: str) -> None:
    """Remove a group. Work under way goes on: it has its own copy of what it makes.

    Raises TemplateGroupNotFound, TemplateGroupLocked, TemplateGroupIsDefault.
    """

    def write(tx: Transaction) -> None:
        _require_deletable(tx, account_id, group_id)
        templates.delete_group(tx, group_id)

    database.run(write)


def delete_templates(account_id: str, group_id: str, template_ids: list[str]) -> list[str]:
    """Remove templates of a group; returns the ids that it does not have.

    Raises TemplateGroupNotFound, TemplateGroupLocked, TemplateGroupIsDefault.
    """

    def write(tx: Transaction) -> list[str]:
        _require_deletable(tx, account_id, group_id)
        known = {template.template_id for template in templates.templates_of(tx, group_id)}
        templates.change_group(tx, group_id, datetime.now(UTC), name=None, locked=None)
        templates.delete_templates(tx, group_id, template_ids)
        return [template_id for template_id in template_ids if template_id not in known]

    return database.run(write)


def set_default_group(account_id: str, group_id: str, app_id: str) -> None:
    """Let uploads that name no group use this one; a built-in group: those of ``app_id``.

    Raises TemplateGroupNotFound.
    """
    group = find_group(account_id, group_id)

    def write(tx: Transaction) -> None:
        if not group.built_in and templates.get_group(tx, account_id, group_id) is None:
            raise TemplateGroupNotFound(group_id)
        processing_defaults.change_defaults(
            tx, account_id, group.app_id or app_id, template_group_id=group.group_id
        )

    database.run(write)


def _require(tx: Transaction, account_id: str, group_id: str) -> TemplateGroupRow:
    if any(group.group_id == group_id for group in built_in_groups()):
        raise TemplateGroupLocked(group_id)
    row = templates.get_group(tx, account_id, group_id)
    if row is None:
        raise TemplateGroupNotFound(group_id)
    return row


def _require_unlocked(tx: Transaction, account_id: str, group_id: str) -> TemplateGroupRow:
    row = _require(tx, account_id, group_id)
    if row.locked:
        raise TemplateGroupLocked(group_id)
    return row


def _require_deletable(tx: Transaction, account_id: str, group_id: str) -> None:
    row = _require_unlocked(tx, account_id, group_id)
    # Counted up: nobody makes the group the default while it is being deleted.
    processing_defaults.change_defaults(tx, account_id, row.app_id)
    if default_group_id(tx, account_id, row.app_id) == group_id:
        raise TemplateGroupIsDefault(group_id)


def _append(tx: Transaction, group_id: str, drafts: Sequence[TemplateDraft], now: datetime) -> None:
    present = templates.templates_of(tx, group_id)
    if len(present) + len(drafts) > MOST_TEMPLATES:
        raise TooManyTemplates(group_id)
    stored = [TemplateConfig.model_validate_json(row.config) for row in present]
    _check_packages([*stored, *(draft.config for draft in drafts)])
    first = max((template.position for template in present), default=-1) + 1
    for position, draft in enumerate(drafts, start=first):
        templates.insert_template(
            tx,
            TemplateRow(
                template_id=uuid.uuid4().hex,
                group_id=group_id,
                position=position,
                name=draft.name,
                definition=draft.definition,
                config=draft.config.model_dump_json(),
                source=draft.source,
                created_at=now,
                modified_at=now,
            ),
        )


def _check_packages(configs: Sequence[TemplateConfig]) -> None:
    subtitles = sum(config.spec is None for config in configs)
    if subtitles > 1:
        raise TemplatesDoNotFit("a group has one template of packaged subtitles at most")
    if len({config.package.kind for config in configs if config.package}) > 1:
        raise TemplatesDoNotFit("a group is packaged as HLS or as DASH")
    if subtitles and not any(config.package and config.spec for config in configs):
        raise TemplatesDoNotFit("packaged subtitles need a rendition that is packaged with them")
