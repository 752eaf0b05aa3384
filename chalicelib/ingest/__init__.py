"""Getting media in: upload credentials, and what happens when an upload arrives."""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.ingest.completion import complete_upload
    from chalicelib.ingest.errors import StorageNotFound, UnsupportedExtension, WorkflowNotFound
    from chalicelib.ingest.lost_uploads import find_lost_uploads
    from chalicelib.ingest.single_files import NewSingleFile, create_attached, create_image
    from chalicelib.ingest.uploads import NewUpload, UploadGrant, create_upload, refresh_upload

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "NewSingleFile": "chalicelib.ingest.single_files",
    "NewUpload": "chalicelib.ingest.uploads",
    "StorageNotFound": "chalicelib.ingest.errors",
    "UnsupportedExtension": "chalicelib.ingest.errors",
    "UploadGrant": "chalicelib.ingest.uploads",
    "WorkflowNotFound": "chalicelib.ingest.errors",
    "complete_upload": "chalicelib.ingest.completion",
    "create_attached": "chalicelib.ingest.single_files",
    "create_image": "chalicelib.ingest.single_files",
    "create_upload": "chalicelib.ingest.uploads",
    "find_lost_uploads": "chalicelib.ingest.lost_uploads",
    "refresh_upload": "chalicelib.ingest.uploads",
}

__all__ = [
    "NewSingleFile",
    "NewUpload",
    "StorageNotFound",
    "UnsupportedExtension",
    "UploadGrant",
    "WorkflowNotFound",
    "complete_upload",
    "create_attached",
    "create_image",
    "create_upload",
    "find_lost_uploads",
    "refresh_upload",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
