"""Numbered templates: each account's own, their names and groups also under contention."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.processing import parameter_sets
from chalicelib.processing.errors import (
    ParameterGroupNotFound,
    ParameterNameTaken,
    ParameterSetNotFound,
)
from chalicelib.store import database


def add(account_id: str, name: str) -> int:
    return parameter_sets.add_set(account_id, "rendition", name, "{}", named="rendition")


def together(*work: Callable[[], object]) -> list[object]:
    """What each gives, or raises, when all run at once."""

    def outcome(one: Callable[[], object]) -> object:
        try:
            return one()
        except ParameterNameTaken:
            return "taken"
        finally:
            database.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(outcome, work))


def test_accounts_do_not_see_each_other(account_id: str) -> None:
    stranger = f"{account_id}9"
    number = add(account_id, "mine")
    group = parameter_sets.add_group(account_id, "ours", "{}", ["{}"])
    assert parameter_sets.find_sets(stranger, "rendition", [number]) == []
    assert parameter_sets.find_sets(account_id, "watermark", [number]) == []
    assert parameter_sets.list_sets(stranger, "rendition", offset=0, limit=10).total == 0
    assert parameter_sets.find_groups(stranger, [group.group.group_id]) == []
    assert parameter_sets.list_groups(stranger, None, offset=0, limit=10).total == 0
    with pytest.raises(ParameterSetNotFound):
        parameter_sets.remove_set(stranger, "rendition", number, named="rendition")
    with pytest.raises(ParameterSetNotFound):
        parameter_sets.change_set(stranger, "rendition", number, "x", "{}", named="rendition")
    with pytest.raises(ParameterGroupNotFound):
        parameter_sets.remove_group(stranger, group.group.group_id)
    with pytest.raises(ParameterGroupNotFound):
        parameter_sets.change_group(stranger, group.group.group_id, "x", "{}", [])
    add(stranger, "mine")  # the name is free there
    assert [one.name for one in parameter_sets.find_sets(account_id, "rendition", [number])]


def test_of_two_who_take_a_name_one_gets_it(account_id: str) -> None:
    made = together(*[lambda: add(account_id, "once")] * 4)
    assert sorted(map(type, made), key=str) == [int, str, str, str]
    numbers = [add(account_id, f"other {place}") for place in range(2)]

    def renamed(number: int) -> Callable[[], object]:
        return lambda: parameter_sets.change_set(
            account_id, "rendition", number, "wanted", "{}", named="rendition"
        )

    assert sorted(map(str, together(*map(renamed, numbers)))) == ["None", "taken"]
    named = parameter_sets.find_sets(account_id, "rendition", numbers)
    assert sorted(one.name == "wanted" for one in named) == [False, True]


def test_a_group_that_two_change_is_one_of_both(account_id: str) -> None:
    made = parameter_sets.add_group(account_id, "group", "{}", ["0", "0"])
    group_id = made.group.group_id
    contents = [["1"] * 4, ["2"] * 3]

    def changed(content: list[str]) -> Callable[[], object]:
        return lambda: parameter_sets.change_group(account_id, group_id, "group", "{}", content)

    together(*map(changed, contents))
    (view,) = parameter_sets.find_groups(account_id, [group_id])
    assert [one.content for one in view.members] in contents
    numbers = [one.number for one in view.members]
    assert numbers[:2] == [one.number for one in made.members]
    assert len(set(numbers)) == len(numbers)
