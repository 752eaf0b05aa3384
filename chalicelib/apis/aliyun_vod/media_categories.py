"""Categories of media (VOD API manual 7.2)."""

from typing import Annotated, Literal, cast

from pydantic import Field

from chalicelib.apis.aliyun_vod.parameters import Order
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import missing_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import MaxBytes, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.library import categories
from chalicelib.store.categories import ROOT, Category

Kind = Literal["default", "material"]
_KIND = OneOf("default", "material")

# What clients are told stands above the first level.
_NO_PARENT = -1


class CategoryView(RpcResult):
    """One category; Level counts from 0."""

    CateId: int
    CateName: str
    Level: int
    ParentId: int
    Type: str


class SubCategoryView(CategoryView):
    """One category in a list; SubTotal counts what is directly below it."""

    SubTotal: int


class AddCategoryResult(RpcResult):
    """The category that was made."""

    Category: CategoryView


class AddCategory(RpcAction):
    """Make a category of media (manual 7.2.1)."""

    CateName: Annotated[str, MaxBytes(64)]
    ParentId: int | None = None
    Type: Annotated[str, _KIND] = "default"

    def perform(self, caller: Caller) -> AddCategoryResult:
        parent_id = None if self.ParentId == _NO_PARENT else self.ParentId
        if self.Type == "material" and parent_id is None:
            raise missing_parameter("ParentId")
        made = categories.add_category(
            caller.account_id, cast(Kind, self.Type), parent_id, self.CateName
        )
        return AddCategoryResult(Category=CategoryView(**_view(made)))


class UpdateCategory(RpcAction):
    """Rename a category (manual 7.2.2)."""

    CateId: int
    CateName: Annotated[str, MaxBytes(64)]

    def perform(self, caller: Caller) -> RpcResult:
        categories.rename_category(caller.account_id, self.CateId, self.CateName)
        return RpcResult()


class DeleteCategory(RpcAction):
    """Delete a category with everything below it (manual 7.2.3)."""

    CateId: int

    def perform(self, caller: Caller) -> RpcResult:
        categories.delete_category(caller.account_id, self.CateId)
        return RpcResult()


class SubCategoryList(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    Category: list[SubCategoryView]


class GetCategoriesResult(RpcResult):
    """A category (none for the top of the tree) and a page of what is below it."""

    SubTotal: int
    Category: CategoryView | None
    SubCategories: SubCategoryList


class GetCategories(RpcAction):
    """A category and a page of its direct subcategories (manual 7.2.4).

    Without a CateId: the first level. A CateId decides the type by itself.
    """

    CateId: int | None = None
    PageNo: Annotated[int, Field(ge=1, le=10**6)] = 1
    PageSize: Annotated[int, Field(ge=1, le=100)] = 10
    SortBy: Annotated[str, Order] = "CreationTime:Desc"
    Type: Annotated[str | None, _KIND] = None

    def perform(self, caller: Caller) -> GetCategoriesResult:
        category_id = None if self.CateId == _NO_PARENT else self.CateId
        kind = self.Type or ("default" if category_id is None else None)
        found = categories.list_categories(
            caller.account_id,
            category_id,
            cast(Kind | None, kind),
            descending=self.SortBy.endswith(":Desc"),
            page_no=self.PageNo,
            page_size=self.PageSize,
        )
        return GetCategoriesResult(
            SubTotal=found.total,
            Category=CategoryView(**_view(found.category)) if found.category else None,
            SubCategories=SubCategoryList(
                Category=[
                    SubCategoryView(**_view(item), SubTotal=item.children)
                    for item in found.children
                ]
            ),
        )


def parent_id(category: Category) -> int:
    """What is above a category, as clients are told."""
    return _NO_PARENT if category.parent_id == ROOT else category.parent_id


def _view(category: Category) -> dict[str, object]:
    return {
        "CateId": category.category_id,
        "CateName": category.name,
        "Level": category.level,
        "ParentId": parent_id(category),
        "Type": category.kind,
    }
