"""Domain errors under KMS's codes."""

from chalicelib.apis.protocol.aliyun_rpc.errors import Errors, fixed
from chalicelib.identity import errors as identity
from chalicelib.store.stream_keys import KeyUnusable

ERRORS: Errors = {
    identity.PermissionDenied: fixed(
        "Forbidden.NoPermission", 403, "This operation is forbidden by permission system."
    ),
    KeyUnusable: fixed(
        "InvalidCiphertext.Decryption", 400, "The specified ciphertext cannot be decrypted."
    ),
}
