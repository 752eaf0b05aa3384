"""How far uploads are, and throwing away what is left of them (VOD API manual 5.9, 5.10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import library
from chalicelib.ingest.errors import (
    NoMultipartUpload,
    StorageForbidden,
    StorageNotFound,
)
from chalicelib.library.media import VIDEOS
from chalicelib.store import database, keys, media, multipart
from chalicelib.store.media import Media
from chalicelib.store.multipart import MultipartMissing


@dataclass(frozen=True)
class UploadProgress:
    """How many bytes of a media's source have arrived; ``share`` is 0 to 1, None if the size of
    the whole is not known."""

    media: Media
    uploaded: int
    share: float | None


def upload_progress(account_id: str, media_ids: Sequence[str]) -> list[UploadProgress]:
    """Of those of the videos and audios that exist, in the order asked for."""
    wanted = list(dict.fromkeys(media_ids))
    found = database.run(lambda tx: media.get_several(tx, account_id, wanted))
    records = {record.media_id: record for record in found if record.media_type in VIDEOS}
    return [_progress(records[name]) for name in wanted if name in records]


def _progress(record: Media) -> UploadProgress:
    if record.uploaded_at is not None:
        return UploadProgress(record, record.source_size or 0, 1.0)
    uploaded = _arrived(record)
    if not record.declared_size:
        return UploadProgress(record, uploaded, None if uploaded else 0.0)
    return UploadProgress(record, uploaded, round(min(1.0, uploaded / record.declared_size), 3))


def _arrived(record: Media) -> int:
    """Of a multipart upload in progress; one in a single part is either there or not."""
    begun = multipart.open_uploads(record.source_key)
    if not begun:
        return 0
    try:
        parts = multipart.stored_parts(record.source_key, begun[-1].upload_id)
    except MultipartMissing:
        return 0
    return sum(part.size for part in parts)


def abort_multipart_uploads(account_id: str, media_id: str) -> None:
    """Throw away the parts of all uploads of this media that were begun and not ended.

    The source that is there stays. Raises MediaNotFound, StorageNotFound, StorageForbidden, and
    where nothing was begun NoMultipartUpload, or library.SourceMissing if the source is deleted.
    """
    record = library.find(account_id, media_id)
    folder = keys.folder(record.source_key)
    # The segments of a playlist are uploaded beside it. A registered file shares its folder.
    own = media_id in folder
    try:
        begun = multipart.open_uploads(folder if own else record.source_key)
    except multipart.BucketMissing as error:
        raise StorageNotFound from error
    except multipart.BucketForbidden as error:
        raise StorageForbidden from error
    if not begun:
        deleted = record.source_deleted_at is not None
        raise library.SourceMissing(media_id) if deleted else NoMultipartUpload(media_id)
    for upload in begun:
        multipart.abort(upload.key, upload.upload_id)
