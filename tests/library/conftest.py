"""Libraries for tests: media straight in the database, without uploads."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.settings import settings
from chalicelib.store import database, media
from chalicelib.store.media import Media, MediaStatus, MediaType

APP = "app-1000000"


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database and nothing else: there is no queue that could be hinted at."""
    monkeypatch.setenv("OPENVOD_DATABASE_URL", database_url)
    monkeypatch.setenv("OPENVOD_MEDIA_BUCKET", "bucket")
    monkeypatch.setenv("OPENVOD_STORAGE_ENDPOINT", "http://storage.example")
    monkeypatch.setattr("chalicelib.events.announce", lambda event_ids: None)
    settings.cache_clear()
    database.close()
    yield
    settings.cache_clear()
    database.close()


def a_media(account_id: str, **more: Any) -> Media:
    """A media as it would be after its upload; nothing is written."""
    now = datetime.now(UTC)
    media_id = uuid.uuid4().hex
    values: dict[str, Any] = {
        "media_id": media_id,
        "account_id": account_id,
        "app_id": APP,
        "title": "A clip",
        "file_name": "clip.mp4",
        "extension": "mp4",
        "source_key": f"upload/{media_id}/original.mp4",
        "status": MediaStatus.NORMAL,
        "template_group_id": "g",
        "generation": 1,
        "created_at": now,
        "modified_at": now,
        "media_type": MediaType.VIDEO,
    }
    return Media(**(values | more))


def put(*several: Media) -> None:
    """Write media into the library."""

    def write(tx: database.Transaction) -> None:
        for item in several:
            media.insert(tx, item)

    database.run(write)
