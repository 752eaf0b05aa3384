"""Access limits by referer, user agent and address (VOD developer guide 13.2)."""

import pytest

from tests.edge.conftest import Film, Viewer

pytestmark = pytest.mark.usefixtures("play_domains")

_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}


@pytest.mark.parametrize(
    ("domain", "headers", "status"),
    [
        ("referer.test", {"Referer": "https://example.com/page?x=1"}, 200),
        ("referer.test", {"Referer": "http://www.EXAMPLE.com:8080"}, 200),
        ("referer.test", {"Referer": "https://a.partner.net/"}, 200),
        ("referer.test", {}, 403),
        ("referer.test", {"Referer": "https://example.com.evil.net/"}, 403),
        ("referer.test", {"Referer": "https://notexample.com/"}, 403),
        ("referer.test", {"Referer": "https://evil.net/example.com"}, 403),
        ("referer.test", {"Referer": "https://example.com@evil.net/"}, 403),
        ("no-referer.test", {}, 200),
        ("no-referer.test", {"Referer": "https://good.example/"}, 200),
        ("no-referer.test", {"Referer": "https://cdn.bad.example/"}, 403),
        ("agent.test", _BROWSER, 200),
        ("agent.test", {"User-Agent": "curl/8.5.0"}, 403),
        ("agent.test", {"User-Agent": "badbot 1.0"}, 403),
        ("agent.test", {"User-Agent": "a badbot"}, 200),
        ("forwarded.test", {"X-Forwarded-For": "198.51.100.7"}, 200),
        ("forwarded.test", {"X-Forwarded-For": "198.51.100.7, 10.0.0.1"}, 200),
        ("forwarded.test", {"X-Forwarded-For": "198.51.100.8, 198.51.100.7"}, 403),
        ("forwarded.test", {"X-Forwarded-For": "nonsense"}, 403),
        ("forwarded.test", {}, 403),
        ("no-address.test", {}, 200),
        ("no-address.test", {"X-Forwarded-For": "203.0.113.77"}, 403),
        ("no-address.test", {"X-Forwarded-For": "203.0.114.77"}, 200),
    ],
)
def test_who_may_open_a_url(film: Film, domain: str, headers: dict[str, str], status: int) -> None:
    viewer = Viewer(film.stack.info["play_url"], domain)
    for form in ("mp4", "m3u8"):
        url = film.url(form=form, config={"PlayDomain": domain})
        assert viewer.get(url, **headers).status_code == status


def test_networks_are_matched_to_the_bit(film: Film) -> None:
    url = film.url(form="mp4", config={"PlayDomain": "address.test"})
    edge = film.stack.info["play_url"]
    seen = {
        address: Viewer(edge, "address.test", address=address).get(url).status_code
        for address in ("127.0.0.1", "127.0.0.3", "127.0.0.4", "127.1.0.1")
    }
    assert seen == {"127.0.0.1": 200, "127.0.0.3": 200, "127.0.0.4": 403, "127.1.0.1": 403}


def test_a_url_is_opened_so_many_times(film: Film) -> None:
    viewer = Viewer(film.stack.info["play_url"], "twice.test")
    for form in ("mp4", "m3u8"):
        url = film.url(form=form, config={"PlayDomain": "twice.test"})
        assert [_opened(viewer, url) for _ in range(4)] == [200, 200, 403, 403]
        # Each signature counts for itself.
        again = film.url(form=form, config={"PlayDomain": "twice.test"})
        assert _opened(viewer, again) == 200


def test_a_url_does_not_move_to_another_address(film: Film) -> None:
    edge = film.stack.info["play_url"]
    home = Viewer(edge, "alone.test", address="127.0.0.1")
    elsewhere = Viewer(edge, "alone.test", address="127.0.0.2")
    mp4 = film.url(form="mp4", config={"PlayDomain": "alone.test"})
    assert [_opened(home, mp4), _opened(elsewhere, mp4), _opened(home, mp4)] == [200, 403, 200]
    granted = home.get(mp4).headers["Location"]
    granted = home.get(granted).headers["Location"]
    assert home.get(granted, Range="bytes=0-3").status_code == 206
    assert elsewhere.get(granted).status_code == 403
    url = film.url(config={"PlayDomain": "alone.test"})
    manifest = home.get(url)
    assert manifest.status_code == 200
    segment = next(line for line in manifest.text.splitlines() if line.startswith("/"))
    assert home.get(segment).status_code == 200
    assert elsewhere.get(url).status_code == 403
    assert elsewhere.get(segment).status_code == 403
    # Without its grant a part is not counted as a URL of its own either.
    bare = segment.partition("&grant=")[0]
    assert _opened(elsewhere, bare) == 403
    assert _opened(home, bare) == 403


def _opened(viewer: Viewer, url: str) -> int:
    """The status at the end of the redirects, as a player sees it."""
    for _ in range(3):
        response = viewer.get(url)
        if response.status_code != 302:
            return response.status_code
        url = response.headers["Location"]
    raise AssertionError("too many redirects")
