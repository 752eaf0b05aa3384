"""Getting media in: upload credentials, and what happens when an upload arrives."""

from chalicelib.ingest.completion import complete_upload
from chalicelib.ingest.errors import StorageNotFound, UnsupportedExtension, WorkflowNotFound
from chalicelib.ingest.lost_uploads import find_lost_uploads
from chalicelib.ingest.uploads import NewUpload, UploadGrant, create_upload, refresh_upload

__all__ = [
    "NewUpload",
    "StorageNotFound",
    "UnsupportedExtension",
    "UploadGrant",
    "WorkflowNotFound",
    "complete_upload",
    "create_upload",
    "find_lost_uploads",
    "refresh_upload",
]
