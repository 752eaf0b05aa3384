"""Parameters: conversion, limits, and the documented codes of violations."""

from typing import Annotated, Any

import pytest
from pydantic import Field

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList
from chalicelib.apis.protocol.aliyun_rpc.validation import validated
from tests.protocol.tiny_product.actions import Echo, Require


def error_of(action: type[RpcAction], **parameters: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        validated(action, parameters)
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Size", "42", 42),
        ("Size", str(-(2**63)), -(2**63)),
        ("Ratio", "0.5", 0.5),
        ("Flag", "true", True),
        ("Flag", "False", False),
        ("Title", "一二三四五六七八", "一二三四五六七八"),
        ("Note", "一二12", "一二12"),
        ("Title", "𠮷野家©★", "𠮷野家©★"),
        ("Kind", "a", "a"),
        ("Names", " x ,,y,x", ["x", "y"]),
        ("Home", '{"City":"杭州","Number":"7","Other":1}', {"City": "杭州", "Number": 7}),
        ("Numbers", "[1, 2]", [1, 2]),
        ("VideoId", "not an id at all", "not an id at all"),
    ],
)
def test_texts_become_values(name: str, text: str, value: Any) -> None:
    assert validated(Echo, {name: text}).model_dump(exclude_none=True) == {name: value}


def test_empty_and_unknown_parameters_are_as_if_not_given() -> None:
    given = {"Size": "", "Title": "", "Home": "", "OwnerId": "1", "ReferenceId": "x"}
    assert validated(Echo, given).model_dump(exclude_none=True) == {}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("Size", "a lot", "integer"),
        ("Size", "1.5", "integer"),
        ("Size", str(2**63), "64 bits"),
        ("Size", "9" * 5000, "integer"),
        ("Small", "11", "less than or equal to 10"),
        ("Ratio", "nan", "finite"),
        ("Ratio", "1e999", "finite"),
        ("Flag", "perhaps", "boolean"),
        ("Kind", "c", "one of: a, b"),
        ("Names", "x,w", "x, y, z"),
        ("Names", "x,y,z", "more than 2"),
        ("Home", "{", "not valid JSON"),
        ("Home", "[]", "JSON object"),
        ("Home", '"x"', "JSON object"),
        ("Home", "{}", "City: Field required"),
        ("Home", '{"City":1}', "City"),
        ("Home", '{"City":"a long city"}', "Home.City length has exceeded 8 bytes"),
        ("Home", '{"City":"x","Number":NaN}', "not valid JSON"),
        ("Home", '{"City":"x\\u0000"}', "NUL"),
        ("Home", '{"City":"x","Y\\u0000":1}', "NUL"),
        ("Home", '{"City":"\\ud800"}', "not valid JSON"),
        ("Home", '{"City":"x","Number":18446744073709551616}', "64 bits"),
        ("Home", '{"City":"x","Number":"18446744073709551616"}', "64 bits"),
        ("Home", '{"City":[[[[]]]]}', "nested too deeply"),
        ("Numbers", "[" * 9 + "]" * 9, "nested too deeply"),
        ("Numbers", "[" * 5000, "not valid JSON"),
        ("Numbers", '["{problem}"]', "0: "),
        ("VideoId", "x" * 200, "exceeded 128"),
    ],
)
def test_unusable_values_are_told_by_name(name: str, text: str, problem: str) -> None:
    error = error_of(Echo, **{name: text})
    assert error.code in ("InvalidParameter", "LengthExceededMax")
    assert name in error.message
    assert problem in error.message


def test_texts_that_are_too_long() -> None:
    error = error_of(Echo, Title="九" * 9)
    assert error.code == "LengthExceededMax"
    assert error.message == "The specified Title length has exceeded 8 bytes."
    assert error_of(Echo, Note="一二三").code == "LengthExceededMax"
    assert error_of(Echo, Home='{"City":"' + "x" * 200 + '"}').code == "LengthExceededMax"


@pytest.mark.parametrize("text", ["a😀", "🇨🇳", "1\ufe0f\u20e3", "a\x07", "a\x1b[0m", "\U000e0041"])
def test_emoji_and_control_characters(text: str) -> None:
    error = error_of(Echo, Title=text)
    assert error.code == "IllegalCharacters"
    assert error.message == ("The specified Title contains illegal emoticon or special characters.")


def test_missing_parameters_come_first_and_may_have_their_own_code() -> None:
    error = error_of(Require)
    assert error.code == "MissingParameter"
    assert error.message == (
        'The input parameter "First" that is mandatory for processing this request is not supplied.'
    )
    error = error_of(Require, First="not a number")
    assert (error.code, error.message) == ("MissingSecond", "Second is mandatory for this action.")
    assert error_of(Require, First="", Second="x").code == "MissingParameter"
    assert error_of(Require, First="x", Second="x").code == "InvalidParameter"


def test_items_of_lists_are_bounded_too() -> None:
    class Sizes(RpcAction):
        Sizes: Annotated[list[int], CommaList(max_items=3)]
        Rows: Annotated[tuple[str, ...], CommaList(max_chars=3)] = ()
        Page: Annotated[int, Field(ge=1)] = 1

    assert validated(Sizes, {"Sizes": "1,2"}).Sizes == [1, 2]
    assert validated(Sizes, {"Sizes": "1", "Rows": "a,b"}).Rows == ("a", "b")
    assert "64 bits" in error_of(Sizes, Sizes=f"1,{2**64}").message
    assert "3 characters" in error_of(Sizes, Sizes="1", Rows="abcd").message
