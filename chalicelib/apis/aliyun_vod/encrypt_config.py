"""The parameter EncryptConfig: HLS standard encryption (VOD API manual 17.2; guide 13.5)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chalicelib.processing.encryption import StandardKey


class EncryptConfig(BaseModel):
    """``CipherText`` comes from GenerateDataKey; ``DecryptKeyUri`` answers with the key itself."""

    model_config = ConfigDict(frozen=True)

    CipherText: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=_-]{1,2048}$")] = Field(
        repr=False
    )
    DecryptKeyUri: Annotated[
        str, StringConstraints(pattern=r'^(?i:https?)://[^\x00-\x20\x7f"\\]{1,4000}$')
    ]
    KeyServiceType: Literal["KMS"] = "KMS"

    def key(self) -> StandardKey:
        """What the domain calls it."""
        return StandardKey(ciphertext=self.CipherText, key_uri=self.DecryptKeyUri)
