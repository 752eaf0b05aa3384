"""Play credentials: a key for one question about one media, checked without the database."""

from dataclasses import dataclass

from chalicelib.identity.policies import allow
from chalicelib.identity.tokens import TemporaryKey, issue_token
from chalicelib.library.errors import IllegalStatus
from chalicelib.library.media import MediaView, view
from chalicelib.store.media import MediaStatus

_PLAYABLE = frozenset({MediaStatus.NORMAL, MediaStatus.TRANSCODING})


@dataclass(frozen=True)
class PlayCredential:
    """The media that may be played, and the temporary key for it, which is a secret."""

    shown: MediaView
    key: TemporaryKey
    seconds: int


def issue_play_credential(
    account_id: str, media_id: str, seconds: int, action: str, resource: str
) -> PlayCredential:
    """A key that permits ``action`` on ``resource`` and nothing else, for ``seconds``.

    Raises MediaNotFound, IllegalStatus.
    """
    shown = view(account_id, media_id)
    if shown.media.status not in _PLAYABLE:
        raise IllegalStatus(shown.media.status)
    policy = allow([action], [resource])
    key = issue_token(account_id, f"play/{media_id}", [policy], seconds)
    return PlayCredential(shown, key, seconds)
