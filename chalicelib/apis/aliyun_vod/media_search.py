"""Searching and listing media (VOD API manual 7.1.1, 7.3.3; the search protocol, 17.6)."""

from typing import Annotated

from pydantic import Field

from chalicelib import library
from chalicelib.apis.aliyun_vod import media_views, search_fields, search_syntax, search_views
from chalicelib.apis.aliyun_vod.formats import STATUS
from chalicelib.apis.aliyun_vod.media_views import PagedVideo
from chalicelib.apis.aliyun_vod.parameters import Moment, Order
from chalicelib.apis.aliyun_vod.search_nodes import MatchSyntaxError
from chalicelib.apis.aliyun_vod.search_views import MediaFound
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError, invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MaxChars, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.ingest.storage_location import storage_address
from chalicelib.library import search
from chalicelib.library.search import MOST_HITS, Search
from chalicelib.store.media_filter import (
    EVERYTHING,
    NOTHING,
    All,
    Filter,
    IsOneOf,
    Scope,
    Sort,
    SortColumn,
)

_SORT_COLUMNS: dict[str, SortColumn] = {
    "CreationTime": "created_at",
    "ModificationTime": "modified_at",
}
_MOST_SORTS = 3
_STATUSES = (*STATUS.values(), "UploadFail")


def _sorts(texts: tuple[str, ...]) -> tuple[Sort, ...]:
    sorts = []
    for text in texts:
        name, _, direction = text.partition(":")
        if name not in _SORT_COLUMNS or direction not in ("Asc", "Desc"):
            raise invalid_parameter(
                "SortBy", "Its items must be CreationTime or ModificationTime with :Asc or :Desc."
            )
        sorts.append(Sort(_SORT_COLUMNS[name], descending=direction == "Desc"))
    return tuple(sorts)


class SearchMediaResult(RpcResult):
    """A page of hits, and where a walk through all of them goes on from."""

    Total: int
    ScrollToken: str | None
    MediaList: list[MediaFound]


class SearchMedia(RpcAction):
    """Search media of one type (manual 7.1.1)."""

    SearchType: Annotated[str, OneOf("video", "audio", "image", "attached")] = "video"
    Fields: Annotated[tuple[str, ...], CommaList()] = ()
    Match: Annotated[str, MaxChars(8192)] = ""
    SortBy: Annotated[tuple[str, ...], CommaList(max_items=_MOST_SORTS)] = ("CreationTime:Desc",)
    PageNo: Annotated[int, Field(ge=1, le=10**7)] = 1
    PageSize: Annotated[int, Field(ge=1, le=100)] = 10
    ScrollToken: Annotated[str, MaxChars(64)] = ""

    def perform(self, caller: Caller) -> SearchMediaResult:
        known = search_fields.FIELDS[self.SearchType]
        for name in self.Fields:
            if name not in known or not known[name].returned:
                raise invalid_parameter("Fields", f"{name} is no field of this type of media.")
        looked_for = Search(
            Scope(caller.account_id, (self.SearchType,)),
            self._filter(),
            _sorts(self.SortBy),
            self.PageNo,
            self.PageSize,
        )
        # Only videos and audio can be walked through beyond the first hits.
        if self.ScrollToken and self.SearchType in ("video", "audio"):
            if len(looked_for.sorts) > 1:
                raise ApiError(
                    "SortByExceededMax",
                    400,
                    "The SortBy parameter only supports one sort field when traversing all data.",
                )
            page = search.scroll(looked_for, self.ScrollToken)
        else:
            page = search.search(looked_for)
        return SearchMediaResult(
            Total=page.total,
            ScrollToken=page.scroll_token or None,
            MediaList=[search_views.found(item, self.Fields) for item in page.items],
        )

    def _filter(self) -> Filter:
        if not self.Match.strip():
            return EVERYTHING
        try:
            node = search_syntax.parse(self.Match)
            return search_fields.understood(node, search_fields.FIELDS[self.SearchType])
        except MatchSyntaxError as error:
            raise ApiError(
                "ErrorMatchSyntax",
                400,
                f"The parameter Match.{error.near} has an error syntax, please check it."
                f" At position {error.position}: {error.problem}.",
            ) from None


class PagedVideos(RpcResult):
    """The wrapper that the vendor's SDK expects around a list."""

    Video: list[PagedVideo]


class GetVideoListResult(RpcResult):
    """A page of videos."""

    Total: int
    VideoList: PagedVideos


class GetVideoList(RpcAction):
    """Videos and audio by status, category and time of creation (manual 7.3.3)."""

    CateId: int | None = None
    Status: Annotated[tuple[str, ...], CommaList(enum=_STATUSES)] = ()
    PageNo: Annotated[int, Field(ge=1, le=10**7)] = 1
    PageSize: Annotated[int, Field(ge=1, le=100)] = 10
    SortBy: Annotated[str, Order] = "CreationTime:Desc"
    StartTime: Moment | None = None
    EndTime: Moment | None = None
    StorageLocation: Annotated[str, MaxChars(256)] = ""

    def perform(self, caller: Caller) -> GetVideoListResult:
        looked_for = Search(
            Scope(caller.account_id, ("video", "audio")),
            self._filter(),
            (Sort(descending=self.SortBy.endswith(":Desc")),),
            self.PageNo,
            self.PageSize,
        )
        if looked_for.offset >= MOST_HITS:
            raise ApiError("VideoListExceededMax", 400, "The video list exceeded maximum.")
        page = search.search(looked_for)
        if not page.total:
            raise library.MediaNotFound("")
        return GetVideoListResult(
            Total=page.total,
            VideoList=PagedVideos(Video=[media_views.paged_video(item) for item in page.items]),
        )

    def _filter(self) -> Filter:
        start, end = self.StartTime, self.EndTime
        if start and end and end <= start:
            raise invalid_parameter("EndTime", "It must be later than StartTime.")
        parts: list[Filter] = []
        if self.CateId is not None:
            parts.append(IsOneOf("category_id", (self.CateId,)))
        if self.Status:
            parts.append(search_fields.status_filter(self.Status))
        if start or end:
            parts.append(search_fields.span("created_at", start, end))
        if self.StorageLocation not in ("", storage_address()):
            parts.append(NOTHING)
        return All(tuple(parts))
