"""The Condition element of a policy statement (VOD developer guide 3.4).

Keys: ``acs:SourceIp``, ``acs:SecureTransport``, ``acs:CurrentTime``. Several values of one key are
alternatives; all keys and operators of a Condition must hold. A key, an operator or a value that
is not understood makes the outcome UNKNOWN, and the statement then works against the caller.
"""

import ipaddress
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.identity.patterns import matches

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]


class UnknownCondition(Exception):
    """The condition cannot be judged: something in it is not understood."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a policy is asked about. ``time`` is when the request arrived, with its time zone."""

    action: str
    resource: str
    source_ip: str
    secure: bool
    time: datetime


def satisfied(conditions: Conditions, request: Request) -> bool:
    """Whether every condition holds; raises UnknownCondition when one cannot be judged."""
    # All are judged before the answer, so that the outcome does not depend on their order.
    outcomes = [
        _holds(name, key, values, request)
        for name, keys in conditions.items()
        for key, values in keys.items()
    ]
    return all(outcomes)


def _holds(name: str, key: str, values: tuple[str, ...], request: Request) -> bool:
    if name in _DATES and key == "acs:CurrentTime":
        negated, compare = _DATES[name]
        outcomes = [compare(request.time, _instant(value)) for value in values]
    elif name in ("IpAddress", "NotIpAddress") and key == "acs:SourceIp":
        negated = name == "NotIpAddress"
        outcomes = [_address_matches(value, request.source_ip) for value in values]
    elif name == "Bool" and key == "acs:SecureTransport":
        negated = False
        outcomes = [_truth(value) is request.secure for value in values]
    elif name in _STRINGS and key in _TEXTS:
        negated, fits = _STRINGS[name]
        text = _TEXTS[key](request)
        outcomes = [fits(value, text) for value in values]
    else:
        raise UnknownCondition(f"{name} on {key}")
    return any(outcomes) is not negated


def _same(value: str, text: str) -> bool:
    return value == text


def _same_ignoring_case(value: str, text: str) -> bool:
    return value.casefold() == text.casefold()


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Operator: (whether it is the negation of a match, the match of one value).
_DATES: dict[str, tuple[bool, Callable[[datetime, datetime], bool]]] = {
    "DateEquals": (False, operator.eq),
    "DateNotEquals": (True, operator.eq),
    "DateLessThan": (False, operator.lt),
    "DateLessThanEquals": (False, operator.le),
    "DateGreaterThan": (False, operator.gt),
    "DateGreaterThanEquals": (False, operator.ge),
}
_STRINGS: dict[str, tuple[bool, Callable[[str, str], bool]]] = {
    "StringEquals": (False, _same),
    "StringNotEquals": (True, _same),
    "StringEqualsIgnoreCase": (False, _same_ignoring_case),
    "StringNotEqualsIgnoreCase": (True, _same_ignoring_case),
    "StringLike": (False, matches),
    "StringNotLike": (True, matches),
}
_TEXTS: dict[str, Callable[[Request], str]] = {
    "acs:SourceIp": lambda request: request.source_ip,
    "acs:SecureTransport": lambda request: "true" if request.secure else "false",
    "acs:CurrentTime": lambda request: _timestamp(request.time),
}


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise UnknownCondition("not an ISO 8601 time") from error
    if instant.tzinfo is None:
        raise UnknownCondition("a time without its zone")
    return instant


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise UnknownCondition("neither true nor false")
    return value == "true"


def _address_matches(value: str, source_ip: str) -> bool:
    address = _address(source_ip)
    if "*" in value:
        if value.strip("0123456789abcdefABCDEF.:*"):
            raise UnknownCondition("not an address with wildcards")
        return matches(value.lower(), str(address))
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise UnknownCondition("neither an address nor a network") from error
    return address.version == network.version and address in network


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise UnknownCondition("the caller's address is not known") from error
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
