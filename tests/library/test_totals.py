"""Totals and the index of texts follow every change, also when many change at once."""

import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chalicelib.library.upkeep import (
    add_up_totals,
    check_totals,
    clear_changes,
    index_old_media,
)
from chalicelib.store import database, media, media_changes, media_select, media_texts
from chalicelib.store.media import Media, MediaStatus, MediaType
from chalicelib.store.media_filter import (
    EVERYTHING,
    All,
    AnyOf,
    Between,
    Contains,
    Filter,
    IsOneOf,
    Not,
    Scope,
)
from tests.library.conftest import a_media, put


def _total(account_id: str, wanted: Filter = EVERYTHING, kind: str = "video") -> int:
    return database.run(lambda tx: media_select.total(tx, Scope(account_id, (kind,)), wanted))


def _cells(account_id: str) -> Counter[tuple[Any, ...]]:
    """What the numbers and their changes come to, without cells that are empty."""
    rows = database.run(
        lambda tx: database.many(
            tx,
            "SELECT app_id, media_type, status, category_id, month, sum(amount) AS amount FROM"
            " (SELECT * FROM media_count UNION ALL SELECT account_id, cell, app_id, media_type,"
            "  status, category_id, month, amount FROM media_count_change) AS cells"
            " WHERE account_id = %(account_id)s GROUP BY 1, 2, 3, 4, 5",
            account_id=account_id,
        )
    )
    return Counter({tuple(row.values())[:5]: row["amount"] for row in rows if row["amount"]})


def _counted(account_id: str) -> Counter[tuple[Any, ...]]:
    rows = database.run(
        lambda tx: database.many(
            tx,
            "SELECT app_id, media_type, status, category_id,"
            " to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS amount"
            " FROM media WHERE account_id = %(account_id)s GROUP BY 1, 2, 3, 4, 5",
            account_id=account_id,
        )
    )
    return Counter({tuple(row.values())[:5]: row["amount"] for row in rows})


def _endings(account_id: str) -> Counter[tuple[str, str, str, str, int]]:
    rows = database.run(
        lambda tx: database.many(
            tx,
            "SELECT media_id, field, ending, before, repeated FROM media_text"
            " WHERE account_id = %(account_id)s",
            account_id=account_id,
        )
    )
    return Counter(tuple(row.values()) for row in rows)  # type: ignore[misc]


def _change(media_id: str, **values: Any) -> None:
    def write(tx: database.Transaction) -> None:
        before = media.get_any(tx, media_id)
        assert before is not None
        media.update(tx, before, before.model_copy(update=values))

    database.run(write)


def _delete(media_id: str) -> None:
    def write(tx: database.Transaction) -> None:
        found = media.get_any(tx, media_id)
        assert found is not None
        media.delete(tx, found)

    database.run(write)


def test_totals_follow_a_media_through_its_life(account_id: str) -> None:
    clip = a_media(account_id, status=MediaStatus.UPLOADING, generation=0)
    put(clip)
    now = datetime.now(UTC)
    steps = [
        lambda tx: media.record_upload(tx, clip.media_id, size=5, etag="e", sequencer="1", now=now),
        lambda tx: media.set_status(tx, clip.media_id, MediaStatus.TRANSCODING, now),
        lambda tx: media.record_failure(tx, clip.media_id, "Code", "message", now),
        lambda tx: media.set_status(tx, clip.media_id, MediaStatus.NORMAL, now),
    ]
    states = ["uploaded", "transcoding", "transcode_failed", "normal"]
    for step, status in zip(steps, states, strict=True):
        database.run(step)
        assert _total(account_id, IsOneOf("status", (status,))) == 1
        assert _total(account_id) == 1
        assert _cells(account_id) == _counted(account_id)
        add_up_totals()
        assert _cells(account_id) == _counted(account_id)
    _change(clip.media_id, category_id=5, app_id="app-2")
    assert _total(account_id, IsOneOf("category_id", (5,))) == 1
    _delete(clip.media_id)
    assert _total(account_id) == 0
    add_up_totals()
    assert not _cells(account_id)


def test_totals_do_not_drift_when_many_write_while_they_are_added_up(account_id: str) -> None:
    clips = [a_media(account_id, status=MediaStatus.UPLOADING) for _ in range(12)]
    put(*clips)
    over = threading.Event()

    def add_up() -> int:
        done = 0
        while not over.is_set():
            done += add_up_totals() + check_totals()
        database.close()
        return done

    def live(number: int) -> None:
        now = datetime.now(UTC)
        for round_ in range(6):
            clip = clips[(number + round_) % len(clips)]
            status = list(MediaStatus)[(number * round_) % 8]
            database.run(lambda tx, c=clip, s=status: media.set_status(tx, c.media_id, s, now))  # type: ignore[misc]
            _change(clip.media_id, category_id=(number + round_) % 3 or None)
        put(a_media(account_id))
        database.close()

    with ThreadPoolExecutor(8) as pool:
        adding = [pool.submit(add_up) for _ in range(2)]
        for done in [pool.submit(live, number) for number in range(6)]:
            done.result()
        over.set()
        for done in adding:
            assert done.result() >= 0
    assert _total(account_id) == 18
    assert _cells(account_id) == _counted(account_id)


def test_totals_that_are_wrong_are_put_right(account_id: str, database_url: str) -> None:
    clips = [a_media(account_id, category_id=n % 2 or None) for n in range(6)]
    put(*clips)
    add_up_totals()
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As a function of a former version does it, and as nobody should.
        connection.execute(
            "UPDATE media SET status = 'blocked' WHERE media_id = %s", [clips[0].media_id]
        )
        connection.execute("DELETE FROM media WHERE media_id = %s", [clips[1].media_id])
        connection.execute("UPDATE media_count_check SET due_at = now() + interval '1 hour'")
        assert check_totals() == 0
        connection.execute(
            "UPDATE media_count_check SET due_at = now() WHERE account_id = %s", [account_id]
        )
    assert _cells(account_id) != _counted(account_id)
    assert check_totals() == 3
    assert _cells(account_id) == _counted(account_id)
    assert check_totals() == 0
    assert _total(account_id, IsOneOf("status", ("blocked",))) == 1


def test_the_index_of_texts_holds_what_is_there(account_id: str) -> None:
    clip = a_media(account_id, title="Abc", tags="x", description="wxyz1")
    put(clip)

    def held(title: str, tags: str, description: str) -> set[tuple[str, str, str, str, int]]:
        texts = {"title": title, "tags": tags, "description": description}
        return {
            (clip.media_id, field, ending, before, repeated)
            for field, text in texts.items()
            for ending, before, repeated in media_texts.endings(text, media_texts.STEPS[field])
        }

    first = {("abc", "", 0), ("bc", "", 0), ("c", "", 0)}
    assert media_texts.endings("Abc", 1) == first
    assert media_texts.endings("ababa", 1) == {("ababa", "", 0), ("baba", "", 0)}
    assert media_texts.endings("abac", 1) == {
        ("abac", "", 0),
        ("bac", "", 0),
        ("ac", "", 1),
        ("c", "", 0),
    }
    assert media_texts.endings("wxyz1", 2) == {("wxyz1", "", 0), ("yz1", "x", 0), ("1", "z", 0)}
    assert set(_endings(account_id)) == held("Abc", "x", "wxyz1")
    _change(clip.media_id, title="xbc", tags="")
    assert set(_endings(account_id)) == held("xbc", "", "wxyz1")
    _change(clip.media_id, description="", app_id="app-2")
    assert set(_endings(account_id)) == held("xbc", "", "")
    _delete(clip.media_id)
    assert not _endings(account_id)


def test_no_change_of_a_media_touches_more_rows_than_a_transaction_takes(account_id: str) -> None:
    """Aurora DSQL takes 3,000; the longest texts that the API lets in are all replaced at once."""

    def texts(first: int) -> dict[str, str]:
        def run(start: int, length: int) -> str:
            return "".join(chr(first + start + n) for n in range(length))

        tags = ",".join(run(2000 + 32 * n, 32) for n in range(16))
        return {"title": run(0, 128), "description": run(500, 1024), "tags": tags}

    clip = a_media(account_id, **texts(0x4E00))
    other = clip.model_copy(update=texts(0x6E00))
    put(clip)
    written = database.run(lambda tx: media_texts.put(tx, clip, other))
    assert 2_000 < written < 2_900


def test_words_are_found_at_every_place_of_every_field(account_id: str) -> None:
    text = "abcdefghijklmnopqrstuvwxyz0123456789"
    image = a_media(
        account_id,
        media_type=MediaType.IMAGE,
        title=text,
        tags=text,
        description=text,
        file_name=text,
    )
    put(image, a_media(account_id, media_type=MediaType.IMAGE, title="中", file_name="中"))
    columns: tuple[Any, ...] = ("title", "tags", "description", "file_name")
    for column in columns:
        for length in (1, 2, 3, media_texts.LENGTH, media_texts.LENGTH + 1, len(text)):
            places = range(0, len(text) - length + 1, 1 if length < 4 else 5)
            words = [text[place : place + length] for place in places]
            found = [_total(account_id, Contains(column, word), "image") for word in words]
            assert found == [1] * len(words), (column, length)
        wrong = (text[1:13] + "x", "x" + text[:2], text[5:3:-1])
        assert _total(account_id, AnyOf(tuple(Contains(column, w) for w in wrong)), "image") == 0


@pytest.mark.parametrize("text", ["aaaa", "abababab", "clip of a clip of a clip", "音乐音乐会音"])
def test_a_word_that_repeats_counts_once(text: str, account_id: str) -> None:
    put(a_media(account_id, title=text), a_media(account_id, title=f"x{text}y{text}"))
    words = {text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)}
    words = {word for word in words if len(word) <= 14}
    found = {word: _total(account_id, Contains("title", word)) for word in words}
    assert found == dict.fromkeys(words, 2)


def test_media_of_a_former_version_become_known(account_id: str, database_url: str) -> None:
    """A function of the version before writes rows without the new columns."""
    row = a_media(account_id, title="Former", extension="mp3").model_dump(
        exclude={
            "media_type",
            "business_type",
            "icon_url",
            "category_ids",
            "duration_ms",
            "source_deleted_at",
            "preprocessing",
            "indexed",
        }
    )
    names = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"INSERT INTO media ({names}) VALUES ({values})", row)
    # Until then it can change and even go without harm to the totals.
    now = datetime.now(UTC)
    database.run(lambda tx: media.set_status(tx, row["media_id"], MediaStatus.BLOCKED, now))
    assert not _cells(account_id)
    assert index_old_media() >= 1
    assert _total(account_id, kind="audio") == 1
    assert _total(account_id, Contains("title", "orme"), "audio") == 1
    assert _cells(account_id) == _counted(account_id)
    found = database.run(lambda tx: media.get_any(tx, row["media_id"]))
    assert isinstance(found, Media)
    assert found.indexed
    assert index_old_media() == 0


def test_an_attached_media_counts_in_each_of_its_categories(account_id: str) -> None:
    put(
        a_media(account_id, media_type=MediaType.ATTACHED, category_ids="[5, 61]"),
        a_media(account_id, media_type=MediaType.ATTACHED, category_ids="[]"),
    )
    wanted = [IsOneOf("category_id", values) for values in ((5,), (61,), (6,), (1, 61))]
    assert [_total(account_id, item, "attached") for item in wanted] == [1, 1, 0, 1]


def test_what_totals_and_searches_know_is_changed_in_one_place() -> None:
    """Any other UPDATE would leave them behind; the store's media module takes them along."""
    known = "status|category_id|app_id|media_type|title|tags|description|file_name"
    changing = re.compile(rf"UPDATE media SET\b[^;]*?\b({known}) = ", re.DOTALL)
    store = Path(media.__file__).parent
    outside = [p.name for p in store.glob("*.py") if changing.search(p.read_text("utf-8"))]
    assert set(outside) == {"media.py"}


_NORMAL = IsOneOf("status", ("normal",))
# None of them can be read from the cells.
_COUNTED: tuple[Filter, ...] = (
    Contains("title", "i"),
    Contains("description", "a long description"),
    AnyOf((Contains("tags", "one"), Contains("title", "clip"))),
    All((Contains("title", "clip"), _NORMAL)),
    Not(Contains("title", "clip")),
    Between("source_size", 5, None),
    Between("duration_ms", None, 2_000),
    IsOneOf("preprocessing", ("running",)),
    IsOneOf("media_id", ("0" * 32,)),
)


@pytest.fixture
def all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However quickly a total was counted."""
    monkeypatch.setattr(media_select, "_WORTH_REMEMBERING_SECONDS", -1.0)


def _remembered(account_id: str) -> int:
    rows = database.run(
        lambda tx: database.many(
            tx, "SELECT slot FROM media_total WHERE account_id = %(a)s", a=account_id
        )
    )
    return len(rows)


def _totals(account_id: str) -> list[int]:
    """What the searches answer; in the same moment each is counted anew."""

    def read(tx: database.Transaction) -> list[int]:
        scopes = [Scope(account_id, ("video",)), Scope(account_id, ("video", "audio"), ("app-2",))]
        asked = [(scope, wanted) for scope in scopes for wanted in _COUNTED]
        answered = [media_select.total(tx, *question) for question in asked]
        assert answered == [media_select._counted_total(tx, *question) for question in asked]
        return answered

    return database.run(read)


@pytest.mark.usefixtures("all_remembered")
def test_remembered_totals_follow_every_change(account_id: str) -> None:
    clip = a_media(account_id, title="A film clip", tags="one", status=MediaStatus.UPLOADING)
    put(clip, *(a_media(account_id, title=f"clip {n}") for n in range(3)))
    now = datetime.now(UTC)
    name = clip.media_id
    facts = '{"duration": 1.5}'

    def record(tx: database.Transaction) -> None:
        media.record_upload(tx, name, size=9, etag="e", sequencer="1", now=now)
        media.record_facts(tx, name, 1, facts)

    steps: list[Any] = [
        lambda: database.run(record),
        lambda: database.run(lambda tx: media.set_preprocessing(tx, name, "running")),
        lambda: database.run(lambda tx: media.set_status(tx, name, MediaStatus.NORMAL, now)),
        lambda: _change(name, title="A clip", description="with a long description"),
        lambda: _change(name, app_id="app-2"),
        lambda: put(a_media(account_id, app_id="app-2", media_type=MediaType.AUDIO, title="hi")),
        lambda: _delete(name),
    ]
    seen = [_totals(account_id)]
    assert _remembered(account_id) > len(_COUNTED)
    for step in steps:
        step()
        seen.append(_totals(account_id))
        assert seen[-1] != seen[-2]


@pytest.mark.usefixtures("all_remembered")
def test_a_total_that_is_remembered_is_not_counted_again(
    account_id: str, database_url: str
) -> None:
    put(a_media(account_id), a_media(account_id))
    word = Contains("title", "lip")
    assert _total(account_id, word) == 2
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM media_text WHERE account_id = %s", [account_id])
    assert _total(account_id, word) == 2
    with psycopg.connect(database_url, autocommit=True) as connection:
        # The check of the numbers, which comes a few times a day, has it counted anew.
        connection.execute(
            "INSERT INTO media_count_check (account_id, due_at) VALUES (%s, '2020-01-01')",
            [account_id],
        )
    check_totals()
    assert _total(account_id, word) == 0


@pytest.mark.usefixtures("all_remembered")
def test_remembered_totals_do_not_drift_while_changes_are_cleared_away(
    account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_changes, "MOST_CHANGES", 5)
    put(*(a_media(account_id, title=f"clip {n}") for n in range(6)))
    over = threading.Event()

    def meanwhile(work: Any) -> None:
        while not over.is_set():
            work()
        database.close()

    def live(number: int) -> None:
        for round_ in range(6):
            clip = a_media(account_id, title=f"clip {number}")
            put(clip)
            _change(clip.media_id, title="film", tags="one" if round_ % 2 else "")
            if round_ % 3 == 0:
                _delete(clip.media_id)
        database.close()

    with ThreadPoolExecutor(6) as pool:
        others = [
            pool.submit(meanwhile, clear_changes),
            pool.submit(meanwhile, lambda: _totals(account_id)),
            pool.submit(meanwhile, lambda: _totals(account_id)),
        ]
        for done in [pool.submit(live, number) for number in range(3)]:
            done.result()
        over.set()
        for done in others:
            done.result()
    clear_changes()
    assert _totals(account_id)[0] == 6 + 3 * 4
    changes = database.run(
        lambda tx: database.many(
            tx, "SELECT amount FROM media_change WHERE account_id = %(a)s", a=account_id
        )
    )
    assert len(changes) <= 5
