"""The edge function by itself: CloudFront's limits, and input that nobody sends by accident."""

import random
import string
import time
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.playback.domains import PlayDomain, Secrets
from chalicelib.playback.edge_config import LimitsTooLong, entries
from chalicelib.playback.limits import AddressLimit, AgentLimit, Limits, RefererLimit
from chalicelib.playback.urls import Signing, auth_key
from local.edge_function import FUNCTION, EdgeFunction

_DOMAIN = PlayDomain("play.test", True, 3600, Secrets("main1234", "backup12", "e" * 64), Limits())
_LISTS = Limits(
    referer=RefererLimit(allow=True, sites=("*.example.*",), empty=True),
    agent=AgentLimit(allow=False, agents=("*bot*", "x*y*z")),
    address=AddressLimit(
        allow=True, networks=("2001:db8:8000::/33", "10.1.2.128/25", "0.0.0.0/0"), source="both"
    ),
)


def _event(uri: str, auth: str = "", address: str = "192.0.2.1", **headers: str) -> dict[str, Any]:
    return {
        "viewer": {"ip": address},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {"auth_key": {"value": auth}} if auth else {},
            "headers": {n: {"value": v} for n, v in ({"host": "play.test"} | headers).items()},
        },
    }


def _edge(domain: PlayDomain) -> EdgeFunction:
    return EdgeFunction(entries([domain]).get)


def _signed(path: str, key: str = "main1234") -> str:
    return auth_key(path, Signing(int(time.time()), "0"), key)


def test_it_fits_into_cloudfront() -> None:
    # The limit is 10,240 bytes; a value of the store has 1,024, a key 512.
    assert FUNCTION.stat().st_size < 10_240
    many = Limits(agent=AgentLimit(allow=False, agents=tuple(f"*agent{n}*" for n in range(500))))
    stored = entries([replace(_DOMAIN, limits=many)])
    assert len(stored) > 3
    assert all(len(value.encode()) <= 1024 and len(key) <= 512 for key, value in stored.items())
    edge = EdgeFunction(stored.get)
    path = "/a.mp4"
    refused = edge(_event(path, _signed(path), **{"user-agent": "my AGENT499 here"}))
    assert refused["statusCode"] == 403
    assert "statusCode" not in edge(_event(path, _signed(path), **{"user-agent": "agent"}))
    with pytest.raises(LimitsTooLong):
        agents = tuple("a" * 250 for _ in range(40))
        entries([replace(_DOMAIN, limits=Limits(agent=AgentLimit(allow=True, agents=agents)))])


@pytest.mark.parametrize("key", ["main1234", "backup12"])
def test_both_keys_open(key: str) -> None:
    passed = _edge(_DOMAIN)(_event("/a.mp4", _signed("/a.mp4", key)))
    assert (passed["uri"], passed["querystring"]) == ("/a.mp4", {})


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ("2001:db8:8000::1", True),
        ("2001:DB8:ffff:0:0:0:0:1", True),
        ("2001:db8:7fff::1", False),
        ("::", False),
        ("10.9.9.9", True),
        ("::ffff:10.1.2.200", True),
    ],
)
def test_addresses_of_both_kinds(address: str, passes: bool) -> None:
    edge = _edge(replace(_DOMAIN, limits=Limits(address=_LISTS.address)))
    decided = edge(_event("/a.mp4", _signed("/a.mp4"), address))
    assert ("statusCode" not in decided) == passes


def test_manifests_and_keys_go_to_the_origin_under_seal() -> None:
    edge = _edge(_DOMAIN)
    path = "/m/x.m3u8"
    forged = {"x-openvod-seal": "0", "x-openvod-address": "1.1.1.1"}
    sent = edge(_event(path, _signed(path), **forged))
    headers = {name: each["value"] for name, each in sent["headers"].items()}
    assert sent["uri"] == "/manifest"
    assert edge(_event("/m/x.mpd", _signed("/m/x.mpd")))["uri"] == "/manifest"
    assert (headers["x-openvod-path"], headers["x-openvod-address"]) == (path, "192.0.2.1")
    assert len(headers["x-openvod-seal"]) == 64
    assert edge(_event("/keys/hls"))["uri"] == "/keys/hls"
    assert edge(_event("/crossdomain.xml"))["uri"] == "/crossdomain.xml"


def test_no_input_breaks_it() -> None:
    edge = _edge(replace(_DOMAIN, limits=_LISTS))
    dice = random.Random(4)
    letters = string.printable + "äß漢\x00%*[]:"

    def noise() -> str:
        return "".join(dice.choices(letters, k=dice.randrange(40)))

    for _ in range(600):
        headers = {n: noise() for n in ("referer", "user-agent", "x-forwarded-for", "host")}
        if dice.random() < 0.7:
            headers["host"] = "play.test"
        address = dice.choice(["10.1.1.1", "::1", noise()])
        decided = edge(
            _event("/" + noise(), dice.choice(["", "1-2-3-4", noise()]), address, **headers)
        )
        # Nothing random carries a signature; what needs none goes under seal or is public.
        assert decided.get("statusCode") == 403 or decided["uri"].startswith(("/keys/", "/crossd"))


@pytest.mark.parametrize("text", ["300.1.1.1", "10.0.0.0/33", "x", ""])
def test_what_is_no_network_is_told(text: str) -> None:
    with pytest.raises(ValidationError):
        AddressLimit(allow=True, networks=(text,))
