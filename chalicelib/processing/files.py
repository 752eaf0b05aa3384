"""Files that templates and watermarks name by an address: pictures, subtitles, openings."""

from chalicelib.playback.urls import key_of_url
from chalicelib.processing.errors import FileNotFound
from chalicelib.store import database, keys, media, objects


def find_file(account_id: str, url: str) -> str:
    """The key of the object that the address names.

    It must be one of the account's own, in this deployment, and there. Raises FileNotFound, for
    which of these reasons is not told: a stranger learns nothing from it.
    """
    key = key_of_url(url)
    if key is None or not _is_own(account_id, key) or objects.describe(key) is None:
        raise FileNotFound("the address names no file of this account")
    return key


def _is_own(account_id: str, key: str) -> bool:
    media_id = keys.media_of_source(key) or key.split("/", 1)[0]
    return database.run(lambda tx: media.get(tx, account_id, media_id)) is not None
