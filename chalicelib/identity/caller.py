"""Who sends a request, and what this caller may do."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.identity.conditions import Request
from chalicelib.identity.policies import Rights, allows


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated sender of one request.

    ``principal`` is the sender's path inside the account: ``user/{name}`` for an access key,
    ``role/{role}/{session}`` or what the issuer chose for a temporary one. ``rights`` is checked
    by :meth:`may`; nothing else needs to look into it.
    """

    account_id: str
    access_key_id: str
    principal: str
    rights: Rights
    source_ip: str
    secure: bool

    @property
    def arn(self) -> str:
        """``acs:ram::{account}:{principal}``."""
        return f"acs:ram::{self.account_id}:{self.principal}"

    def may(self, action: str, resource: str) -> bool:
        """Whether the policies allow e.g. ``vod:GetPlayInfo`` on ``acs:vod:*:...:video/{id}``.

        Deny wins over Allow; nothing said means no. With temporary credentials every layer must
        allow: the role's policies and the session's.
        """
        request = Request(
            action=action,
            resource=resource,
            source_ip=self.source_ip,
            secure=self.secure,
            time=datetime.now(UTC),
        )
        return allows(self.rights, request)
