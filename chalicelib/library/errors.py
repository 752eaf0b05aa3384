"""What can be wrong with a request for something in the media library."""

from chalicelib.store.media import MediaStatus


class MediaNotFound(Exception):
    """The account owns no media with this id."""

    def __init__(self, media_id: str) -> None:
        super().__init__(f"no media {media_id}")
        self.media_id = media_id


class IllegalStatus(Exception):
    """The media's status does not permit what was asked for."""

    def __init__(self, status: MediaStatus) -> None:
        super().__init__(f"the media's status is {status.value}")
        self.status = status


class SourceMissing(Exception):
    """The media's source file is not there any more."""


class ScrollTokenExpired(Exception):
    """The token of a walk through search results is too old, or belongs to another search."""


class TooFarFromScrollToken(Exception):
    """The page asked for is further from the place of the token than a walk may go at once."""

    def __init__(self, page_no: int) -> None:
        super().__init__(f"page {page_no} is out of the token's reach")
        self.page_no = page_no


class CategoryNotFound(Exception):
    """The account has no such category of media."""

    def __init__(self, category_id: int) -> None:
        super().__init__(f"no category {category_id}")
        self.category_id = category_id


class CategoryTooDeep(Exception):
    """Categories have no more levels than there are above the one asked for."""


class TooManySubcategories(Exception):
    """A category has as many subcategories as it may have."""


class StreamNotFound(Exception):
    """The media has no stream that was made by this job."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no stream of job {job_id}")
        self.job_id = job_id


class CategoryIsBuiltIn(Exception):
    """The category is there for every account and cannot be changed."""

    def __init__(self, category_id: int) -> None:
        super().__init__(f"category {category_id} is built in")
        self.category_id = category_id
