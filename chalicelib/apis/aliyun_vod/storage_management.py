"""Storage: the cross-domain file (VOD API manual 16.2)."""

from typing import Annotated

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.errors import invalid_parameter
from chalicelib.apis.protocol.aliyun_rpc.parameters import MaxBytes, MaxChars
from chalicelib.identity.caller import Caller
from chalicelib.ingest.errors import StorageNotFound
from chalicelib.ingest.storage_location import storage_address
from chalicelib.playback import cross_domain
from chalicelib.settings import settings


class SetCrossdomainContent(RpcAction):
    """Set the content of crossdomain.xml (manual 16.2.1); it is served under the play domain.

    ResourceRealOwnerId is accepted without effect: the caller's account owns the storage.
    """

    Content: Annotated[str, MaxChars(2048)]
    StorageLocation: Annotated[str, MaxBytes(256)]
    ResourceRealOwnerId: str | None = None

    def perform(self, caller: Caller) -> RpcResult:
        if self.StorageLocation not in (settings().media_bucket, storage_address()):
            raise StorageNotFound(self.StorageLocation)
        try:
            cross_domain.set_policy(caller.account_id, self.Content)
        except cross_domain.PolicyInvalid as error:
            raise invalid_parameter("Content", f"It is no cross-domain policy: {error}.") from error
        return RpcResult()
