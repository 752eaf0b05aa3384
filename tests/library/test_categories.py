"""Trees of categories: their limits, also when many are made at once, and their end."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.library import (
    CategoryIsBuiltIn,
    CategoryNotFound,
    CategoryTooDeep,
    TooManySubcategories,
    categories,
)
from chalicelib.library.categories import CategoryPage
from chalicelib.store import database
from chalicelib.store.categories import Category


def _add(account_id: str, parent: Category | None = None, name: str = "c") -> Category:
    parent_id = parent.category_id if parent else None
    return categories.add_category(account_id, "default", parent_id, name)


def _list(account_id: str, category_id: int | None = None, **more: Any) -> CategoryPage:
    wishes = {"kind": "default", "descending": False, "page_no": 1, "page_size": 100} | more
    return categories.list_categories(account_id, category_id, **wishes)


def test_a_tree_has_three_levels(account_id: str) -> None:
    first = _add(account_id, name="电影")
    second = _add(account_id, first)
    third = _add(account_id, second)
    assert [c.level for c in (first, second, third)] == [0, 1, 2]
    assert second.parent_id == first.category_id
    with pytest.raises(CategoryTooDeep):
        _add(account_id, third)
    found = _list(account_id, first.category_id)
    assert found.category is not None
    assert (found.category.name, found.total) == ("电影", 1)
    assert [(c.category_id, c.children) for c in found.children] == [(second.category_id, 1)]
    top = _list(account_id)
    assert (top.category, top.total) == (None, 1)
    assert [c.category_id for c in top.children] == [first.category_id]


def test_a_category_takes_a_hundred_also_at_once(account_id: str) -> None:
    parent = _add(account_id)
    for number in range(95):
        _add(account_id, parent, f"c{number}")

    def add(_: int) -> bool:
        try:
            _add(account_id, parent, "late")
        except TooManySubcategories:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(add, range(10)))
    assert made.count(True) == 5
    found = _list(account_id, parent.category_id)
    assert (found.total, len(found.children)) == (100, 100)
    pages = [
        _list(account_id, parent.category_id, page_no=n, page_size=40, descending=True).children
        for n in (1, 2, 3)
    ]
    assert [len(page) for page in pages] == [40, 40, 20]
    assert [c.category_id for page in pages for c in page] == [
        c.category_id for c in reversed(found.children)
    ]


def test_deleting_takes_everything_below_and_nothing_beside(account_id: str) -> None:
    kept, gone = _add(account_id, name="kept"), _add(account_id, name="gone")
    child = _add(account_id, gone)
    grandchildren = [_add(account_id, child) for _ in range(3)]
    other = _add(account_id, kept)
    categories.delete_category(account_id, gone.category_id)
    for category in (gone, child, *grandchildren):
        with pytest.raises(CategoryNotFound):
            _list(account_id, category.category_id)
    assert _list(account_id, kept.category_id).children == [other]
    assert _list(account_id).total == 1
    with pytest.raises(CategoryNotFound):
        categories.delete_category(account_id, gone.category_id)


def test_only_ones_own_categories_are_there(account_id: str) -> None:
    foreign = _add("another account")
    for act in (
        lambda: _add(account_id, foreign),
        lambda: _list(account_id, foreign.category_id),
        lambda: categories.rename_category(account_id, foreign.category_id, "mine"),
        lambda: categories.delete_category(account_id, foreign.category_id),
        lambda: categories.delete_category(account_id, 0),
        lambda: _list(account_id, 0),
    ):
        with pytest.raises(CategoryNotFound):
            act()


def test_renaming(account_id: str) -> None:
    made = _add(account_id, name="old")
    categories.rename_category(account_id, made.category_id, "new")
    found = _list(account_id, made.category_id).category
    assert found is not None
    assert found == made.model_copy(update={"name": "new"})


def test_the_first_level_of_materials_is_given(account_id: str) -> None:
    top = _list(account_id, kind="material")
    assert top.total == len(top.children) > 0
    parent = top.children[0]
    made = categories.add_category(account_id, "material", parent.category_id, "mine")
    assert made.level == 1
    assert _list(account_id, parent.category_id, kind=None).children == [made]
    with pytest.raises(CategoryTooDeep):
        categories.add_category(account_id, "material", made.category_id, "deeper")
    with pytest.raises(CategoryNotFound):
        categories.add_category(account_id, "default", parent.category_id, "of another kind")
    for act in (
        lambda: categories.rename_category(account_id, parent.category_id, "mine"),
        lambda: categories.delete_category(account_id, parent.category_id),
    ):
        with pytest.raises(CategoryIsBuiltIn):
            act()
    assert _list(account_id).total == 0
