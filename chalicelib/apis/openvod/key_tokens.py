"""Tokens for the keys of HLS standard encryption: the token service of guide 13.5."""

from typing import Annotated

from pydantic import Field

from chalicelib import library
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import MediaId
from chalicelib.identity.caller import Caller
from chalicelib.playback.key_tokens import MAX_SECONDS, MAX_USES, issue_key_token


class IssueHlsUriTokenResult(RpcResult):
    """The token; a secret for the one viewer."""

    MtsHlsUriToken: str


class IssueHlsUriToken(RpcAction):
    """A token with which ``/keys/hls`` releases the keys of one video.

    ``Seconds``: its life, 1 to 86400. ``Uses``: how often it may be used, 1 to 99999.
    """

    VideoId: MediaId
    Seconds: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 300
    Uses: Annotated[int, Field(ge=1, le=MAX_USES)] = 1

    def perform(self, caller: Caller) -> IssueHlsUriTokenResult:
        library.find(caller.account_id, self.VideoId)
        return IssueHlsUriTokenResult(
            MtsHlsUriToken=issue_key_token(self.VideoId, self.Seconds, self.Uses)
        )
