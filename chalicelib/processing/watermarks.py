"""Watermarks of accounts (VOD API manual 8.4, developer guide 6.5)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import TypeAdapter

from chalicelib.library.deletion import delete_media
from chalicelib.mediaspec.watermark import ImageWatermark, TextWatermark, Watermark
from chalicelib.processing.errors import WatermarkIsDefault, WatermarkNotFound
from chalicelib.processing.template_groups import DEFAULT_WATERMARK
from chalicelib.store import database, keys, processing_defaults, watermarks
from chalicelib.store.database import Transaction
from chalicelib.store.media import MediaType
from chalicelib.store.watermarks import WatermarkRow


@dataclass(frozen=True)
class WatermarkDraft:
    """A watermark to be stored: what it lays over the picture, and the client's own document."""

    name: str
    overlay: Watermark
    source: str


@dataclass(frozen=True)
class WatermarkView:
    """A watermark, and whether it is the default of its application."""

    row: WatermarkRow
    is_default: bool


@dataclass(frozen=True)
class Replacements:
    """What one request puts in the place of stored contents, by watermark id.

    ``files`` are object keys for image watermarks, ``texts`` contents for text watermarks.
    """

    files: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


NO_REPLACEMENTS = Replacements()


def add_watermark(account_id: str, app_id: str, draft: WatermarkDraft) -> WatermarkView:
    """Store a watermark."""
    now = datetime.now(UTC)
    row = WatermarkRow(
        watermark_id=uuid.uuid4().hex,
        account_id=account_id,
        app_id=app_id,
        name=draft.name,
        kind=draft.overlay.kind,
        object_key=draft.overlay.file if isinstance(draft.overlay, ImageWatermark) else "",
        config=draft.overlay.model_dump_json(),
        source=draft.source,
        created_at=now,
        modified_at=now,
    )
    database.run(lambda tx: watermarks.insert_watermark(tx, row))
    return WatermarkView(row, is_default=False)


def change_watermark(account_id: str, watermark_id: str, draft: WatermarkDraft) -> WatermarkView:
    """Put another name and configuration in the place of a watermark's.

    Kind and file stay: the draft must have been made for them. Raises WatermarkNotFound.
    """

    def write(tx: Transaction) -> WatermarkView:
        _require(tx, account_id, watermark_id)
        watermarks.change_watermark(
            tx,
            watermark_id,
            datetime.now(UTC),
            name=draft.name,
            config=draft.overlay.model_dump_json(),
            source=draft.source,
        )
        return _view(tx, _require(tx, account_id, watermark_id))

    return database.run(write)


def view_watermark(account_id: str, watermark_id: str) -> WatermarkView:
    """One watermark. Raises WatermarkNotFound."""
    return database.run(lambda tx: _view(tx, _require(tx, account_id, watermark_id)))


def list_watermarks(account_id: str, app_id: str) -> list[WatermarkView]:
    """The watermarks of one application, newest first."""

    def read(tx: Transaction) -> list[WatermarkView]:
        default = processing_defaults.get_defaults(tx, account_id, app_id).watermark_id
        return [
            WatermarkView(row, row.watermark_id == default)
            for row in watermarks.watermarks_of(tx, account_id, app_id)
        ]

    return database.run(read)


def set_default_watermark(account_id: str, watermark_id: str) -> None:
    """Make it the one that templates mean by the default. Raises WatermarkNotFound."""

    def write(tx: Transaction) -> None:
        row = _require(tx, account_id, watermark_id)
        processing_defaults.change_defaults(tx, account_id, row.app_id, watermark_id=watermark_id)

    database.run(write)


def delete_watermark(account_id: str, watermark_id: str) -> None:
    """Remove a watermark and for good the file that was uploaded for it.

    A file that another watermark uses, or that is more than an auxiliary file, stays. Raises
    WatermarkNotFound, WatermarkIsDefault.
    """

    def write(tx: Transaction) -> str | None:
        row = _require(tx, account_id, watermark_id)
        # Counted up: nobody makes it the default while it is being deleted.
        processing_defaults.change_defaults(tx, account_id, row.app_id)
        if _view(tx, row).is_default:
            raise WatermarkIsDefault(watermark_id)
        watermarks.delete_watermark(tx, watermark_id)
        others = watermarks.watermarks_of(tx, account_id, row.app_id)
        if any(other.object_key == row.object_key for other in others):
            return None
        return keys.media_of_source(row.object_key)

    file_id = database.run(write)
    if file_id is not None:
        delete_media(account_id, [file_id], frozenset({MediaType.ATTACHED}))


def require_watermarks(account_id: str, watermark_ids: Iterable[str]) -> None:
    """Raises WatermarkNotFound for the first that the account does not have."""

    def read(tx: Transaction) -> None:
        for watermark_id in watermark_ids:
            if watermark_id != DEFAULT_WATERMARK:
                _require(tx, account_id, watermark_id)

    database.run(read)


def overlays(
    tx: Transaction,
    account_id: str,
    app_id: str,
    watermark_ids: Iterable[str],
    replaced: Replacements = NO_REPLACEMENTS,
) -> list[tuple[str, Watermark]]:
    """What a rendition lays over its picture, with the ids, in order.

    The placeholder of the default stands for nothing as long as there is no default. Raises
    WatermarkNotFound: a video that was to be marked must not come out without its mark.
    """
    found: list[tuple[str, Watermark]] = []
    for wanted in watermark_ids:
        watermark_id = wanted
        if wanted == DEFAULT_WATERMARK:
            watermark_id = processing_defaults.get_defaults(tx, account_id, app_id).watermark_id
            if not watermark_id:
                continue
        row = _require(tx, account_id, watermark_id)
        found.append((watermark_id, _replaced(overlay_of(row), watermark_id, replaced)))
    return found


def overlay_of(row: WatermarkRow) -> Watermark:
    """What a stored watermark lays over the picture."""
    overlay: Watermark = TypeAdapter(Watermark).validate_json(row.config)
    return overlay


def _replaced(overlay: Watermark, watermark_id: str, replaced: Replacements) -> Watermark:
    if isinstance(overlay, TextWatermark):
        text = replaced.texts.get(watermark_id)
        return overlay.model_copy(update={"text": text}) if text else overlay
    file = replaced.files.get(watermark_id)
    return overlay.model_copy(update={"file": file}) if file else overlay


def _require(tx: Transaction, account_id: str, watermark_id: str) -> WatermarkRow:
    row = watermarks.get_watermark(tx, account_id, watermark_id)
    if row is None:
        raise WatermarkNotFound(watermark_id)
    return row


def _view(tx: Transaction, row: WatermarkRow) -> WatermarkView:
    chosen = processing_defaults.get_defaults(tx, row.account_id, row.app_id)
    return WatermarkView(row, chosen.watermark_id == row.watermark_id)
