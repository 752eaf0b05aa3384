"""Starting the upload of an image or of an auxiliary file: a record and the right to write one
object (VOD API manual 5.3 and 5.4)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from chalicelib.ingest.errors import UnsupportedExtension
from chalicelib.ingest.storage_location import check_storage
from chalicelib.ingest.uploads import UploadGrant, first_look, grant_upload
from chalicelib.store import database, keys, media
from chalicelib.store.media import Media, MediaType

# VOD API manual 5.3 and 5.4.
IMAGE_EXTENSIONS = ("png", "jpg", "jpeg", "gif")
ATTACHED_EXTENSIONS = {
    "watermark": ("png", "gif", "apng", "mov"),
    "subtitle": ("srt", "ass", "stl", "ttml", "vtt"),
    "material": ("jpg", "gif", "png", "mp4", "mat", "zip"),
}

ImageUse = Literal["default", "cover"]
AttachedUse = Literal["watermark", "subtitle", "material"]


@dataclass(frozen=True)
class NewSingleFile:
    """What a client says about an image or an auxiliary file that it is going to upload."""

    extension: str
    title: str = ""
    file_name: str = ""
    description: str = ""
    tags: str = ""
    category_ids: tuple[int, ...] = ()
    declared_size: int | None = None
    storage_address: str = ""
    callback_url: str = ""
    extend: str = ""


def create_image(account_id: str, app_id: str, use: ImageUse, new: NewSingleFile) -> UploadGrant:
    """Write the record of an image and grant its upload.

    Raises UnsupportedExtension, StorageNotFound.
    """
    if new.extension not in IMAGE_EXTENSIONS:
        raise UnsupportedExtension(new.extension)
    return _create(account_id, app_id, MediaType.IMAGE, "image", use, new)


def create_attached(
    account_id: str, app_id: str, use: AttachedUse, new: NewSingleFile
) -> UploadGrant:
    """Write the record of an auxiliary file and grant its upload.

    Raises UnsupportedExtension (the permitted ones depend on the use), StorageNotFound.
    """
    if new.extension not in ATTACHED_EXTENSIONS[use]:
        raise UnsupportedExtension(new.extension)
    return _create(account_id, app_id, MediaType.ATTACHED, use, use, new)


def _create(
    account_id: str,
    app_id: str,
    media_type: MediaType,
    prefix: str,
    use: str,
    new: NewSingleFile,
) -> UploadGrant:
    check_storage(new.storage_address)
    media_id = media.new_media_id()
    now = datetime.now(UTC)
    several = media_type is MediaType.ATTACHED
    record = Media(
        media_id=media_id,
        account_id=account_id,
        app_id=app_id,
        media_type=media_type,
        business_type=use,
        title=new.title,
        description=new.description,
        tags=new.tags,
        category_id=None if several else next(iter(new.category_ids), None),
        category_ids=json.dumps(new.category_ids) if several else "[]",
        file_name=new.file_name or f"{media_id}.{new.extension}",
        extension=new.extension,
        source_key=keys.single_file_key(prefix, media_id, new.extension),
        declared_size=new.declared_size,
        template_group_id="",
        callback_url=new.callback_url,
        extend=new.extend,
        look_for_upload_at=first_look(now),
        created_at=now,
        modified_at=now,
    )
    # The credential first: a record without one would stand in the library for nothing.
    grant = grant_upload(record)
    database.run(lambda tx: media.insert(tx, record))
    return grant
