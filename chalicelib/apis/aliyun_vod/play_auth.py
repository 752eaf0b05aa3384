"""PlayAuth: base64 of the JSON that the vendor's players take apart."""

import base64
import json
from functools import lru_cache
from urllib.parse import urlsplit

from chalicelib.apis.aliyun_vod.formats import STATUS, utc
from chalicelib.apis.aliyun_vod.media_views import cover_url
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.library.media import facts_of
from chalicelib.playback import PlayCredential
from chalicelib.settings import settings
from chalicelib.store.playable import PlayedMedia

# In ASCII: players in browsers take base64 apart byte by byte.
_COMPACT = json.JSONEncoder(separators=(",", ":"))


class VideoMetaView(RpcResult):
    """What a player shows before it plays."""

    VideoId: str
    Title: str
    Status: str
    Duration: float
    CoverURL: str


def video_meta(media: PlayedMedia) -> VideoMetaView:
    """The media in the answer and inside the credential."""
    facts = facts_of(media)
    return VideoMetaView(
        VideoId=media.media_id,
        Title=media.title,
        Status=STATUS[media.status],
        Duration=round(facts.duration, 4) if facts else 0.0,
        CoverURL=cover_url(media),
    )


def play_auth(credential: PlayCredential, meta: VideoMetaView) -> str:
    """The credential as players decode it.

    With the key inside, a player signs GetPlayInfo; AuthInfo tells it until when and for which
    media, and comes back with that request. What counts is the key: AuthInfo is not relied on.
    """
    media = credential.media
    domain = _domain(settings().play_url)
    auth_info = {
        "Caller": media.account_id,
        "ExpireTime": utc(credential.key.expires_at),
        "MediaId": media.media_id,
        "PlayDomain": domain,
    }
    content = {
        "SecurityToken": credential.key.security_token,
        "AccessKeyId": credential.key.access_key_id,
        "AccessKeySecret": credential.key.access_key_secret,
        "AuthInfo": _COMPACT.encode(auth_info),
        "Region": settings().region,
        "VideoMeta": meta.model_dump(),
        "PlayDomain": domain,
        "CustomerId": media.account_id,
    }
    return base64.b64encode(_COMPACT.encode(content).encode()).decode()


@lru_cache(maxsize=4)
def _domain(play_url: str) -> str:
    return urlsplit(play_url).netloc
