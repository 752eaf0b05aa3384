"""hls.js in headless Chromium plays what it may and is refused what it may not.

Run by ``make test-browser``, which installs what is needed; no part of ``make test``.
"""

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.edge.conftest import Film, Viewer

_HERE = Path(__file__).parent
_PAGE = "page.test"

pytestmark = pytest.mark.usefixtures("play_domains")


def _play(urls: dict[str, str], page: str = _PAGE) -> dict[str, Any]:
    cases = [{"name": name, "url": url, "page": page} for name, url in urls.items()]
    done = subprocess.run(
        ["node", "play.mjs"],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        cwd=_HERE,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def _assert_plays(results: dict[str, Any]) -> None:
    for name, result in results.items():
        assert result["error"] is None, (name, result)
        counts = result["frames"]
        assert len(counts) >= 4, (name, result)
        assert counts == sorted(set(counts)), (name, result)
        assert result["seconds"] > 1, (name, result)


def _refusals(results: dict[str, Any]) -> dict[str, tuple[str, int]]:
    for name, result in results.items():
        assert result["error"], (name, result)
        assert not result["frames"], (name, result)
    return {n: (r["error"]["details"], r["error"]["status"]) for n, r in results.items()}


def test_every_kind_of_stream_plays(film: Film) -> None:
    _assert_plays(
        _play(
            {
                "plain file": film.url(form="mp4", config={"PlayDomain": "open.test"}),
                "plain": film.url(config={"PlayDomain": "open.test"}),
                "signed": film.url(),
                "signed file": film.url(form="mp4"),
                "standard": film.url("HLSEncryption", config={"MtsHlsUriToken": film.token()}),
                "private": film.url("AliyunVoDEncryption", vod=film.session()),
                "counted": film.url(config={"PlayDomain": "alone.test"}),
                "from a friend": film.url(config={"PlayDomain": "site.test"}),
                "plain, from a friend": film.url(config={"PlayDomain": "open-site.test"}),
            }
        )
    )


def test_without_a_right_token_nothing_plays(film: Film) -> None:
    session = film.session()
    signed = film.url()
    standard = film.url("HLSEncryption", config={"MtsHlsUriToken": film.token()})
    private = film.url("AliyunVoDEncryption", vod=session)
    brief = {
        "signed": film.url(AuthTimeout=1),
        "file": film.url(form="mp4", AuthTimeout=1),
        "private": film.url("AliyunVoDEncryption", vod=session, AuthTimeout=1),
        "standard": film.url("HLSEncryption", config={"MtsHlsUriToken": film.token(Seconds=1)}),
    }
    time.sleep(2.5)
    refused = _refusals(
        _play(
            {
                "signed, removed": signed.partition("?")[0],
                "signed, altered": _altered(signed, "auth_key"),
                "signed, expired": brief["signed"],
                "file, removed": film.url(form="mp4").partition("?")[0],
                "file, altered": _altered(film.url(form="mp4"), "auth_key"),
                "file, expired": brief["file"],
                "standard, unsigned": _without(standard, "auth_key").replace("m3u8&", "m3u8?"),
                "private, unsigned": _without(private, "auth_key").replace("m3u8&", "m3u8?"),
                "standard, removed": _without(standard, "MtsHlsUriToken"),
                "standard, altered": _altered(standard, "MtsHlsUriToken"),
                "standard, expired": brief["standard"],
                "private, removed": _without(private, "PlayTicket"),
                "private, altered": _altered(private, "PlayTicket"),
                "private, expired": brief["private"],
            }
        )
    )
    manifest, key = ("manifestLoadError", 403), ("keyLoadError", 403)
    assert refused == {
        "signed, removed": manifest,
        "signed, altered": manifest,
        "signed, expired": manifest,
        "file, removed": ("file", 403),
        "file, altered": ("file", 403),
        "file, expired": ("file", 403),
        "standard, unsigned": manifest,
        "private, unsigned": manifest,
        "standard, removed": key,
        "standard, altered": key,
        "standard, expired": key,
        "private, removed": key,
        "private, altered": key,
        "private, expired": manifest,
    }


def test_streams_do_not_move_to_another_address_or_site(film: Film) -> None:
    session = film.session()
    moved: dict[str, str] = {}
    for domain in ("alone.test", "site.test"):
        config = {"PlayDomain": domain}
        token = {"MtsHlsUriToken": film.token(Uses=9)}
        moved |= {
            f"{domain}, signed": film.url(config=config),
            f"{domain}, standard": film.url("HLSEncryption", config=config | token),
            f"{domain}, private": film.url("AliyunVoDEncryption", config=config, vod=session),
        }
    # Plain streams have no token: what holds them to a site and to an address is the domain.
    moved |= {
        f"{domain}, plain": film.url(config={"PlayDomain": domain})
        for domain in ("open-site.test", "open-address.test")
    }
    file = film.url(form="mp4", config={"PlayDomain": "site.test"})
    at_home = Viewer(film.stack.info["play_url"], "alone.test", address="127.0.0.2")
    for name, url in moved.items():
        if name.startswith("alone.test"):
            assert at_home.get(url).status_code == 200
    home = Viewer(film.stack.info["play_url"], "open-address.test", address="127.0.0.2")
    assert home.get(moved["open-address.test, plain"]).status_code == 200
    refused = _refusals(_play({**moved, "file": file}, page="elsewhere.test"))
    assert refused == dict.fromkeys(moved, ("manifestLoadError", 403)) | {"file": ("file", 403)}


def test_a_key_is_not_taken_to_another_address_or_site(film: Film) -> None:
    """The manifest is opened where it may be; its key is asked for from elsewhere."""
    edge = film.stack.info["play_url"]
    session = film.session()
    for domain, home, elsewhere in (
        ("site.test", {"Referer": f"http://{_PAGE}/"}, {"Referer": "http://elsewhere.test/"}),
        ("forwarded.test", {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "203.0.113.1"}),
    ):
        viewer = Viewer(edge, domain)
        url = film.url("AliyunVoDEncryption", config={"PlayDomain": domain}, vod=session)
        manifest = viewer.get(url, **home).text
        key = re.findall(r'URI="([^"]+)"', manifest)[0]
        segment = next(line for line in manifest.splitlines() if line.startswith("/"))
        for part in (key, segment):
            assert viewer.get(part, **home).status_code == 200
            assert viewer.get(part, **elsewhere).status_code == 403


def test_curl_reads_no_object_without_passing_the_edge(film: Film) -> None:
    stack = film.stack
    objects = stack.objects(f"{film.video_id}/", f"upload/{film.video_id}/")
    assert len(objects) > 10
    bucket = f"{stack.info['s3_endpoint']}/{stack.bucket}"
    for place in (bucket, stack.info["play_url"]):
        urls = [f"{place}/{key}" for key in objects]
        assert _curl(urls) == ["403"] * len(urls)
    assert _curl([film.url(form="mp4")]) == ["200"]


def _curl(urls: list[str]) -> list[str]:
    """The status of each."""
    lines = "".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in urls)
    done = subprocess.run(
        ["curl", "--silent", "--globoff", "--write-out", "%{http_code}\\n", "--config", "-"],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def _without(url: str, name: str) -> str:
    return re.sub(rf"[?&]{name}=[^&]*", "", url)


def _altered(url: str, name: str) -> str:
    return re.sub(
        rf"({name}=[^&]*)(.)(?=&|$)", lambda m: m[1] + ("0" if m[2] != "0" else "1"), url, count=1
    )
