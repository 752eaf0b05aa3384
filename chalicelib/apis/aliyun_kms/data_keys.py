"""Data keys (VOD developer guide 13.5): what the guide calls of KMS, and nothing else of it."""

from typing import Annotated

from chalicelib.apis.protocol.aliyun_rpc.action import RpcAction, RpcResult
from chalicelib.apis.protocol.aliyun_rpc.parameters import MaxBytes, OneOf
from chalicelib.identity.caller import Caller
from chalicelib.playback import data_keys

_SERVICE_KEY = "alias/acs/vod"


class GenerateDataKeyResult(RpcResult):
    """A key in both forms: Plaintext is base64, CiphertextBlob is to be kept."""

    KeyId: str
    CiphertextBlob: str
    Plaintext: str


class GenerateDataKey(RpcAction):
    """Make an AES-128 key for HLS standard encryption; KeyId is the alias of VOD's service key."""

    KeyId: Annotated[str, OneOf(_SERVICE_KEY)]
    KeySpec: Annotated[str, OneOf("AES_128")] = "AES_128"

    def resource(self, account_id: str) -> str:
        return f"acs:kms:*:{account_id}:{self.KeyId}"

    def perform(self, caller: Caller) -> GenerateDataKeyResult:
        key = data_keys.new_data_key(caller.account_id)
        return GenerateDataKeyResult(
            KeyId=self.KeyId,
            CiphertextBlob=key.ciphertext,
            Plaintext=data_keys.encoded(key.plaintext),
        )


class DecryptResult(RpcResult):
    """The key: Plaintext is base64."""

    KeyId: str
    Plaintext: str


class Decrypt(RpcAction):
    """Open a CiphertextBlob of GenerateDataKey, as a customer's own decryption service does."""

    CiphertextBlob: Annotated[str, MaxBytes(2048)]

    def resource(self, account_id: str) -> str:
        return f"acs:kms:*:{account_id}:{_SERVICE_KEY}"

    def perform(self, caller: Caller) -> DecryptResult:
        key = data_keys.open_data_key(caller.account_id, self.CiphertextBlob)
        return DecryptResult(KeyId=_SERVICE_KEY, Plaintext=data_keys.encoded(key))
