"""The search protocol against a library in PostgreSQL, each answer beside a plain Python filter."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.apis.aliyun_vod import search_fields, search_syntax
from chalicelib.library import search
from chalicelib.library.search import Search
from chalicelib.library.upkeep import add_up_totals
from chalicelib.store import database, media
from chalicelib.store.media import Media, MediaStatus, MediaType, Preprocessing
from chalicelib.store.media_filter import Scope, Sort
from tests.library.conftest import a_media, put

_START = datetime(2025, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)
_TITLES = ["Morning 音乐", "音乐会 live", "A clip", "clip of a Clip", "音", "aaaa", "", "50% _off_"]
_STATES = [MediaStatus.NORMAL, MediaStatus.UPLOADING, MediaStatus.TRANSCODE_FAILED]


def _library(account_id: str, count: int = 60) -> list[Media]:
    """Media whose attributes run through their values at different paces."""
    made = [
        a_media(
            account_id,
            title=_TITLES[n % len(_TITLES)],
            tags=("tag1,tag2", "标签", "")[n % 3],
            description=("描述很长的文字", "described at length, with a view", "", "ab")[n % 4],
            status=_STATES[n % len(_STATES)],
            category_id=(None, 11, 12, 13)[n % 4],
            app_id=("app-1", "app-2")[n % 2],
            source_size=None if n % 5 == 0 else n * 1000,
            duration_ms=None if n % 5 == 0 else n * 500,
            created_at=_START + n * timedelta(days=3),
            modified_at=_START + (count - n) * timedelta(hours=7),
        )
        for n in range(count)
    ]
    put(*made)
    put(a_media(account_id, media_type=MediaType.AUDIO, title="音乐"))
    put(a_media("another", title="音乐"))
    return made


def _has(text: str, word: str) -> bool:
    return word.lower() in text.lower()


_TIME = datetime(2025, 12, 20, 12, 0, 0, tzinfo=UTC)
_MATCHES: dict[str, Callable[[Media], bool]] = {
    "Title = '音乐'": lambda m: _has(m.title, "音乐"),
    "Title = '音'": lambda m: _has(m.title, "音"),
    "Title = 'CLIP'": lambda m: _has(m.title, "clip"),
    "Title = 'ip of'": lambda m: _has(m.title, "ip of"),
    "Title = 'aa'": lambda m: _has(m.title, "aa"),
    "Title = '%'": lambda m: "%" in m.title,
    "Title = '_off_'": lambda m: "_off_" in m.title,
    "Title = 'nowhere'": lambda m: False,
    "Title = 'clip of a clip'": lambda m: m.title == "clip of a Clip",
    "Title = 'clip of a clap'": lambda m: False,
    "Title in ('音乐', 'clip')": lambda m: _has(m.title, "音乐") or _has(m.title, "clip"),
    "Title not in ('音乐', 'clip')": lambda m: not (_has(m.title, "音乐") or _has(m.title, "clip")),
    "Title != 'clip'": lambda m: not _has(m.title, "clip"),
    "Tags = 'tag2'": lambda m: _has(m.tags, "tag2"),
    "Tags = '签'": lambda m: _has(m.tags, "签"),
    "Description = '述'": lambda m: _has(m.description, "述"),
    "Description = '很长'": lambda m: _has(m.description, "很长"),
    "Description = '描述'": lambda m: _has(m.description, "描述"),
    "Description = 'length, with a view'": lambda m: _has(m.description, "length, with"),
    "Description = 'escribed'": lambda m: _has(m.description, "escribed"),
    "(Title='音乐' and Description = '描述')": lambda m: (
        _has(m.title, "音乐") and _has(m.description, "描述")
    ),
    "(Title='音乐' or Description = 'ab')": lambda m: (
        _has(m.title, "音乐") or _has(m.description, "ab")
    ),
    "Title='音乐' or Description='a' or Tags='签'": lambda m: (
        _has(m.title, "音乐") or _has(m.description, "a") or _has(m.tags, "签")
    ),
    "Status = 'Normal'": lambda m: m.status == MediaStatus.NORMAL,
    "Status in ('Normal','Uploading')": lambda m: m.status != MediaStatus.TRANSCODE_FAILED,
    "Status != 'Normal'": lambda m: m.status != MediaStatus.NORMAL,
    "Status = 'UploadFail'": lambda m: False,
    "Status != 'UploadFail'": lambda m: True,
    "CateId = 11": lambda m: m.category_id == 11,
    "CateId = '11'": lambda m: m.category_id == 11,
    "CateId != 11": lambda m: m.category_id != 11,
    "CateId in (11, 13) and Status = 'Normal'": lambda m: (
        m.category_id in (11, 13) and m.status == MediaStatus.NORMAL
    ),
    "(CateId = 11 or Status = 'Normal') and AppId in ('app-1')": lambda m: (
        (m.category_id == 11 or m.status == MediaStatus.NORMAL) and m.app_id == "app-1"
    ),
    "AppId = 'app-2' or Title = 'clip'": lambda m: m.app_id == "app-2" or _has(m.title, "clip"),
    "Size = [10000, 20000)": lambda m: (
        m.source_size is not None and 10_000 <= m.source_size < 20_000
    ),
    "Size = (10000, 20000]": lambda m: (
        m.source_size is not None and 10_000 < m.source_size <= 20_000
    ),
    "Size = (,20000) and Title = '音'": lambda m: (
        m.source_size is not None and m.source_size < 20_000 and _has(m.title, "音")
    ),
    "Size = 11000": lambda m: m.source_size == 11_000,
    "Duration = (5.5, )": lambda m: m.duration_ms is not None and m.duration_ms > 5_500,
    "Duration = [5.5, 6]": lambda m: m.duration_ms in (5_500, 6_000),
    "CreationTime = ['2025-12-20T12:00:00Z',)": lambda m: m.created_at >= _TIME,
    "CreationTime = ('2025-12-20T12:00:00Z',)": lambda m: m.created_at >= _TIME.replace(second=1),
    "CreationTime = (,'2025-12-20T12:00:00Z')": lambda m: m.created_at < _TIME,
    "CreationTime = (,'2025-12-20T12:00:00Z']": lambda m: m.created_at < _TIME.replace(second=1),
    "CreationTime = '2025-12-20T12:00:00Z'": lambda m: (
        _TIME <= m.created_at < _TIME.replace(second=1)
    ),
    "CreationTime = ['2025-11-25T00:00:00Z','2026-03-02T00:00:00Z']"
    " and Status='Normal'": lambda m: (
        datetime(2025, 11, 25, tzinfo=UTC) <= m.created_at <= datetime(2026, 3, 2, tzinfo=UTC)
        and m.status == MediaStatus.NORMAL
    ),
    "CreationTime = ['2025-12-01T00:00:00Z','2026-02-01T00:00:00Z')": lambda m: (
        datetime(2025, 12, 1, tzinfo=UTC) <= m.created_at < datetime(2026, 2, 1, tzinfo=UTC)
    ),
    "CreationTime = ['2025-12-05T00:00:00Z','2025-12-25T00:00:00Z') and CateId = 12": lambda m: (
        datetime(2025, 12, 5, tzinfo=UTC) <= m.created_at < datetime(2025, 12, 25, tzinfo=UTC)
        and m.category_id == 12
    ),
    "ModificationTime = ('2025-11-21T00:00:00Z', '2025-11-30T00:00:00Z')": lambda m: (
        datetime(2025, 11, 21, 0, 0, 1, tzinfo=UTC)
        <= m.modified_at
        < datetime(2025, 11, 30, tzinfo=UTC)
    ),
    "StorageLocation = 'bucket.storage.example'": lambda m: True,
    "StorageLocation = 'elsewhere' or CateId = 12": lambda m: m.category_id == 12,
    "MediaSource in ('general','live') and PreprocessStatus = 'UnPreprocess'": lambda m: True,
    "MediaSource != 'general'": lambda m: False,
}


def _search(account_id: str, match: str, **more: object) -> Search:
    node = search_syntax.parse(match)
    wanted = search_fields.understood(node, search_fields.FIELDS["video"])
    return Search(Scope(account_id, ("video",)), wanted, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shared_account() -> str:
    return "library-of-searches"


@pytest.fixture(scope="module")
def shared() -> dict[str, list[Media]]:
    return {}


@pytest.fixture
def made(shared: dict[str, list[Media]], shared_account: str) -> list[Media]:
    """One library for all searches, made by the first."""
    if not shared:
        shared["made"] = _library(shared_account)
    return shared["made"]


@pytest.mark.parametrize("match", _MATCHES)
def test_a_search_finds_what_a_plain_filter_finds(
    match: str, made: list[Media], shared_account: str
) -> None:
    expected = [m.media_id for m in reversed(made) if _MATCHES[match](m)]
    found = search.search(_search(shared_account, match, page_size=100))
    assert [item.media.media_id for item in found.items] == expected
    assert found.total == len(expected)


def test_totals_are_the_same_after_they_were_added_up(
    made: list[Media], shared_account: str
) -> None:
    for _ in range(2):
        for match in (
            "Status = 'Normal'",
            "CateId != 11",
            "CreationTime = ('2025-12-01T00:00:00Z',)",
        ):
            found = search.search(_search(shared_account, match))
            assert found.total == sum(map(_MATCHES.get(match, _after_november), made))
        assert add_up_totals() >= 0


def _after_november(m: Media) -> bool:
    return m.created_at >= datetime(2025, 12, 1, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("column", ["created_at", "modified_at"])
def test_pages_come_in_order(
    column: str, descending: bool, made: list[Media], shared_account: str
) -> None:
    sort = Sort(column, descending=descending)  # type: ignore[arg-type]
    order = sorted(made, key=lambda m: getattr(m, column), reverse=descending)
    pages = [
        search.search(
            _search(shared_account, "MediaSource='general'", sorts=(sort,), page_no=n, page_size=25)
        )
        for n in (1, 2, 3, 4)
    ]
    assert [len(page.items) for page in pages] == [25, 25, 10, 0]
    found = [item.media.media_id for page in pages for item in page.items]
    assert found == [m.media_id for m in order]


def test_an_application_sees_its_own_media_and_totals(
    made: list[Media], shared_account: str
) -> None:
    for match in ("Title = '音乐'", "Status = 'Normal'", "Size = (0,)"):
        looked_for = _search(shared_account, match, page_size=100)
        scope = Scope(shared_account, ("video",), ("app-1",))
        found = search.search(Search(scope, looked_for.wanted, page_size=100))
        everything = search.search(looked_for).items
        expected = [i.media.media_id for i in everything if i.media.app_id == "app-1"]
        assert [item.media.media_id for item in found.items] == expected
        assert found.total == len(expected) > 0


def test_the_state_of_preprocessing_is_found_and_a_new_source_forgets_it(account_id: str) -> None:
    clip = a_media(account_id)
    put(clip, a_media(account_id))

    def found(name: str) -> list[str]:
        page = search.search(_search(account_id, f"PreprocessStatus = '{name}'"))
        return [item.media.media_id for item in page.items]

    states: tuple[tuple[Preprocessing, str], ...] = (
        ("running", "Preprocessing"),
        ("failed", "PreprocessFailed"),
        ("succeeded", "PreprocessSucceed"),
    )
    for state, name in states:
        database.run(lambda tx, s=state: media.set_preprocessing(tx, clip.media_id, s))  # type: ignore[misc]
        assert found(name) == [clip.media_id]
        assert len(found("UnPreprocess")) == 1
    database.run(
        lambda tx: media.record_upload(
            tx, clip.media_id, size=1, etag="new", sequencer="9", now=datetime.now(UTC)
        )
    )
    assert len(found("UnPreprocess")) == 2
