"""Play credentials: a key for one question about one media, checked without the database."""

from dataclasses import dataclass

from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import TemporaryKey, issue_token
from chalicelib.library.errors import IllegalStatus, MediaNotFound
from chalicelib.library.media import VIDEOS
from chalicelib.playback.review import may_play_unreviewed
from chalicelib.store import database, playable
from chalicelib.store.media import MediaStatus
from chalicelib.store.playable import PlayedMedia

_PLAYABLE = frozenset({MediaStatus.NORMAL, MediaStatus.TRANSCODING})


@dataclass(frozen=True)
class PlayCredential:
    """The media that may be played, and the temporary key for it, which is a secret."""

    media: PlayedMedia
    key: TemporaryKey
    seconds: int


def issue_play_credential(
    account_id: str, media_id: str, seconds: int, action: str, resource: str, address: str
) -> PlayCredential:
    """A key that permits ``action`` on ``resource`` and nothing else, for ``seconds``.

    ``address`` is where the request comes from: from security addresses also media under review
    get one. Raises MediaNotFound, IllegalStatus.
    """
    record = database.run_single(lambda tx: playable.media(tx, account_id, media_id))
    if record is None or record.media_type not in VIDEOS:
        raise MediaNotFound(media_id)
    if record.status not in _PLAYABLE and not may_play_unreviewed(
        account_id, record.status, address
    ):
        raise IllegalStatus(record.status)
    policy = allow([action], [resource])
    key = issue_token(account_id, session_principal(media_id), [policy], seconds)
    return PlayCredential(record, key, seconds)


def session_principal(media_id: str) -> str:
    """Who the holder of a play credential is, to the rest of the application."""
    return f"play/{media_id}"
