"""The media library: records of media, what was made of them, and how they are found."""

from chalicelib.library.errors import (
    CategoryIsBuiltIn,
    CategoryNotFound,
    CategoryTooDeep,
    IllegalStatus,
    MediaNotFound,
    ScrollTokenExpired,
    SourceMissing,
    StreamNotFound,
    TooFarFromScrollToken,
    TooManySubcategories,
)
from chalicelib.library.media import (
    VIDEOS,
    MediaView,
    find,
    find_several,
    find_source,
    require,
    snapshots_of,
    view,
)

__all__ = [
    "VIDEOS",
    "CategoryIsBuiltIn",
    "CategoryNotFound",
    "CategoryTooDeep",
    "IllegalStatus",
    "MediaNotFound",
    "MediaView",
    "ScrollTokenExpired",
    "SourceMissing",
    "StreamNotFound",
    "TooFarFromScrollToken",
    "TooManySubcategories",
    "find",
    "find_several",
    "find_source",
    "require",
    "snapshots_of",
    "view",
]
