"""The grammar of the search protocol, and errors that say where they are."""

import pytest

from chalicelib.apis.aliyun_vod import search_fields, search_syntax
from chalicelib.apis.aliyun_vod.search_nodes import Condition, Group, MatchSyntaxError, Value
from chalicelib.store.media_filter import (
    EVERYTHING,
    NOTHING,
    All,
    AnyOf,
    Between,
    Contains,
    IsOneOf,
    Not,
    simplified,
)


def _equal(field: str, position: int, text: str, *, negated: bool = False) -> Condition:
    value = Value(text, quoted=True)
    return Condition(
        field, position, "equal", (value,), (value, value), (True, True), negated=negated
    )


def test_the_word_and_binds_more_tightly_than_or() -> None:
    node = search_syntax.parse("A = 'a' or B = 'b' and C = 'c'")
    a, b, c = _equal("A", 1, "a"), _equal("B", 12, "b"), _equal("C", 24, "c")
    assert node == Group("or", (a, Group("and", (b, c))))


def test_brackets_group() -> None:
    node = search_syntax.parse("((A='a' OR B!='b') And (C='c'))")
    a, b, c = _equal("A", 3, "a"), _equal("B", 12, "b", negated=True), _equal("C", 25, "c")
    assert node == Group("and", (Group("or", (a, b)), c))


@pytest.mark.parametrize(
    ("match", "bounds", "closed"),
    [
        ("A = (1, 2)", ("1", "2"), (False, False)),
        ("A=[1,2]", ("1", "2"), (True, True)),
        ("A = [ '1' , 2 )", ("1", "2"), (True, False)),
        ("A=(1,)", ("1", None), (False, False)),
        ("A=(,-2.5]", (None, "-2.5"), (False, True)),
        ("A=(,)", (None, None), (False, False)),
    ],
)
def test_ranges(
    match: str, bounds: tuple[str | None, str | None], closed: tuple[bool, bool]
) -> None:
    node = search_syntax.parse(match)
    assert isinstance(node, Condition)
    assert node.kind == "range"
    assert tuple(value and value.text for value in node.bounds) == bounds
    assert node.closed == closed


def test_lists_and_their_opposite() -> None:
    node = search_syntax.parse("A in ('x', \"y\", 3)")
    values = (Value("x", quoted=True), Value("y", quoted=True), Value("3", quoted=False))
    assert node == Condition("A", 1, "in", values)
    assert search_syntax.parse("A NOT IN ('x', \"y\", 3)") == Condition(
        "A", 1, "in", values, negated=True
    )


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ("A = 'it''s'", "it's"),
        ('A = "it\'s"', "it's"),
        ('A = "a""b"', 'a"b'),
        ("A = ''", ""),
        ("A = 'a and (b)'", "a and (b)"),
        ("A = '测试\n\\'", "测试\n\\"),
        ("A = '; DROP TABLE media; --'", "; DROP TABLE media; --"),
        ("A = '%(p0)s {}'", "%(p0)s {}"),
    ],
)
def test_texts_mean_what_they_say(match: str, text: str) -> None:
    node = search_syntax.parse(match)
    assert isinstance(node, Condition)
    assert node.values == (Value(text, quoted=True),)


@pytest.mark.parametrize(
    ("match", "near", "position"),
    [
        ("", "end", 1),
        ("   ", "end", 4),
        ("Title", "Title", 6),
        ("Title =", "Title", 8),
        ("Title = 音乐", "音", 9),
        ("Title = word", "Title", 9),
        ("Title = 'open", "'", 9),
        ("Title == 'a'", "Title", 8),
        ("Title ! 'a'", "!", 7),
        ("Title in 'a'", "Title", 10),
        ("Title in ()", "Title", 11),
        ("Title in ('a',)", "Title", 15),
        ("Title in ('a' 'b')", "Title", 15),
        ("Title not 'a'", "Title", 11),
        ("Size = (1 2)", "Size", 11),
        ("Size = (1,2", "Size", 12),
        ("Size = (1,2}", "}", 12),
        ("Size = 1x", "1", 8),
        ("(A = 'a'", "end", 9),
        ("A = 'a')", ")", 8),
        ("A = 'a' B = 'b'", "B", 9),
        ("A = 'a' and", "end", 12),
        ("or A = 'a'", "or", 1),
        ("A = （'a'）", "（", 5),
        ("A = 'a'; DROP TABLE media", ";", 8),
    ],
)
def test_errors_name_the_place(match: str, near: str, position: int) -> None:
    with pytest.raises(MatchSyntaxError) as caught:
        search_syntax.parse(match)
    assert (caught.value.near, caught.value.position) == (near, position)
    assert caught.value.problem


def test_hostile_sizes_are_refused() -> None:
    for match in (
        "(" * 5_000,
        "(" * 30 + "A='a'" + ")" * 30,
        " or ".join(["A='a'"] * 101),
        "A = '" + "x" * 9_000 + "'",
    ):
        with pytest.raises(MatchSyntaxError):
            search_syntax.parse(match)
    assert search_syntax.parse("(" * 20 + " or ".join(["A='a'"] * 100) + ")" * 20)


_OF_VIDEO = search_fields.FIELDS["video"]


def _understood(match: str, kind: str = "video") -> object:
    return search_fields.understood(search_syntax.parse(match), search_fields.FIELDS[kind])


def test_conditions_become_filters() -> None:
    assert _understood("Title = 'a' and CateId != 7") == All(
        (AnyOf((Contains("title", "a"),)), Not(IsOneOf("category_id", (7,))))
    )
    assert _understood("Size = (,5]") == Between("source_size", None, 5, with_low=False)
    assert _understood("Duration = 1.5") == Between("duration_ms", 1500, 1500)
    assert _understood("BusinessType = 'subtitle'", "attached") == IsOneOf(
        "business_type", ("subtitle",)
    )
    assert _understood("FileName in ('a','b')", "image") == AnyOf(
        (Contains("file_name", "a"), Contains("file_name", "b"))
    )
    assert _understood("AudioId = 'x'", "audio") == IsOneOf("media_id", ("x",))


@pytest.mark.parametrize(
    ("kind", "match", "near", "position"),
    [
        ("video", "Titel = 'a'", "Titel", 1),
        ("video", "Title = 'a' and AudioId = 'b'", "AudioId", 17),
        ("audio", "VideoId = 'b'", "VideoId", 1),
        ("video", "FileName = 'b'", "FileName", 1),
        ("video", "CoverURL = 'b'", "CoverURL", 1),
        ("image", "Size = 5", "Size", 1),
        ("attached", "Categories = 'b'", "Categories", 1),
        ("image", "BusinessType = 'b'", "BusinessType", 1),
        ("video", "Title = 5", "Title", 1),
        ("video", "Title = ''", "Title", 1),
        ("video", "Title = ('a','b')", "Title", 1),
        ("video", "Status = ['a','b']", "Status", 1),
        ("video", "CateId = 'many'", "CateId", 1),
        ("video", "CateId = (1,2)", "CateId", 1),
        ("video", "CateId = 99999999999999999999", "CateId", 1),
        ("video", "Size in (1,2)", "Size", 1),
        ("video", "Size = 1.5", "Size", 1),
        ("video", "Duration = 'long'", "Duration", 1),
        ("video", f"Duration = {'9' * 400}", "Duration", 1),
        ("video", "CreationTime = '2018-01-01'", "CreationTime", 1),
        ("video", "CreationTime = ('2018-13-01T00:00:00Z',)", "CreationTime", 1),
        ("video", f"VideoId in ({','.join(['1'] * 101)})".replace("1", "'1'"), "VideoId", 1),
    ],
)
def test_fields_refuse_what_they_cannot_be_asked(
    kind: str, match: str, near: str, position: int
) -> None:
    with pytest.raises(MatchSyntaxError) as caught:
        _understood(match, kind)
    assert (caught.value.near, caught.value.position) == (near, position)


def test_constants_disappear_from_filters() -> None:
    word = Contains("title", "a")
    assert simplified(All((word, EVERYTHING, All((word,))))) == word
    assert simplified(All((word, NOTHING))) == NOTHING
    assert simplified(AnyOf((word, EVERYTHING))) == EVERYTHING
    assert simplified(AnyOf((IsOneOf("status", ()), NOTHING))) == NOTHING
    assert simplified(Not(NOTHING)) == EVERYTHING
    assert simplified(Not(Not(word))) == word
    assert simplified(AnyOf(())) == NOTHING
