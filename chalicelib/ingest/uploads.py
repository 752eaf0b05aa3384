"""Starting an upload: the media record and the credential for its one object."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib import events, library, processing
from chalicelib.ingest.errors import SourceElsewhere, UploadsNotSetUp, WorkflowNotFound
from chalicelib.ingest.file_names import media_extension
from chalicelib.ingest.storage_location import check_storage, storage_endpoint
from chalicelib.library import announcements
from chalicelib.processing.template_groups import find_group
from chalicelib.processing.workflows import check_usable
from chalicelib.settings import settings
from chalicelib.store import database, keys, media, upload_tokens
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media, kind_of
from chalicelib.store.upload_tokens import StorageCredential


@dataclass(frozen=True)
class NewUpload:
    """What a client says about a file that it is going to upload."""

    title: str
    file_name: str
    template_group_id: str
    description: str = ""
    tags: str = ""
    category_id: int | None = None
    cover_url: str = ""
    declared_size: int | None = None
    workflow_id: str = ""
    storage_address: str = ""
    callback_url: str = ""
    extend: str = ""


@dataclass(frozen=True)
class UploadGrant:
    """Where to upload, and the right to do it for ``seconds``. ``credential`` holds secrets.

    ``folder`` is set for uploads of several objects (a playlist with its segments): the segments
    go below it.
    """

    media_id: str
    endpoint: str
    region: str
    bucket: str
    key: str
    folder: str | None
    seconds: int
    credential: StorageCredential


def create_upload(account_id: str, app_id: str, new: NewUpload) -> UploadGrant:
    """Write the media record and grant its upload.

    Raises UnsupportedExtension, TemplateGroupNotFound, StorageNotFound, WorkflowNotFound.
    """
    record = prepare_record(account_id, app_id, new)
    # The credential first: a record without one would stand in the library for nothing.
    grant = grant_upload(record)

    def write(tx: Transaction) -> str:
        media.insert(tx, record)
        return announcements.media_created(tx, record)

    events.announce([database.run(write)])
    return grant


def _group_of(account_id: str, app_id: str, new: NewUpload) -> str:
    """The template group of an upload; none where a workflow goes before it (VOD API manual 5.1).

    Raises TemplateGroupNotFound, WorkflowNotFound.
    """
    if not new.workflow_id:
        return find_group(account_id, new.template_group_id, app_id).group_id
    try:
        check_usable(account_id, new.workflow_id)
    except processing.WorkflowNotFound as error:
        raise WorkflowNotFound(new.workflow_id) from error
    return ""


def prepare_record(account_id: str, app_id: str, new: NewUpload) -> Media:
    """The record of a video or audio that is going to come in; it is not written yet.

    Raises UnsupportedExtension, TemplateGroupNotFound, StorageNotFound, WorkflowNotFound.
    """
    extension = media_extension(new.file_name)
    group_id = _group_of(account_id, app_id, new)
    check_storage(new.storage_address)
    media_id = media.new_media_id()
    now = datetime.now(UTC)
    return Media(
        media_id=media_id,
        account_id=account_id,
        app_id=app_id,
        title=new.title,
        description=new.description,
        tags=new.tags,
        category_id=new.category_id,
        custom_cover_url=new.cover_url,
        file_name=new.file_name,
        extension=extension,
        source_key=keys.source_key(media_id, extension),
        declared_size=new.declared_size,
        template_group_id=group_id,
        workflow_id=new.workflow_id,
        callback_url=new.callback_url,
        extend=new.extend,
        look_for_upload_at=first_look(now),
        created_at=now,
        modified_at=now,
        media_type=kind_of(extension),
    )


def refresh_upload(account_id: str, media_id: str) -> UploadGrant:
    """A new credential for the same object: after a time-out, or to overwrite the source.

    Raises MediaNotFound, SourceElsewhere, UploadsNotSetUp.
    """

    def read(tx: Transaction) -> Media:
        record = library.require(tx, account_id, media_id)
        if keys.media_of_source(record.source_key) != media_id:
            raise SourceElsewhere(media_id)
        media.look_again(tx, media_id, first_look(datetime.now(UTC)))
        return record

    return grant_upload(database.run(read))


def grant_upload(record: Media) -> UploadGrant:
    """The right to upload this media's source, and nothing else. Raises UploadsNotSetUp."""
    if not settings().upload_role_arn:
        raise UploadsNotSetUp
    several = record.extension == "m3u8"
    credential = upload_tokens.issue(
        f"upload-{record.media_id}", record.source_key, with_siblings=several
    )
    return UploadGrant(
        media_id=record.media_id,
        endpoint=storage_endpoint(),
        region=settings().storage_region,
        bucket=settings().media_bucket,
        key=record.source_key,
        folder=keys.folder(record.source_key).rstrip("/") if several else None,
        seconds=settings().upload_credential_seconds,
        credential=credential,
    )


def first_look(now: datetime) -> datetime:
    """When the timer looks for an upload that was granted now, should its event be lost."""
    return now + timedelta(seconds=settings().lost_upload_seconds)
