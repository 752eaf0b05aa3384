"""HTTP requests and responses as the protocols see them, free of any framework."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it arrived.

    ``query`` holds the percent-decoded pairs in the order sent, repeated names included, so that
    a protocol can refuse them. Header names are in lower case. ``source_ip`` is the address of
    the client, ``secure`` whether it spoke HTTPS; the entry point vouches for both.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    source_ip: str
    secure: bool


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One response, ready to be sent; ``body`` goes out as UTF-8."""

    status: int
    headers: dict[str, str]
    body: str
