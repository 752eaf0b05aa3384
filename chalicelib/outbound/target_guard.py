"""Where an address that somebody else chose may lead: out to the public internet and nowhere else.

Whoever sets a URL for OpenVOD to call could otherwise have it call its own network: the metadata
service, the database, a neighbour. A name is resolved once and the connection goes to the address
that was checked, so that a name that answers differently the second time gains nothing.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Literal
from urllib.parse import SplitResult, quote, urlsplit

from pydantic import BaseModel, ConfigDict

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_NOT_PRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")
# Reserved characters and existing escapes stay; what a URL may not hold at all is escaped.
_PATH_SAFE = "%/:?#[]@!$&'()*+,;=~"

# IPv6 forms that lead on to an IPv4 address of the sender's choice: mapped, compatible, NAT64,
# 6to4, Teredo. Nobody publishes a service under one.
_TRANSITION = tuple(
    ip_network(text)
    for text in (
        *("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48"),
        *("2002::/16", "2001::/32"),
    )
)
# Not told apart as non-public by every Python 3.11: protocol assignments, 6to4 relays, site-local.
_SPECIAL = tuple(ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10"))
# What one machine's own receivers and sources listen on.
OWN_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7"),
    )
)
# Where clouds answer with a machine's own credentials, whatever else may be called. The link-local
# ranges are never let through either way.
_METADATA = tuple(
    ip_network(text)
    for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32")
)


class TargetRefused(Exception):
    """The address is malformed or leads where nothing may be sent; trying again is of no use."""


class TargetUnresolved(Exception):
    """The name has no address now; it may have one later."""


class ParsedTarget(BaseModel):
    """A well-formed address. `path` holds path and query, ready to be sent; `host` is ASCII."""

    model_config = ConfigDict(frozen=True)

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str


class PinnedTarget(ParsedTarget):
    """An address that was resolved and found public; connections go to `address`."""

    address: str


def resolve_public(url: str, allowed: Sequence[Network] = (), timeout: float = 5.0) -> PinnedTarget:
    """Resolve the URL's host once, within `timeout` seconds, and pin an address that is public.

    IPv4 goes first, because not every network that OpenVOD runs in has a way out over IPv6.
    Addresses in the `allowed` networks pass too; those of metadata services never do. Raises
    TargetRefused or TargetUnresolved.
    """
    target = parse_target(url)
    addresses = _lookup(target.host, target.port, timeout)
    for address in sorted(addresses, key=lambda found: found.version):
        if is_public(address) or _is_allowed(address, allowed):
            return PinnedTarget(**target.model_dump(), address=str(address))
    raise TargetRefused(f"{target.host} leads to {addresses[0]}, which is not a public address")


def parse_target(url: str) -> ParsedTarget:
    """Take an http or https URL apart without looking its host up; raises TargetRefused."""
    if _NOT_PRINTABLE.search(url):
        raise TargetRefused("the URL holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefused("the URL is malformed") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise TargetRefused("only http and https are spoken")
    if "@" in parts.netloc:
        raise TargetRefused("credentials in a URL are not accepted")
    if port == 0:
        raise TargetRefused("port 0 is not a port")
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    query = f"?{quote(parts.query, safe=_PATH_SAFE)}" if parts.query else ""
    return ParsedTarget(
        scheme="https" if parts.scheme == "https" else "http",
        host=_ascii_host(parts),
        port=port or _DEFAULT_PORTS[parts.scheme],
        path=path + query,
    )


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet and to a single machine on it."""
    if any(address in network for network in (*_TRANSITION, *_SPECIAL)):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks ("10.0.0.0/8") and single addresses, separated by commas. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    # Addresses that stand for others are refused even so: what is behind them was not looked at.
    hidden = any(address in network for network in _TRANSITION) and not address.is_loopback
    metadata = any(address in network for network in _METADATA)
    if hidden or metadata or address.is_multicast or address.is_unspecified:
        return False
    return any(address in network for network in allowed)


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        encoded = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise TargetRefused("the host name is malformed") from error
    if not _HOST.fullmatch(encoded):
        raise TargetRefused("the host name is malformed")
    return encoded


def _lookup(host: str, port: int, timeout: float) -> list[Address]:
    found: list[Address] = []

    def ask() -> None:
        try:
            for *_, endpoint in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(ipaddress.ip_address(str(endpoint[0]).partition("%")[0]))
        except (OSError, UnicodeError, ValueError):
            found.clear()

    # The resolver has no time limit of its own; a daemon thread that hangs in it holds nobody up.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(max(timeout, 0))
    if asking.is_alive() or not found:
        raise TargetUnresolved(f"{host} has no address")
    return found
