"""Walking through more hits than a list without a token shows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import library
from chalicelib.library import search
from chalicelib.library.search import Search
from chalicelib.store import database, media
from chalicelib.store.media import Media
from chalicelib.store.media_filter import Contains, Scope, Sort
from tests.library.conftest import a_media, put

_START = datetime(2026, 1, 1, tzinfo=UTC)
_ACCOUNT = "library-to-scroll"


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of the protocol at a hundredth of their size."""
    monkeypatch.setattr(search, "MOST_HITS", 50)
    monkeypatch.setattr(search, "SCROLL_REACH", 12)


_made: list[Media] = []


@pytest.fixture
def newest_first(limits: None) -> Iterator[list[str]]:
    if not _made:
        # Three of each moment: ids decide among them.
        _made.extend(
            a_media(
                _ACCOUNT,
                title=f"clip {n % 4}",
                created_at=_START + (n // 3) * timedelta(microseconds=1),
                modified_at=_START - (n // 3) * timedelta(hours=1),
            )
            for n in range(80)
        )
        put(*_made)
    order = sorted(_made, key=lambda m: (m.created_at, m.media_id), reverse=True)
    yield [m.media_id for m in order]


def _page(number: int, size: int = 5, **more: object) -> Search:
    return Search(Scope(_ACCOUNT, ("video",)), page_no=number, page_size=size, **more)  # type: ignore[arg-type]


def _ids(found: search.Found) -> list[str]:
    return [item.media.media_id for item in found.items]


def test_without_a_token_only_the_first_hits_can_be_reached(newest_first: list[str]) -> None:
    last = search.search(_page(5, 12))
    assert _ids(last) == newest_first[48:50]
    assert last.total == 80
    beyond = search.search(_page(6, 12))
    assert (beyond.total, beyond.items, beyond.scroll_token) == (80, [], "")


def test_a_walk_reaches_everything_forwards_and_backwards(newest_first: list[str]) -> None:
    found = search.search(_page(1))
    token, seen = found.scroll_token, _ids(found)
    for number in range(2, 17):
        found = search.scroll(_page(number), token)
        assert found.total == 80
        token = found.scroll_token
        assert len(token) == 32
        seen += _ids(found)
    assert seen == newest_first
    for number in (15, 14, 13):
        found = search.scroll(_page(number), token)
        assert _ids(found) == newest_first[(number - 1) * 5 : number * 5]
        token = found.scroll_token


@pytest.mark.parametrize("column", ["created_at", "modified_at"])
@pytest.mark.parametrize("descending", [True, False])
def test_a_walk_keeps_to_its_order_and_filter(
    newest_first: list[str], column: str, descending: bool
) -> None:
    sort = Sort(column, descending=descending)  # type: ignore[arg-type]
    kept = [m for m in _made if "p 3" in m.title]
    kept.sort(key=lambda m: (getattr(m, column), m.media_id), reverse=descending)
    token, seen = search.search(_page(1, wanted=Contains("title", "p 3"), sorts=(sort,))), []
    seen += _ids(token)
    for number in (2, 3, 4):
        token = search.scroll(
            _page(number, wanted=Contains("title", "p 3"), sorts=(sort,)), token.scroll_token
        )
        seen += _ids(token)
    assert seen == [m.media_id for m in kept]


def test_a_walk_steps_over_at_most_so_many(newest_first: list[str]) -> None:
    token = search.search(_page(2, 2)).scroll_token
    # From the first of page 2 to the last of page 7: twelve.
    assert _ids(search.scroll(_page(7, 2), token)) == newest_first[12:14]
    with pytest.raises(library.TooFarFromScrollToken):
        search.scroll(_page(8, 2), token)
    token = search.scroll(_page(7, 2), token).scroll_token
    assert _ids(search.scroll(_page(2, 2), token)) == newest_first[2:4]
    with pytest.raises(library.TooFarFromScrollToken):
        search.scroll(_page(1, 2), token)


def test_media_that_come_meanwhile_move_nothing(newest_first: list[str]) -> None:
    token = search.search(_page(1)).scroll_token
    newcomer = a_media(_ACCOUNT, title="clip new")
    put(newcomer)
    try:
        assert _ids(search.scroll(_page(2), token)) == newest_first[5:10]
    finally:
        _remove(newcomer)


def test_tokens_of_other_searches_and_old_ones_are_expired(
    newest_first: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = search.search(_page(1)).scroll_token
    other_scope = Search(Scope("another", ("video",)), page_no=2, page_size=5)
    for looked_for, given in (
        (_page(2, wanted=Contains("title", "clip")), token),
        (_page(2, sorts=(Sort(descending=False),)), token),
        (other_scope, token),
        (_page(2), token[:-1]),
        (_page(2), "24e0fba7188fae707e146esa54****"),
        (_page(2), "é" * 32),
        (_page(2), ""),
    ):
        with pytest.raises(library.ScrollTokenExpired):
            search.scroll(looked_for, given)
    monkeypatch.setattr(search, "_TOKEN_SECONDS", -1)
    with pytest.raises(library.ScrollTokenExpired):
        search.scroll(_page(2), token)


def _remove(record: Media) -> None:

    def write(tx: database.Transaction) -> None:
        found = media.get(tx, record.account_id, record.media_id)
        assert found is not None
        assert media.delete(tx, found)

    database.run(write)
