"""Addresses that others choose lead to the public internet, and only where they were checked."""

import socket
import threading

import pytest

from chalicelib.outbound.target_guard import (
    OWN_NETWORKS,
    Network,
    TargetRefused,
    TargetUnresolved,
    is_public,
    parse_networks,
    parse_target,
    resolve_public,
)

PUBLIC = "93.184.216.34"

INSIDE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://LOCALHOST:8080/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://0.0.0.0/",
    "http://0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:93.184.216.34]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::a9fe:a9fe]/",
    "http://[2002:7f00:1::1]/",
    "http://[2001:0:7f00:1::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
]

MALFORMED = [
    "",
    "/relative",
    "example.com/callback",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "unix:///var/run/docker.sock",
    "http://",
    "http:///path",
    "http://user:password@example.com/",
    "http://user@example.com/",
    "http://@example.com/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:-1/",
    "http://example.com:http/",
    "http://exa mple.com/",
    "http://example.com/a b",
    "http://example.com/\r\nX-Injected: 1",
    "http://example.com\\@127.0.0.1/",
    "http://example.com\t/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://127.0.0.1%2f.example.com/",
    "http://" + "a" * 300 + ".example.com/",
    "http://ex\0ample.com/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_inside_addresses_are_refused(url: str) -> None:
    with pytest.raises(TargetRefused, match="not a public address"):
        resolve_public(url)


@pytest.mark.parametrize("url", MALFORMED)
@pytest.mark.parametrize("allowed", [(), OWN_NETWORKS])
def test_malformed_addresses_are_refused(url: str, allowed: tuple[Network, ...]) -> None:
    with pytest.raises(TargetRefused):
        resolve_public(url, allowed)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://255.255.255.255/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
    ],
)
def test_some_addresses_are_refused_even_on_one_machine(url: str) -> None:
    with pytest.raises(TargetRefused, match="not a public address"):
        resolve_public(url, OWN_NETWORKS)


def test_metadata_services_are_refused_whatever_is_allowed() -> None:
    everything = parse_networks("0.0.0.0/0, ::/0")
    for host in ("169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "0.0.0.0"):
        with pytest.raises(TargetRefused, match="not a public address"):
            resolve_public(f"http://{host}/", everything)
    assert resolve_public("http://198.18.0.1/", everything).address == "198.18.0.1"


def test_networks_are_read_from_a_setting() -> None:
    assert parse_networks("") == ()
    assert [str(one) for one in parse_networks("10.0.0.0/8, ::1")] == ["10.0.0.0/8", "::1/128"]
    with pytest.raises(ValueError, match="sources"):
        parse_networks("sources.internal")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8080/cb", "127.0.0.1"),
        ("http://10.1.2.3/", "10.1.2.3"),
        ("http://[::1]:8080/", "::1"),
        ("http://2130706433/", "127.0.0.1"),
    ],
)
def test_one_machine_may_call_itself(url: str, address: str) -> None:
    assert resolve_public(url, OWN_NETWORKS).address == address


def test_public_addresses_pass() -> None:
    target = resolve_public(f"https://{PUBLIC}/cb?a=1#part")
    assert target.model_dump() == {
        "scheme": "https",
        "host": PUBLIC,
        "port": 443,
        "path": "/cb?a=1",
        "address": PUBLIC,
    }
    six = resolve_public("http://[2606:2800:220:1:248:1893:25c8:1946]:8080")
    assert (six.host, six.port, six.path) == ("2606:2800:220:1:248:1893:25c8:1946", 8080, "/")


def test_every_address_in_question_is_told_apart() -> None:
    from ipaddress import ip_address

    assert is_public(ip_address("8.8.8.8"))
    assert is_public(ip_address("2400:3200::1"))
    assert not is_public(ip_address("64:ff9b::808:808"))


def test_urls_are_made_fit_to_be_sent() -> None:
    target = parse_target("HTTP://Bücher.example/ä/%2F?q=ü&x=%41")
    assert target.host == "xn--bcher-kva.example"
    assert target.path == "/%C3%A4/%2F?q=%C3%BC&x=%41"
    assert parse_target("http://example.com?x=1").path == "/?x=1"


def test_a_name_without_an_address_may_get_one_later() -> None:
    with pytest.raises(TargetUnresolved):
        resolve_public("http://nothing-here.invalid/", timeout=5)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    # A stand-in, because no real resolver can be made to hang at will.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30) and [])
    with pytest.raises(TargetUnresolved):
        resolve_public("http://localhost/", OWN_NETWORKS, timeout=0.1)
    released.set()
