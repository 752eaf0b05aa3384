"""Animated images and templates of pictures (tables ``animated_image``, ``picture_template``)."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

TemplateKind = Literal["snapshot", "animated"]


class AnimatedImage(BaseModel):
    """One animated image of a video. ``image_id`` follows from the id of the job that made it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    image_id: str
    job_id: str
    account_id: str
    media_id: str
    format: str
    object_key: str
    size: int
    width: int
    height: int
    fps: str
    duration_ms: int
    created_at: datetime


class PictureTemplate(BaseModel):
    """How to take snapshots, or make an animated image.

    ``config`` is JSON as the client gave it, ``spec`` the JSON of a mediaspec.SnapshotSpec or
    AnimatedSpec.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    template_id: str
    account_id: str
    app_id: str
    kind: TemplateKind
    name: str
    config: str
    spec: str
    created_at: datetime
    modified_at: datetime


_IMAGE = tuple(AnimatedImage.model_fields)
_TEMPLATE = tuple(PictureTemplate.model_fields)


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 - names come from the models
        f"VALUES ({', '.join(f'%({name})s' for name in columns)}) ON CONFLICT DO NOTHING"
    )


_INSERT_IMAGE = _insert("animated_image", _IMAGE)
_INSERT_TEMPLATE = _insert("picture_template", _TEMPLATE)


def put_image(tx: Transaction, image: AnimatedImage) -> None:
    """Record an animated image; once more changes nothing."""
    change(tx, _INSERT_IMAGE, **image.model_dump())


def images_of(tx: Transaction, media_id: str) -> list[AnimatedImage]:
    """All animated images of a video, the newest first."""
    rows = many(
        tx,
        "SELECT * FROM animated_image WHERE media_id = %(media_id)s"
        " ORDER BY created_at DESC, image_id",
        media_id=media_id,
    )
    return [AnimatedImage.model_validate(row) for row in rows]


def drop_images(tx: Transaction, media_id: str, image_ids: list[str]) -> int:
    """Forget these animated images of a video; their files stay."""
    return change(
        tx,
        "DELETE FROM animated_image WHERE media_id = %(media_id)s AND image_id = ANY(%(ids)s)",
        media_id=media_id,
        ids=image_ids,
    )


def put_template(tx: Transaction, template: PictureTemplate) -> None:
    """Add a template."""
    change(tx, _INSERT_TEMPLATE, **template.model_dump())


def get_template(tx: Transaction, account_id: str, template_id: str) -> PictureTemplate | None:
    """One template of the account."""
    row = one(
        tx,
        "SELECT * FROM picture_template WHERE template_id = %(template_id)s"
        " AND account_id = %(account_id)s",
        template_id=template_id,
        account_id=account_id,
    )
    return PictureTemplate.model_validate(row) if row else None


def templates_of(
    tx: Transaction, account_id: str, app_id: str, kind: TemplateKind
) -> list[PictureTemplate]:
    """The templates of an application, the newest first."""
    rows = many(
        tx,
        "SELECT * FROM picture_template WHERE account_id = %(account_id)s AND app_id = %(app_id)s"
        " AND kind = %(kind)s ORDER BY created_at DESC, template_id",
        account_id=account_id,
        app_id=app_id,
        kind=kind,
    )
    return [PictureTemplate.model_validate(row) for row in rows]


def update_template(tx: Transaction, template: PictureTemplate) -> None:
    """Write a template's name, configuration and time of change."""
    change(
        tx,
        "UPDATE picture_template SET name = %(name)s, config = %(config)s, spec = %(spec)s,"
        " modified_at = %(modified_at)s WHERE template_id = %(template_id)s",
        **template.model_dump(include={"name", "config", "spec", "modified_at", "template_id"}),
    )


def drop_template(tx: Transaction, account_id: str, template_id: str) -> int:
    """Remove a template; returns 0 if the account has none with this id."""
    return change(
        tx,
        "DELETE FROM picture_template WHERE template_id = %(template_id)s"
        " AND account_id = %(account_id)s",
        template_id=template_id,
        account_id=account_id,
    )
