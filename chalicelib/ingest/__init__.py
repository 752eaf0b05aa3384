"""Getting media in: upload credentials, and what happens when an upload arrives."""

from typing import TYPE_CHECKING, Any

from chalicelib.lazy import attribute

if TYPE_CHECKING:
    from chalicelib.ingest.completion import complete_upload
    from chalicelib.ingest.errors import (
        NoMultipartUpload,
        SessionIdUsed,
        SourceElsewhere,
        StorageForbidden,
        StorageNotFound,
        UnsupportedExtension,
        UploadsNotSetUp,
        UrlUnusable,
        WorkflowNotFound,
    )
    from chalicelib.ingest.lost_uploads import find_lost_uploads
    from chalicelib.ingest.progress import (
        UploadProgress,
        abort_multipart_uploads,
        upload_progress,
    )
    from chalicelib.ingest.puller import run_pull
    from chalicelib.ingest.pulls import (
        WantedPull,
        cancel_pulls,
        find_pulls,
        forget_pulls,
        revive_pulls,
        submit_pulls,
    )
    from chalicelib.ingest.registration import MediaToRegister, Registered, register_media
    from chalicelib.ingest.single_files import NewSingleFile, create_attached, create_image
    from chalicelib.ingest.uploads import NewUpload, UploadGrant, create_upload, refresh_upload

# What is imported only when it is asked for: each function needs a part.
_PLACES = {
    "MediaToRegister": "chalicelib.ingest.registration",
    "NewSingleFile": "chalicelib.ingest.single_files",
    "NewUpload": "chalicelib.ingest.uploads",
    "NoMultipartUpload": "chalicelib.ingest.errors",
    "Registered": "chalicelib.ingest.registration",
    "SessionIdUsed": "chalicelib.ingest.errors",
    "SourceElsewhere": "chalicelib.ingest.errors",
    "StorageForbidden": "chalicelib.ingest.errors",
    "StorageNotFound": "chalicelib.ingest.errors",
    "UnsupportedExtension": "chalicelib.ingest.errors",
    "UploadGrant": "chalicelib.ingest.uploads",
    "UploadProgress": "chalicelib.ingest.progress",
    "UploadsNotSetUp": "chalicelib.ingest.errors",
    "UrlUnusable": "chalicelib.ingest.errors",
    "WantedPull": "chalicelib.ingest.pulls",
    "WorkflowNotFound": "chalicelib.ingest.errors",
    "abort_multipart_uploads": "chalicelib.ingest.progress",
    "cancel_pulls": "chalicelib.ingest.pulls",
    "complete_upload": "chalicelib.ingest.completion",
    "create_attached": "chalicelib.ingest.single_files",
    "create_image": "chalicelib.ingest.single_files",
    "create_upload": "chalicelib.ingest.uploads",
    "find_lost_uploads": "chalicelib.ingest.lost_uploads",
    "find_pulls": "chalicelib.ingest.pulls",
    "forget_pulls": "chalicelib.ingest.pulls",
    "refresh_upload": "chalicelib.ingest.uploads",
    "register_media": "chalicelib.ingest.registration",
    "revive_pulls": "chalicelib.ingest.pulls",
    "run_pull": "chalicelib.ingest.puller",
    "submit_pulls": "chalicelib.ingest.pulls",
    "upload_progress": "chalicelib.ingest.progress",
}

__all__ = [
    "MediaToRegister",
    "NewSingleFile",
    "NewUpload",
    "NoMultipartUpload",
    "Registered",
    "SessionIdUsed",
    "SourceElsewhere",
    "StorageForbidden",
    "StorageNotFound",
    "UnsupportedExtension",
    "UploadGrant",
    "UploadProgress",
    "UploadsNotSetUp",
    "UrlUnusable",
    "WantedPull",
    "WorkflowNotFound",
    "abort_multipart_uploads",
    "cancel_pulls",
    "complete_upload",
    "create_attached",
    "create_image",
    "create_upload",
    "find_lost_uploads",
    "find_pulls",
    "forget_pulls",
    "refresh_upload",
    "register_media",
    "revive_pulls",
    "run_pull",
    "submit_pulls",
    "upload_progress",
]


def __getattr__(name: str) -> Any:
    return attribute(__name__, _PLACES, name)
