"""Making media of files that lie in the bucket already (VOD API manual 5.11)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.ingest.completion import ArrivedObject, follow_up, record_arrival
from chalicelib.ingest.errors import UnsupportedExtension
from chalicelib.ingest.uploads import NewUpload, prepare_record
from chalicelib.library.media import VIDEOS
from chalicelib.logs import log
from chalicelib.playback.urls import key_of_url
from chalicelib.processing.built_in_groups import NO_TRANSCODE_GROUP_ID
from chalicelib.processing.kinds import Followup
from chalicelib.store import database, keys, media, objects
from chalicelib.store.database import Transaction
from chalicelib.store.media import Media
from chalicelib.store.objects import StoredObject


@dataclass(frozen=True)
class MediaToRegister:
    """A file, by an address of it, and what is said about it."""

    url: str
    title: str
    description: str = ""
    tags: str = ""
    cover_url: str = ""
    category_id: int | None = None


@dataclass(frozen=True)
class Registered:
    """A file that is a media; ``is_new``: it was not before."""

    url: str
    media_id: str
    is_new: bool


@dataclass(frozen=True)
class _Processing:
    template_group_id: str
    workflow_id: str
    callback_url: str
    extend: str


def register_media(
    account_id: str,
    app_id: str,
    wanted: Sequence[MediaToRegister],
    *,
    template_group_id: str = "",
    workflow_id: str = "",
    callback_url: str = "",
    extend: str = "",
) -> tuple[list[Registered], list[str]]:
    """Make media of these files, each once for ever; returns them, and the addresses that failed.

    Without a template group or workflow nothing is transcoded, unlike after an upload. A file fails
    that is not there, of no format of video or audio, another's source or made from a media. Raises
    TemplateGroupNotFound, WorkflowNotFound.
    """
    group = template_group_id or ("" if workflow_id else NO_TRANSCODE_GROUP_ID)
    how = _Processing(group, workflow_id, callback_url, extend)
    registered: list[Registered] = []
    failed: list[str] = []
    for one in wanted:
        done = _register(account_id, app_id, one, how)
        if done is None:
            failed.append(one.url)
        else:
            registered.append(done)
    return registered, failed


def _register(
    account_id: str, app_id: str, wanted: MediaToRegister, how: _Processing
) -> Registered | None:
    key = key_of_url(wanted.url)
    if key is None:
        return None
    try:
        record = _record(account_id, app_id, key, wanted, how)
    except UnsupportedExtension:
        return None
    stored = objects.describe(key)

    def write(tx: Transaction) -> tuple[Registered, Followup] | None:
        known = media.get_by_source(tx, key)
        if known is not None:
            ours = known.account_id == account_id and known.media_type in VIDEOS
            return (Registered(wanted.url, known.media_id, False), Followup()) if ours else None
        if stored is None or _belongs_to_a_media(tx, key):
            return None
        # The same id whoever is first of two that register it at once, another one for a file that
        # comes to lie there later.
        new = record.model_copy(update={"media_id": _media_id(account_id, stored)})
        media.insert(tx, new)
        arrived = ArrivedObject(key, stored.size, stored.etag, sequencer="")
        done = record_arrival(tx, new.media_id, arrived) or Followup()
        return Registered(wanted.url, new.media_id, True), done

    written = database.run(write)
    if written is None:
        return None
    follow_up(written[1])
    if written[0].is_new:
        log.info("media registered", extra={"media_id": written[0].media_id})
    return written[0]


def _record(
    account_id: str, app_id: str, key: str, wanted: MediaToRegister, how: _Processing
) -> Media:
    new = NewUpload(
        title=wanted.title,
        file_name=key.rpartition("/")[2],
        template_group_id=how.template_group_id,
        description=wanted.description,
        tags=wanted.tags,
        category_id=wanted.category_id,
        cover_url=wanted.cover_url,
        workflow_id=how.workflow_id,
        callback_url=how.callback_url,
        extend=how.extend,
    )
    record = prepare_record(account_id, app_id, new)
    return record.model_copy(update={"source_key": key, "upload_source": "register"})


def _belongs_to_a_media(tx: Transaction, key: str) -> bool:
    """Whether the file is one of somebody's upload, or was made of a media."""
    if key.startswith(f"{keys.SOURCE_PREFIX}/"):
        return True
    return media.get_any(tx, key.partition("/")[0]) is not None


def _media_id(account_id: str, stored: StoredObject) -> str:
    parts = (account_id, stored.key, stored.etag, stored.modified_at.isoformat())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
