"""The parameter AppId (VOD API manual, chapter 15)."""

from typing import Annotated

from pydantic import AfterValidator

from chalicelib.apis.protocol.aliyun_rpc.errors import ApiError

DEFAULT_APP_ID = "app-1000000"


def _known(app_id: str) -> str:
    if app_id != DEFAULT_APP_ID:
        raise ApiError("Forbidden.OperateApp", 403, "User not authorized to operate app.")
    return app_id


# Every account has the default application and, until applications can be made, no other.
ApplicationId = Annotated[str, AfterValidator(_known)]
