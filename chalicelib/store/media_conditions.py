"""Conditions of SQL out of filters: every value is a parameter, every name an identifier."""

from collections.abc import Callable
from typing import Any

from psycopg import sql
from psycopg.sql import Composable

from chalicelib.store import media_texts
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

_IDS = sql.Identifier("media_id")

# Sorts after every text that begins with what stands before it.
_LAST = "\U0010ffff"


class Conditions:
    """Makes conditions on one table and collects their parameters.

    ``by_index``: words are looked up in the index of texts, which is right when few media contain
    them; otherwise each text is looked at, which is right when most do. ``crossed``: a filter that
    stands beside words, and lets through so few media that its ids are read from an index, too.
    """

    def __init__(
        self, scope: Scope, *, by_index: bool = True, crossed: Filter = EVERYTHING
    ) -> None:
        self.scope = scope
        self.by_index = by_index
        self.crossed = crossed
        self.values: dict[str, Any] = {}

    def value(self, value: object) -> Composable:
        """A placeholder for a value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return sql.Placeholder(name)

    def of_scope(self, media_type: str | None = None) -> Composable:
        """Account, a type (or all types of the scope) and applications."""
        parts = [sql.SQL("account_id = {}").format(self.value(self.scope.account_id))]
        types = [media_type] if media_type else list(self.scope.media_types)
        if len(types) == 1:
            parts.append(sql.SQL("media_type = {}").format(self.value(types[0])))
        else:
            parts.append(sql.SQL("media_type = ANY({})").format(self.value(types)))
        if self.scope.app_ids is not None:
            apps = self.value(list(self.scope.app_ids))
            parts.append(sql.SQL("app_id = ANY({})").format(apps))
        return sql.SQL(" AND ").join(parts)

    def of(self, part: Filter) -> Composable:
        """The condition of a filter."""
        kinds: dict[type, Callable[[Any], Composable]] = {
            IsOneOf: self._is_one_of,
            Between: self._between,
            Contains: self._contains,
            Not: lambda item: sql.SQL("NOT coalesce({}, false)").format(self.of(item.part)),
            All: self._all,
            AnyOf: lambda item: self._joined(item.parts, " OR ", "false"),
        }
        return kinds[type(part)](part)

    def _all(self, part: All) -> Composable:
        words, rest = split_words(part)
        if not self.by_index or not words:
            return self._joined(part.parts, " AND ", "true")
        # An intersection reads each index once. As conditions beside each other they would be
        # joined row by row, because databases cannot guess how many texts contain a word.
        sets = [lookup for lookup in map(self.lookup, words) if lookup is not None]
        if self.crossed != EVERYTHING:
            where = sql.SQL(" AND ").join([self.of_scope(), self.of(self.crossed)])
            sets.append(sql.SQL("SELECT media_id FROM media WHERE {}").format(where))
        found = sql.SQL("media_id IN ({})").format(intersection(sets))
        others = [self.of(item) for item in rest]
        return sql.SQL("({})").format(sql.SQL(" AND ").join([found, *others]))

    def _joined(self, parts: tuple[Filter, ...], word: str, empty: str) -> Composable:
        if not parts:
            return sql.SQL(empty)
        lookup = self.lookup(AnyOf(parts)) if self.by_index and word == " OR " else None
        if lookup is not None:
            # One look-up for all: as conditions beside each other they would narrow nothing.
            return sql.SQL("media_id IN ({})").format(lookup)
        return sql.SQL("({})").format(sql.SQL(word).join([self.of(item) for item in parts]))

    def _is_one_of(self, part: IsOneOf) -> Composable:
        column = sql.Identifier(part.column)
        if part.column == "category_id" and self.scope.media_types == ("attached",):
            # A JSON list of numbers, in a text.
            wanted = self.value([str(value) for value in part.values])
            return sql.SQL(
                "string_to_array(replace(btrim(category_ids, '[]'), ' ', ''), ',') && {}::text[]"
            ).format(wanted)
        if len(part.values) == 1:
            return sql.SQL("{} = {}").format(column, self.value(part.values[0]))
        return sql.SQL("{} = ANY({})").format(column, self.value(list(part.values)))

    def _between(self, part: Between) -> Composable:
        column = sql.Identifier(part.column)
        parts = []
        if part.low is not None:
            sign = sql.SQL(">=" if part.with_low else ">")
            parts.append(sql.SQL("{} {} {}").format(column, sign, self.value(part.low)))
        if part.high is not None:
            sign = sql.SQL("<=" if part.with_high else "<")
            parts.append(sql.SQL("{} {} {}").format(column, sign, self.value(part.high)))
        if not parts:
            return sql.SQL("{} IS NOT NULL").format(column)
        return sql.SQL("({})").format(sql.SQL(" AND ").join(parts))

    def _contains(self, part: Contains) -> Composable:
        if not self.by_index or len(part.word) < media_texts.STEPS[part.column]:
            return self._text_contains(part)
        found = sql.SQL("media_id IN ({})").format(self._with_ending(part))
        if len(part.word) <= media_texts.LENGTH:
            return found
        return sql.SQL("({} AND {})").format(found, self._text_contains(part))

    def _text_contains(self, part: Contains) -> Composable:
        word = self.value(media_texts.folded(part.word))
        column = sql.Identifier(part.column)
        return sql.SQL("strpos(lower({}), {}) > 0").format(column, word)

    def lookup(self, part: Filter) -> Composable | None:
        """A query for the ids of the media that contain a word, or one of several.

        None for filters that the index of texts alone does not decide: of descriptions it knows no
        single characters, and of any text no more than LENGTH characters in a row.
        """
        words = _words(part)
        if not words:
            return None
        return sql.SQL(" UNION ALL ").join([self._with_ending(item) for item in words])

    def number_of(self, part: Filter) -> Composable | None:
        """A query for how many media contain a single word, without looking for double ones.

        None where ``lookup`` is, for several words, and for texts of which steps are kept.
        """
        words = _words(part)
        if len(words) != 1 or media_texts.STEPS[words[0].column] > 1:
            return None
        ways = self._with_ending(words[0], sql.SQL("count(*)"))
        return sql.SQL("{} AND repeated < {}").format(ways, self.value(len(words[0].word)))

    def _with_ending(self, part: Contains, selected: Composable = _IDS) -> Composable:
        """The ids of media with an ending that begins with the word (at most LENGTH of it)."""
        word = media_texts.folded(part.word)[: media_texts.LENGTH]
        ways = []
        for skipped in range(media_texts.STEPS[part.column]):
            rest = word[skipped:]
            conditions = [
                self.of_scope(),
                sql.SQL("field = {}").format(self.value(part.column)),
                sql.SQL("ending >= {}").format(self.value(rest)),
                sql.SQL("ending < {}").format(self.value(rest + _LAST)),
            ]
            if skipped:
                conditions.append(sql.SQL("before = {}").format(self.value(word[:skipped])))
            where = sql.SQL(" AND ").join(conditions)
            ways.append(sql.SQL("SELECT {} FROM media_text WHERE {}").format(selected, where))
        return sql.SQL(" UNION ALL ").join(ways)


def split_words(part: Filter) -> tuple[list[Filter], list[Filter]]:
    """The parts of a conjunction that the index of texts alone decides, and the others."""
    parts = part.parts if isinstance(part, All) else (part,)
    return [item for item in parts if _words(item)], [item for item in parts if not _words(item)]


def intersection(sets: list[Composable]) -> Composable:
    """A query for what all of the queries find, each once."""
    return sql.SQL(" INTERSECT ").join([sql.SQL("({})").format(item) for item in sets])


def _words(part: Filter) -> tuple[Contains, ...]:
    """The words of a filter that asks for one of them and nothing else; else none."""
    words = part.parts if isinstance(part, AnyOf) else (part,)
    known = tuple(
        item
        for item in words
        if isinstance(item, Contains)
        and media_texts.STEPS[item.column] <= len(item.word) <= media_texts.LENGTH
    )
    return known if len(known) == len(words) else ()
