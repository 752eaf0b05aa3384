"""The media library: records of videos and what was made of them."""

from chalicelib.library.errors import IllegalStatus, MediaNotFound
from chalicelib.library.media import (
    MediaView,
    find,
    find_several,
    require,
    snapshots_of,
    view,
)

__all__ = [
    "IllegalStatus",
    "MediaNotFound",
    "MediaView",
    "find",
    "find_several",
    "require",
    "snapshots_of",
    "view",
]
