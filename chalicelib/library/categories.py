"""Categories of media: trees of three levels (two for materials of short videos)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.library.errors import (
    CategoryIsBuiltIn,
    CategoryNotFound,
    CategoryTooDeep,
    TooManySubcategories,
)
from chalicelib.store import categories, database
from chalicelib.store.categories import ROOT, Category, CategoryKind
from chalicelib.store.database import Transaction

MOST_CHILDREN = 100
_LEVELS: dict[CategoryKind, int] = {"default": 3, "material": 2}

# The first level of the materials of short videos is given and cannot be changed (VOD API manual
# 7.2.1). The ids are below those that are drawn by lot.
_BUILT_IN = {101: "Stickers", 102: "Fonts", 103: "Subtitles", 104: "Filters", 105: "Music"}
_SINCE = datetime(2020, 1, 1, tzinfo=UTC)

_BATCH = 1_000


@dataclass(frozen=True)
class CategoryPage:
    """A category (None: the top of the tree) and a page of what is directly below it."""

    category: Category | None
    total: int
    children: list[Category]


def add_category(account_id: str, kind: CategoryKind, parent_id: int | None, name: str) -> Category:
    """Make a category below another one, or on the first level.

    Raises CategoryNotFound (also for a parent of the other kind), CategoryTooDeep,
    TooManySubcategories.
    """

    def write(tx: Transaction) -> Category:
        parent = _parent(tx, account_id, kind, parent_id)
        if parent.level + 1 >= _LEVELS[kind]:
            raise CategoryTooDeep
        if parent.children >= MOST_CHILDREN:
            raise TooManySubcategories
        made = Category(
            account_id=account_id,
            category_id=categories.new_category_id(),
            kind=kind,
            parent_id=parent.category_id,
            level=parent.level + 1,
            name=name,
            children=0,
            created_at=datetime.now(UTC),
        )
        while not categories.insert(tx, made):
            made = made.model_copy(update={"category_id": categories.new_category_id()})
        # Two that add the hundredth at once meet at the parent: one of them is run again.
        categories.add_children(tx, parent, 1)
        return made

    return database.run(write)


def rename_category(account_id: str, category_id: int, name: str) -> None:
    """Raises CategoryNotFound, CategoryIsBuiltIn."""
    database.run(lambda tx: categories.rename(tx, _own(tx, account_id, category_id), name))


def delete_category(account_id: str, category_id: int) -> None:
    """Remove a category and everything below it, the lowest first, in transactions of some rows.

    Broken off, it leaves a smaller tree, and the next call goes on. Media keep the number of their
    category, which then names nothing. Raises CategoryNotFound, CategoryIsBuiltIn.
    """
    kind = database.run(lambda tx: _own(tx, account_id, category_id)).kind
    while not database.run(lambda tx: _delete_some(tx, account_id, kind, category_id)):
        pass


def list_categories(
    account_id: str,
    category_id: int | None,
    kind: CategoryKind | None,
    *,
    descending: bool,
    page_no: int,
    page_size: int,
) -> CategoryPage:
    """A category with a page of its direct subcategories; without an id, those of the first level.

    Raises CategoryNotFound, also for a category that is not of the kind asked for.
    """

    def read(tx: Transaction) -> CategoryPage:
        parent = _parent(tx, account_id, kind, category_id)
        is_top = parent.category_id == ROOT
        shown = kind or parent.kind
        children = categories.below(
            tx,
            account_id,
            parent.category_id,
            kind=shown,
            descending=descending,
            offset=(page_no - 1) * page_size,
            limit=page_size,
        )
        total = len(_BUILT_IN) if is_top and shown == "material" else parent.children
        return CategoryPage(None if is_top else parent, total, children)

    return database.run(read)


def _parent(
    tx: Transaction, account_id: str, kind: CategoryKind | None, category_id: int | None
) -> Category:
    if kind == "material" or category_id in _BUILT_IN:
        _build_in(tx, account_id)
    if category_id is None:
        return categories.get(tx, account_id, ROOT) or _top(tx, account_id)
    found = categories.get(tx, account_id, category_id)
    if found is None or kind not in (None, found.kind) or category_id == ROOT:
        raise CategoryNotFound(category_id)
    return found


def _own(tx: Transaction, account_id: str, category_id: int) -> Category:
    if category_id in _BUILT_IN:
        raise CategoryIsBuiltIn(category_id)
    found = categories.get(tx, account_id, category_id)
    if found is None or category_id == ROOT:
        raise CategoryNotFound(category_id)
    return found


def _top(tx: Transaction, account_id: str) -> Category:
    top = Category(
        account_id=account_id,
        category_id=ROOT,
        kind="default",
        parent_id=ROOT - 1,
        level=-1,
        name="",
        created_at=_SINCE,
    )
    categories.insert(tx, top)
    return top


def _build_in(tx: Transaction, account_id: str) -> None:
    known = {item.category_id for item in categories.get_several(tx, account_id, list(_BUILT_IN))}
    for category_id, name in _BUILT_IN.items():
        if category_id not in known:
            made = Category(
                account_id=account_id,
                category_id=category_id,
                kind="material",
                parent_id=ROOT,
                level=0,
                name=name,
                created_at=_SINCE,
            )
            categories.insert(tx, made)


def _delete_some(tx: Transaction, account_id: str, kind: CategoryKind, category_id: int) -> bool:
    """Delete up to some of what is below, or the category itself if that is all; then True."""

    def below(parent_id: int) -> list[Category]:
        return categories.below(tx, account_id, parent_id, kind=kind, limit=_BATCH)

    found = categories.get(tx, account_id, category_id)
    if found is None:
        return True
    children = below(category_id)
    for child in children:
        if child.children:
            grandchildren = below(child.category_id)
            ids = [item.category_id for item in grandchildren]
            categories.add_children(tx, child, -categories.delete(tx, account_id, ids))
            return False
    if children:
        ids = [item.category_id for item in children]
        categories.add_children(tx, found, -categories.delete(tx, account_id, ids))
        return False
    categories.delete(tx, account_id, [category_id])
    parent = categories.get(tx, account_id, found.parent_id)
    if parent is not None:
        categories.add_children(tx, parent, -1)
    return True
