"""Template groups of accounts: plain SQL over ``template_group`` and ``template``."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one


class TemplateGroupRow(BaseModel):
    """One group. ``locked``: nothing of it may be changed until it is unlocked."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    group_id: str
    account_id: str
    app_id: str
    name: str
    locked: bool = False
    created_at: datetime
    modified_at: datetime


class TemplateRow(BaseModel):
    """One template of a group; ``position`` orders them.

    ``config`` is JSON of processing.template_groups.TemplateConfig. ``source`` is the document that
    it was made of, as the client gave it: what a client reads back is what it wrote.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    template_id: str
    group_id: str
    position: int
    name: str
    definition: str
    config: str
    source: str
    created_at: datetime
    modified_at: datetime


def insert_group(tx: Transaction, group: TemplateGroupRow) -> None:
    """Add a group."""
    change(
        tx,
        "INSERT INTO template_group"
        " (group_id, account_id, app_id, name, locked, created_at, modified_at)"
        " VALUES (%(group_id)s, %(account_id)s, %(app_id)s, %(name)s, %(locked)s,"
        " %(created_at)s, %(modified_at)s)",
        **group.model_dump(),
    )


def change_group(
    tx: Transaction, group_id: str, now: datetime, *, name: str | None, locked: bool | None
) -> None:
    """Set what is given. Also called without: concurrent changes of a group wait for each other."""
    change(
        tx,
        "UPDATE template_group SET name = coalesce(%(name)s, name),"
        " locked = coalesce(%(locked)s, locked), modified_at = %(now)s"
        " WHERE group_id = %(group_id)s",
        group_id=group_id,
        name=name,
        locked=locked,
        now=now,
    )


def get_group(tx: Transaction, account_id: str, group_id: str) -> TemplateGroupRow | None:
    """One group of the account."""
    row = one(
        tx,
        "SELECT * FROM template_group"
        " WHERE group_id = %(group_id)s AND account_id = %(account_id)s",
        group_id=group_id,
        account_id=account_id,
    )
    return TemplateGroupRow.model_validate(row) if row else None


def groups_of(tx: Transaction, account_id: str, app_id: str) -> list[TemplateGroupRow]:
    """The groups of one application, oldest first."""
    rows = many(
        tx,
        "SELECT * FROM template_group"
        " WHERE account_id = %(account_id)s AND app_id = %(app_id)s"
        " ORDER BY created_at, group_id",
        account_id=account_id,
        app_id=app_id,
    )
    return [TemplateGroupRow.model_validate(row) for row in rows]


def delete_group(tx: Transaction, group_id: str) -> None:
    """Remove a group with its templates."""
    change(tx, "DELETE FROM template WHERE group_id = %(group_id)s", group_id=group_id)
    change(tx, "DELETE FROM template_group WHERE group_id = %(group_id)s", group_id=group_id)


def insert_template(tx: Transaction, template: TemplateRow) -> None:
    """Add a template."""
    change(
        tx,
        "INSERT INTO template (template_id, group_id, position, name, definition, config, source,"
        " created_at, modified_at) VALUES (%(template_id)s, %(group_id)s, %(position)s, %(name)s,"
        " %(definition)s, %(config)s, %(source)s, %(created_at)s, %(modified_at)s)",
        **template.model_dump(),
    )


def change_template(
    tx: Transaction, template_id: str, now: datetime, *, name: str, config: str, source: str
) -> None:
    """Put another configuration in the place of a template's."""
    change(
        tx,
        "UPDATE template SET name = %(name)s, config = %(config)s, source = %(source)s,"
        " modified_at = %(now)s WHERE template_id = %(template_id)s",
        template_id=template_id,
        name=name,
        config=config,
        source=source,
        now=now,
    )


def templates_of(tx: Transaction, group_id: str) -> list[TemplateRow]:
    """The templates of a group in their order."""
    rows = many(
        tx,
        "SELECT * FROM template WHERE group_id = %(group_id)s ORDER BY position, template_id",
        group_id=group_id,
    )
    return [TemplateRow.model_validate(row) for row in rows]


def delete_templates(tx: Transaction, group_id: str, template_ids: list[str]) -> None:
    """Remove some templates of a group."""
    change(
        tx,
        "DELETE FROM template WHERE group_id = %(group_id)s AND template_id = ANY(%(ids)s)",
        group_id=group_id,
        ids=template_ids,
    )
