"""Assuming roles."""

from typing import Annotated

from pydantic import BeforeValidator

from chalicelib.apis.aliyun_sts.errors import BAD_DURATION
from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.identity.caller import Caller
from chalicelib.identity.roles import assume_role


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BAD_DURATION
    return int(text)


class AssumedRoleUser(RpcResult):
    """The identity that the temporary key acts as."""

    Arn: str
    AssumedRoleId: str


class Credentials(RpcResult):
    """The temporary key; Expiration is ``YYYY-MM-DDThh:mm:ssZ``."""

    AccessKeyId: str
    AccessKeySecret: str
    SecurityToken: str
    Expiration: str


class AssumeRoleResult(RpcResult):
    """What AssumeRole returns."""

    AssumedRoleUser: AssumedRoleUser
    Credentials: Credentials


class AssumeRole(RpcAction):
    """Issue a temporary key that may do what the role and the optional Policy both allow.

    RoleSessionName is 2 to 64 characters of ``A-Za-z0-9.@_-``, Policy at most 2048 characters,
    DurationSeconds 900 to 3600. The caller needs ``sts:AssumeRole`` on the role's ARN.
    """

    RoleArn: str
    RoleSessionName: str
    Policy: str | None = None
    DurationSeconds: Annotated[int, BeforeValidator(_seconds)] = 3600

    def resource(self, account_id: str) -> str:
        return self.RoleArn

    def perform(self, caller: Caller) -> AssumeRoleResult:
        session = assume_role(
            caller, self.RoleArn, self.RoleSessionName, self.DurationSeconds, self.Policy
        )
        return AssumeRoleResult(
            AssumedRoleUser=AssumedRoleUser(Arn=session.arn, AssumedRoleId=session.id),
            Credentials=Credentials(
                AccessKeyId=session.key.access_key_id,
                AccessKeySecret=session.key.access_key_secret,
                SecurityToken=session.key.security_token,
                Expiration=session.key.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            ),
        )
