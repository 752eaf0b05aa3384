"""PlayAuth: base64 of the JSON that the vendor's players take apart."""

import base64
import json
from urllib.parse import urlsplit

from chalicelib.apis.aliyun_vod.formats import STATUS, utc
from chalicelib.apis.aliyun_vod.media_views import cover_url
from chalicelib.apis.protocol.aliyun_rpc.action import RpcResult
from chalicelib.library import MediaView
from chalicelib.playback import PlayCredential
from chalicelib.settings import settings


class VideoMetaView(RpcResult):
    """What a player shows before it plays."""

    VideoId: str
    Title: str
    Status: str
    Duration: float
    CoverURL: str


def video_meta(shown: MediaView) -> VideoMetaView:
    """The media in the answer and inside the credential."""
    return VideoMetaView(
        VideoId=shown.media.media_id,
        Title=shown.media.title,
        Status=STATUS[shown.media.status],
        Duration=round(shown.duration, 4),
        CoverURL=cover_url(shown),
    )


def play_auth(credential: PlayCredential, meta: VideoMetaView) -> str:
    """The credential as players decode it.

    With the key inside, a player signs GetPlayInfo; AuthInfo tells it until when and for which
    media, and comes back with that request. What counts is the key: AuthInfo is not relied on.
    """
    media = credential.shown.media
    domain = urlsplit(settings().play_url).netloc
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
        "AuthInfo": json.dumps(auth_info, separators=(",", ":")),
        "Region": settings().region,
        "VideoMeta": meta.model_dump(),
        "PlayDomain": domain,
        "CustomerId": media.account_id,
    }
    return base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()
