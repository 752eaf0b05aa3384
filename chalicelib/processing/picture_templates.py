"""Templates of snapshots and animated images (VOD API manual 8.3)."""

from datetime import UTC, datetime

from chalicelib.processing.errors import PictureTemplateNotFound
from chalicelib.store import database, jobs, pictures
from chalicelib.store.database import Transaction
from chalicelib.store.pictures import PictureTemplate, TemplateKind


def add_template(
    account_id: str, app_id: str, kind: TemplateKind, name: str, config: str, spec: str
) -> PictureTemplate:
    """Make a template; ``config`` is what the client gave, ``spec`` what it means, both JSON."""
    now = datetime.now(UTC)
    template = PictureTemplate(
        template_id=jobs.new_id(),
        account_id=account_id,
        app_id=app_id,
        kind=kind,
        name=name,
        config=config,
        spec=spec,
        created_at=now,
        modified_at=now,
    )
    database.run(lambda tx: pictures.put_template(tx, template))
    return template


def get_template(account_id: str, template_id: str) -> PictureTemplate:
    """One template. Raises PictureTemplateNotFound."""
    return database.run(lambda tx: require_template(tx, account_id, template_id))


def require_template(
    tx: Transaction, account_id: str, template_id: str, kind: TemplateKind | None = None
) -> PictureTemplate:
    """A template inside a transaction, of this kind. Raises PictureTemplateNotFound."""
    template = pictures.get_template(tx, account_id, template_id)
    if template is None or kind not in (None, template.kind):
        raise PictureTemplateNotFound(template_id)
    return template


def list_templates(account_id: str, app_id: str, kind: TemplateKind) -> list[PictureTemplate]:
    """The templates of an application, the newest first."""
    return database.run(lambda tx: pictures.templates_of(tx, account_id, app_id, kind))


def change_template(
    account_id: str, template_id: str, name: str | None, config: str | None, spec: str | None
) -> None:
    """Give a template another name, or another configuration. Raises PictureTemplateNotFound."""

    def write(tx: Transaction) -> None:
        template = require_template(tx, account_id, template_id)
        given = {"name": name, "config": config, "spec": spec}
        changes: dict[str, object] = {key: text for key, text in given.items() if text is not None}
        changes["modified_at"] = datetime.now(UTC)
        pictures.update_template(tx, template.model_copy(update=changes))

    database.run(write)


def delete_template(account_id: str, template_id: str) -> None:
    """Remove a template. Raises PictureTemplateNotFound."""

    def write(tx: Transaction) -> bool:
        # Read first: whether the caller may see it is decided where rows are read.
        if pictures.get_template(tx, account_id, template_id) is None:
            return False
        return bool(pictures.drop_template(tx, account_id, template_id))

    if not database.run(write):
        raise PictureTemplateNotFound(template_id)
