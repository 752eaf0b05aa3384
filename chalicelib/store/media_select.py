"""Pages and totals of filtered lists of media."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from psycopg import sql
from psycopg.sql import Composable

from chalicelib.store import media_totals
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media, get_several
from chalicelib.store.media_conditions import Conditions, intersection, split_words
from chalicelib.store.media_filter import (
    EVERYTHING,
    All,
    Anchor,
    AnyOf,
    Between,
    Contains,
    Filter,
    IsOneOf,
    Not,
    Scope,
    Sort,
    simplified,
)

# Each id that one side of a join has costs about this many ids that an intersection reads.
_WORTH_CROSSING = 5

# A media whose text is read costs about this many ids that are read from the index of texts.
_WORTH_READING = 3

# So few hits are found through the index of texts whatever else there is.
_FEW_HITS = 100

# What takes longer to count is remembered. That costs a writing statement, and each time a look.
_WORTH_REMEMBERING_SECONDS = 0.002

_COUNT = sql.SQL("SELECT count(*) FROM (SELECT DISTINCT media_id FROM ({}) AS f) AS found")

_COUNTED_COLUMNS = frozenset({"app_id", "status", "category_id"})


def total(tx: Transaction, scope: Scope, wanted: Filter) -> int:
    """How many media the filter lets through; exact."""
    part = simplified(wanted)
    if _is_counted(scope, part):
        return _sum(tx, scope, part)
    remembered = media_totals.recall(tx, scope, part)
    if remembered is not None:
        return remembered
    began = time.perf_counter()
    number = _counted_total(tx, scope, part)
    if time.perf_counter() - began > _WORTH_REMEMBERING_SECONDS:
        media_totals.remember(tx, scope, part, number)
    return number


def _counted_total(tx: Transaction, scope: Scope, part: Filter) -> int:
    span, rest = _split_span(part)
    if span is not None and _is_counted(scope, rest):
        return _total_of_span(tx, scope, span, rest)
    words, others = split_words(part)
    conditions = Conditions(scope)
    if (query := conditions.number_of(part)) is not None:
        return _number(tx, query, conditions)
    if words and not others:
        sets = [lookup for lookup in map(conditions.lookup, words) if lookup is not None]
        return _number(tx, _COUNT.format(intersection(sets)), conditions)
    return _count(tx, _beside(tx, scope, part), part)


def page(
    tx: Transaction,
    scope: Scope,
    wanted: Filter,
    sorts: tuple[Sort, ...],
    *,
    offset: int,
    limit: int,
    hits: int,
) -> list[Media]:
    """One page of what the filter lets through; ``hits`` is the total, which decides how."""
    part = simplified(wanted)
    conditions = _conditions(tx, scope, part, hits, offset + limit)
    return _fetch(tx, conditions, part, sorts, offset, limit)


def page_from(
    tx: Transaction,
    scope: Scope,
    wanted: Filter,
    sort: Sort,
    anchor: Anchor,
    *,
    skip: int,
    limit: int,
    hits: int,
) -> list[Media]:
    """A page that begins ``skip`` media after the anchor, or before it if ``skip`` is negative."""
    part = simplified(wanted)
    found: list[Media] = []
    if skip < 0:
        backwards = replace(sort, descending=not sort.descending)
        conditions = _conditions(tx, scope, part, hits, -skip)
        sign = ">" if sort.descending else "<"
        before = _fetch(tx, conditions, part, (backwards,), 0, -skip, (anchor, sign))
        found = before[::-1][:limit]
    missing = limit - len(found)
    if missing:
        conditions = _conditions(tx, scope, part, hits, max(0, skip) + missing)
        sign = "<=" if sort.descending else ">="
        found += _fetch(tx, conditions, part, (sort,), max(0, skip), missing, (anchor, sign))
    return found


def _fetch(
    tx: Transaction,
    conditions: Conditions,
    part: Filter,
    sorts: tuple[Sort, ...],
    offset: int,
    limit: int,
    from_anchor: tuple[Anchor, str] | None = None,
) -> list[Media]:
    order = _order(sorts)
    legs = []
    for media_type in conditions.scope.media_types:
        where = [conditions.of_scope(media_type), conditions.of(part)]
        if from_anchor is not None:
            where.append(_beyond(conditions, sorts[0], *from_anchor))
        legs.append(
            sql.SQL(
                "(SELECT media_id, created_at, modified_at FROM media WHERE {}"
                " ORDER BY {} LIMIT {})"
            ).format(sql.SQL(" AND ").join(where), order, conditions.value(offset + limit))
        )
    # Each type has its place in the indexes, so that each of them is in order already.
    query = sql.SQL("SELECT media_id FROM ({}) AS legs ORDER BY {} OFFSET {} LIMIT {}").format(
        sql.SQL(" UNION ALL ").join(legs), order, conditions.value(offset), conditions.value(limit)
    )
    rows = tx.execute(query.as_bytes(), conditions.values).fetchall()
    ids = [row["media_id"] for row in rows]
    found = {media.media_id: media for media in get_several(tx, conditions.scope.account_id, ids)}
    return [found[media_id] for media_id in ids]


def _order(sorts: tuple[Sort, ...]) -> Composable:
    parts = [
        sql.SQL("{} {}").format(sql.Identifier(sort.column), _direction(sort)) for sort in sorts
    ]
    parts.append(sql.SQL("media_id {}").format(_direction(sorts[-1])))
    return sql.SQL(", ").join(parts)


def _direction(sort: Sort) -> Composable:
    return sql.SQL("DESC" if sort.descending else "ASC")


def _beyond(conditions: Conditions, sort: Sort, anchor: Anchor, sign: str) -> Composable:
    # The id may be cut; the end that makes the comparison include the anchor depends on its side.
    filled = anchor.media_id.ljust(32, "f" if sign in ("<=", ">") else "0")
    return sql.SQL("({}, media_id) {} ({}, {})").format(
        sql.Identifier(sort.column),
        sql.SQL(sign),
        conditions.value(anchor.at),
        conditions.value(filled),
    )


def _conditions(tx: Transaction, scope: Scope, part: Filter, hits: int, wanted: int) -> Conditions:
    """How words are looked for.

    In their index, unless so many media contain them that walking in order through all media, or
    through those that what stands beside the words lets through, meets ``wanted`` of them sooner.
    """
    if not _has_words(part):
        return Conditions(scope)
    words, others = split_words(part)
    rest = simplified(All(tuple(others)))
    if not words or not _is_counted(scope, rest):
        rest = EVERYTHING
    if rest == EVERYTHING and hits <= _FEW_HITS:
        return _beside(tx, scope, part)
    walked = wanted * _sum(tx, scope, rest) // max(1, hits)
    if walked <= hits or (rest != EVERYTHING and walked <= _found(tx, scope, words, walked) + hits):
        return Conditions(scope, by_index=False)
    return _beside(tx, scope, part)


def _beside(tx: Transaction, scope: Scope, part: Filter) -> Conditions:
    """How words are looked for beside what else a conjunction asks for.

    By looking each media up that contains them; by crossing these with what the rest lets through;
    or in the texts of the latter, where the words are in much more media than that.
    """
    words, others = split_words(part)
    rest = simplified(All(tuple(others)))
    if not words or not others or not _is_counted(scope, rest):
        return Conditions(scope)
    among = _sum(tx, scope, rest)
    found = _found(tx, scope, words, _WORTH_READING * among)
    if found >= _WORTH_READING * among:
        return Conditions(scope, by_index=False)
    return Conditions(scope, crossed=rest if among < _WORTH_CROSSING * found else EVERYTHING)


def _found(tx: Transaction, scope: Scope, words: list[Filter], most: int) -> int:
    """How many media contain the words, roughly; a single word's are counted up to ``most``."""
    conditions = Conditions(scope)
    lookup = conditions.lookup(words[0])
    if len(words) > 1 or lookup is None:
        return total(tx, scope, All(tuple(words)))
    query = sql.SQL("SELECT count(*) FROM (SELECT media_id FROM ({}) AS f LIMIT {}) AS found")
    return _number(tx, query.format(lookup, conditions.value(most)), conditions)


def _has_words(part: Filter) -> bool:
    if isinstance(part, All | AnyOf):
        return any(_has_words(item) for item in part.parts)
    return isinstance(part, Contains)


def _is_counted(scope: Scope, part: Filter) -> bool:
    """Whether the cells of ``media_count`` tell everything that the filter asks for."""
    if isinstance(part, All | AnyOf):
        return all(_is_counted(scope, item) for item in part.parts)
    if isinstance(part, Not):
        return _is_counted(scope, part.part)
    # Attached media have several categories.
    if isinstance(part, IsOneOf) and part.column == "category_id":
        return "attached" not in scope.media_types
    return isinstance(part, IsOneOf) and part.column in _COUNTED_COLUMNS


def _sum(tx: Transaction, scope: Scope, part: Filter, months: tuple[str, str] | None = None) -> int:
    """The sum over the cells and over what is not added up yet; months: from, up to without."""
    conditions = Conditions(scope)
    where = [conditions.of_scope(), conditions.of(part)]
    if months is not None:
        first, last = map(conditions.value, months)
        where.append(sql.SQL("month >= {} AND month < {}").format(first, last))
    query = sql.SQL(
        "SELECT coalesce(sum(amount), 0)::bigint FROM (SELECT amount FROM media_count WHERE {where}"
        " UNION ALL SELECT amount FROM media_count_change WHERE {where}) AS cells"
    ).format(where=sql.SQL(" AND ").join(where))
    return _number(tx, query, conditions)


def _count(tx: Transaction, conditions: Conditions, part: Filter) -> int:
    where = sql.SQL(" AND ").join([conditions.of_scope(), conditions.of(part)])
    return _number(tx, sql.SQL("SELECT count(*) FROM media WHERE {}").format(where), conditions)


def _number(tx: Transaction, query: Composable, conditions: Conditions) -> int:
    row = tx.execute(query.as_bytes(), conditions.values).fetchone()
    assert row is not None
    number: int = next(iter(row.values()))
    return number


def _split_span(part: Filter) -> tuple[Between | None, Filter]:
    """A range of creation times at the top of a filter, and the rest of the filter."""
    parts = part.parts if isinstance(part, All) else (part,)
    spans = [item for item in parts if isinstance(item, Between) and item.column == "created_at"]
    if len(spans) != 1:
        return None, part
    return spans[0], simplified(All(tuple(item for item in parts if item is not spans[0])))


def _total_of_span(tx: Transaction, scope: Scope, span: Between, rest: Filter) -> int:
    """Whole months come from the cells; only the media of the months at the edges are counted."""
    first, last = _whole_months(span)
    if first is None and last is None:
        return _sum(tx, scope, rest)
    if first is not None and last is not None and first >= last:
        return _count(tx, Conditions(scope), All((span, rest)))
    months = (f"{first:%Y-%m}" if first else "", f"{last:%Y-%m}" if last else "9999-99")
    number = _sum(tx, scope, rest, months)
    if first is not None and (first != span.low or not span.with_low):
        edge = replace(span, high=first, with_high=False)
        number += _count(tx, Conditions(scope), All((edge, rest)))
    if last is not None and (last != span.high or span.with_high):
        edge = replace(span, low=last, with_low=True)
        number += _count(tx, Conditions(scope), All((edge, rest)))
    return number


def _whole_months(span: Between) -> tuple[datetime | None, datetime | None]:
    """The first of the first whole month inside the span, and the first after the last one."""
    low, high = (
        bound.astimezone(UTC) if isinstance(bound, datetime) else None
        for bound in (span.low, span.high)
    )
    first = last = None
    if low is not None:
        first = low.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        if first < low or not span.with_low:
            first = (first + timedelta(days=32)).replace(day=1)
    if high is not None:
        last = high.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, last
