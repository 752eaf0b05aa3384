"""Who may use a play domain at all: limits by referer, user agent, address and count.

VOD developer guide 13.2. A list either allows what it names and nothing else, or refuses it.
"""

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

AddressSource = Literal["connection", "forwarded", "both"]


def _network(text: str) -> str:
    """An address or a network as people write it (``172.16.0.1/24``), in its canonical form."""
    return str(ipaddress.ip_network(text.strip(), strict=False))


_Pattern = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=255)
]
Network = Annotated[str, AfterValidator(_network)]


class _Limit(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    allow: bool = Field(description="Allow what the list names, or refuse it.")


class RefererLimit(_Limit):
    """Sites by name; a name stands for its subdomains, too, and ``*`` for any characters."""

    sites: tuple[_Pattern, ...]
    empty: bool = Field(True, description="Whether requests without a referer pass.")


class AgentLimit(_Limit):
    """User agents; ``*`` stands for any characters, letters match without case."""

    agents: tuple[_Pattern, ...]


class AddressLimit(_Limit):
    """Addresses and networks, IPv4 and IPv6.

    ``source``: the address of the connection, the first one that X-Forwarded-For names (which
    clients can make up unless a proxy of your own sets it), or both at once.
    """

    networks: tuple[Network, ...]
    source: AddressSource = "connection"


class CountLimit(BaseModel):
    """How often one signed URL may be opened, and from how many addresses, in a period."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    openings: Annotated[int, Field(ge=1)] | None = None
    addresses: Annotated[int, Field(ge=1, le=1000)] | None = None
    period_seconds: Annotated[int, Field(ge=1, le=30 * 86_400)] = 86_400


class Limits(BaseModel):
    """All limits of a domain; absent ones let everything pass."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    referer: RefererLimit | None = None
    agent: AgentLimit | None = None
    address: AddressLimit | None = None
    count: CountLimit | None = None
