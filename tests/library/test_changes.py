"""Changing media: only what was given, told as an event, and nothing lost in a crowd."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.library import MediaNotFound, changes
from chalicelib.library.changes import Changes
from chalicelib.store import database, media
from chalicelib.store.media import Media, MediaType
from tests.library.conftest import a_media, put


def _now(record: Media) -> Media:
    found = database.run(lambda tx: media.get_any(tx, record.media_id))
    assert found is not None
    return found


def _events(record: Media) -> list[dict[str, Any]]:
    rows = database.run(
        lambda tx: database.many(
            tx,
            "SELECT event_type, payload FROM event WHERE media_id = %(id)s"
            " ORDER BY occurred_at, event_id",
            id=record.media_id,
        )
    )
    assert {row["event_type"] for row in rows} <= {"media_changed"}
    return [json.loads(row["payload"]) for row in rows]


def test_only_what_is_given_changes(account_id: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    clip = a_media(account_id, title="a", description="b", tags="c", modified_at=yesterday)
    put(clip)
    changes.update_media(account_id, clip.media_id, Changes(title="x", category_id=3))
    found = _now(clip)
    assert found.modified_at > yesterday
    expected = {"title": "x", "category_id": 3, "modified_at": found.modified_at, "indexed": True}
    assert found == clip.model_copy(update=expected)
    changes.update_media(account_id, clip.media_id, Changes(description="", tags=""))
    assert (_now(clip).description, _now(clip).tags, _now(clip).title) == ("", "", "x")
    first, second = _events(clip)
    assert (first["title"], first["category_id"]) == (
        {"old": "a", "new": "x"},
        {"old": None, "new": 3},
    )
    assert first["description"] is None
    assert (second["description"], second["tags"]) == (
        {"old": "b", "new": None},
        {"old": "c", "new": None},
    )


def test_what_changes_nothing_tells_nothing(account_id: str) -> None:
    clip = a_media(account_id)
    put(clip)
    before = _now(clip)
    changes.update_media(account_id, clip.media_id, Changes(title=clip.title))
    changes.update_media(account_id, clip.media_id, Changes())
    assert _now(clip) == before
    assert _events(clip) == []


def test_media_of_others_and_of_other_kinds_are_unknown(account_id: str) -> None:
    clip = a_media("another account")
    image = a_media(account_id, media_type=MediaType.IMAGE)
    own = a_media(account_id)
    put(clip, image, own)
    for record in (clip, image):
        with pytest.raises(MediaNotFound):
            changes.update_media(account_id, record.media_id, Changes(title="mine"))
    several = [(r.media_id, Changes(title="mine")) for r in (clip, own, image)]
    done = changes.update_several(account_id, several)
    assert (done.unknown, done.forbidden) == ([clip.media_id, image.media_id], [])
    assert [_now(r).title for r in (clip, own, image)] == ["A clip", "mine", "A clip"]


def test_fifty_at_once_lose_no_update(account_id: str) -> None:
    """Each writes a title or tags of its own. Were one lost, its event would say that it replaced
    another value than the one that the event before it had written."""
    clip = a_media(account_id, title="title 0", tags="tag0")
    put(clip)

    def update(number: int) -> None:
        wanted = Changes(title=f"title {number}") if number % 2 else Changes(tags=f"tag{number}")
        changes.update_media(account_id, clip.media_id, wanted)
        database.close()

    with ThreadPoolExecutor(50) as pool:
        for done in [pool.submit(update, number) for number in range(1, 51)]:
            done.result()
    found = _now(clip)
    told = _events(clip)
    assert len(told) == 50
    for field, first, last in (("title", "title 0", found.title), ("tags", "tag0", found.tags)):
        links = {e[field]["old"]: e[field]["new"] for e in told if e[field]}
        assert len(links) == 25
        value = first
        for _ in range(25):
            value = links.pop(value)
        assert value == last
