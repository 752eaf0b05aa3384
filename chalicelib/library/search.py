"""Searching the library: totals, pages, and walks through everything that a filter lets through."""

import hashlib
import struct
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.library.errors import ScrollTokenExpired, TooFarFromScrollToken
from chalicelib.library.media import MediaView, views_of
from chalicelib.store import database, media_select
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media
from chalicelib.store.media_filter import EVERYTHING, Anchor, Filter, Scope, Sort
from chalicelib.store.visibility import readable_apps

# What can be paged through without a token, and how far from its place a token reaches.
MOST_HITS = 5_000
SCROLL_REACH = 1_200

_TOKEN_SECONDS = 24 * 3600
# 24 bytes, 32 characters: whose token, made when, number and sort time of the first media of the
# page, beginning of its id.
_TOKEN = struct.Struct(">4sIIq4s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Search:
    """What is looked for, and in which order. ``page_no`` counts from 1."""

    scope: Scope
    wanted: Filter = EVERYTHING
    sorts: tuple[Sort, ...] = (Sort(),)
    page_no: int = 1
    page_size: int = 10

    @property
    def offset(self) -> int:
        """How many hits stand before the page."""
        return (self.page_no - 1) * self.page_size


@dataclass(frozen=True)
class Found:
    """One page. ``scroll_token`` is empty where nothing was found."""

    total: int
    items: list[MediaView]
    scroll_token: str = ""


def search(looked_for: Search) -> Found:
    """One page of the first MOST_HITS hits; beyond them there is nothing without a token."""
    looked_for = _of_caller(looked_for)
    limit = max(0, min(looked_for.page_size, MOST_HITS - looked_for.offset))

    def read(tx: Transaction) -> Found:
        total = media_select.total(tx, looked_for.scope, looked_for.wanted)
        if looked_for.offset >= total or not limit:
            return Found(total, [])
        found = media_select.page(
            tx,
            looked_for.scope,
            looked_for.wanted,
            looked_for.sorts,
            offset=looked_for.offset,
            limit=limit,
            hits=total,
        )
        return _found(tx, looked_for, total, found)

    return database.run(read)


def scroll(looked_for: Search, token: str) -> Found:
    """One page in the neighbourhood of the page that gave the token, anywhere among the hits.

    The order must be of one column. Raises ScrollTokenExpired (also for tokens of other searches),
    TooFarFromScrollToken.
    """
    looked_for = _of_caller(looked_for)
    place, anchor = _read(looked_for, token)
    reach = max(place, looked_for.offset) + looked_for.page_size - min(place, looked_for.offset)
    if reach > SCROLL_REACH:
        raise TooFarFromScrollToken(looked_for.page_no)

    def read(tx: Transaction) -> Found:
        total = media_select.total(tx, looked_for.scope, looked_for.wanted)
        found = media_select.page_from(
            tx,
            looked_for.scope,
            looked_for.wanted,
            looked_for.sorts[0],
            anchor,
            skip=looked_for.offset - place,
            limit=looked_for.page_size,
            hits=total,
        )
        return _found(tx, looked_for, total, found)

    return database.run(read)


def _of_caller(looked_for: Search) -> Search:
    """The search within the applications that the present request may see."""
    apps = readable_apps()
    if apps is None or looked_for.scope.app_ids is not None:
        return looked_for
    return replace(looked_for, scope=replace(looked_for.scope, app_ids=tuple(apps)))


def _found(tx: Transaction, looked_for: Search, total: int, found: list[Media]) -> Found:
    token = _token(looked_for, found[0]) if found else ""
    return Found(total, views_of(tx, looked_for.scope.account_id, found), token)


def _token(looked_for: Search, first: Media) -> str:
    sorted_by: datetime = getattr(first, looked_for.sorts[0].column)
    content = _TOKEN.pack(
        _mark(looked_for),
        int(time.time()),
        looked_for.offset,
        (sorted_by - _EPOCH) // timedelta(microseconds=1),
        bytes.fromhex(first.media_id[:8]),
    )
    return urlsafe_b64encode(content).decode()


def _read(looked_for: Search, token: str) -> tuple[int, Anchor]:
    try:
        mark, made_at, place, at, media_id = _TOKEN.unpack(urlsafe_b64decode(token))
    except (ValueError, struct.error) as error:
        raise ScrollTokenExpired from error
    age = time.time() - made_at
    if mark != _mark(looked_for) or not -60 < age < _TOKEN_SECONDS:
        raise ScrollTokenExpired
    try:
        return place, Anchor(_EPOCH + timedelta(microseconds=at), media_id.hex())
    except OverflowError as error:
        raise ScrollTokenExpired from error


def _mark(looked_for: Search) -> bytes:
    """What a token is good for: this search and no other. It opens nothing, so it is not signed."""
    searched = repr((looked_for.scope, looked_for.wanted, looked_for.sorts[0]))
    return hashlib.sha256(searched.encode()).digest()[:4]
