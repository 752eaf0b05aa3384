"""Deleting videos, their sources and their streams (VOD API manual 7.3.7 to 7.3.9)."""

from typing import Annotated

from pydantic import field_validator

from chalicelib import library
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError
from chalicelib.apis.protocol.aliyun_rpc.parameters import CommaList, MediaId
from chalicelib.identity.caller import Caller
from chalicelib.library import deletion

_MOST = 20
# Too many ids have a code of their own, which the checks of parameters do not know.
_ANY_NUMBER = 1_000


class DeleteMezzaninesResult(RpcResult):
    """The ids whose source was not deleted."""

    UnRemoveableVideoIds: list[str]
    NonExistVideoIds: list[str]


class DeleteMezzanines(RpcAction):
    """Delete the source files of videos, which then cannot be processed any more (manual 7.3.7)."""

    VideoIds: Annotated[list[str], CommaList(max_items=_MOST)]
    Force: bool = False

    def perform(self, caller: Caller) -> DeleteMezzaninesResult:
        done = deletion.delete_sources(caller.account_id, self.VideoIds, force=self.Force)
        return DeleteMezzaninesResult(
            UnRemoveableVideoIds=done.refused, NonExistVideoIds=done.unknown
        )


class DeleteStream(RpcAction):
    """Delete streams of a video, all of those named or none (manual 7.3.8)."""

    VideoId: MediaId
    JobIds: Annotated[list[str], CommaList(max_items=_ANY_NUMBER)]

    failure = ("DeleteStreamFailed", "Deleting stream has failed due to some unknown error.")

    @field_validator("JobIds")
    @classmethod
    def _few(cls, job_ids: list[str]) -> list[str]:
        if len(job_ids) > _MOST:
            raise ApiError("JobIdsExceededMax", 400, "The JobIds exceeded maximum.")
        return job_ids

    def perform(self, caller: Caller) -> RpcResult:
        deletion.delete_streams(caller.account_id, self.VideoId, self.JobIds)
        return RpcResult()


class DeleteVideoResult(RpcResult):
    """The ids of which nothing was deleted."""

    ForbiddenVideoIds: list[str]
    NonExistVideoIds: list[str]


class DeleteVideo(RpcAction):
    """Delete videos with their sources, streams and pictures for good (manual 7.3.9)."""

    VideoIds: Annotated[list[str], CommaList(max_items=_ANY_NUMBER)]

    failure = ("DeleteVideoFailed", "Deleting video has failed due to some unknown error.")

    @field_validator("VideoIds")
    @classmethod
    def _few(cls, video_ids: list[str]) -> list[str]:
        if len(video_ids) > _MOST:
            raise ApiError("VideoIdsExceededMax", 400, "The VideoIds exceeded maximum.")
        return video_ids

    def perform(self, caller: Caller) -> DeleteVideoResult:
        done = deletion.delete_media(caller.account_id, self.VideoIds)
        if done.unknown == self.VideoIds:
            raise library.MediaNotFound(self.VideoIds[0])
        return DeleteVideoResult(ForbiddenVideoIds=done.refused, NonExistVideoIds=done.unknown)
