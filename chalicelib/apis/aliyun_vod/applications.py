"""The parameter AppId (VOD API manual, chapter 15)."""

from typing import Annotated

from chalicelib.apis.protocol.aliyun_rpc.parameters import MaxChars
from chalicelib.identity.applications import DEFAULT_APP_ID

__all__ = ["DEFAULT_APP_ID", "ApplicationId"]

ApplicationId = Annotated[str, MaxChars(64)]
"""An application's id. Whether the caller may use it is checked for every action before it runs
(``protocol.aliyun_rpc.isolation``)."""
