"""URL signing of type A (VOD developer guide 13.3)."""

import time

import pytest

from chalicelib.playback.urls import Signing, auth_key, parse_auth_key
from tests.edge.conftest import Film, Viewer, operate, operating


def test_the_printed_example() -> None:
    # The guide's 9.1 prints this hash; its path, time and key are those of the CDN's own manual.
    signing = Signing(1444435200, "0", "0")
    made = auth_key("/video/standard/1K.html", signing, "aliyuncdnexp1234")
    assert made == "1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f"
    assert parse_auth_key(made) == signing


def test_a_url_opens_its_own_object_and_nothing_else(film: Film, viewer: Viewer) -> None:
    mp4, manifest = film.url(form="mp4"), film.url()
    assert viewer.get(mp4).status_code == 200
    path, _, key = mp4.partition("?auth_key=")
    timestamp, rand, uid, digest = key.split("-")
    wrong = [
        path,
        f"{path}?auth_key=",
        f"{path}?auth_key={int(timestamp) + 1000}-{rand}-{uid}-{digest}",
        f"{path}?auth_key={timestamp}-{rand}x-{uid}-{digest}",
        f"{path}?auth_key={timestamp}-{rand}-1-{digest}",
        f"{path}?auth_key={timestamp}-{rand}-{uid}-{digest[:-1]}0z",
        f"{path}?auth_key={timestamp}-{rand}-{uid}-{digest}-x",
        f"{path}?auth_key=-{rand}-{uid}-{digest}",
        f"{manifest.partition('?')[0]}?auth_key={key}",
    ]
    assert [viewer.get(url).status_code for url in wrong] == [403] * len(wrong)


def test_uid_and_rand_go_into_the_signature(film: Film, viewer: Viewer) -> None:
    url = film.url(form="mp4", ReAuthInfo='{"uid":"12345","rand":"abckljd"}')
    _, rand, uid, _ = url.partition("auth_key=")[2].split("-")
    assert (uid, rand) == ("12345", "abckljd")
    assert viewer.get(url).status_code == 200


@pytest.mark.usefixtures("play_domains")
@pytest.mark.parametrize("form", ["mp4", "m3u8"])
def test_a_url_ends_with_its_validity(film: Film, form: str) -> None:
    config = {"PlayDomain": "short.test"}
    live = film.url(form=form, config=config, AuthTimeout=30)
    assert live.startswith("http://short.test:")
    # The timestamp is the end less the domain's validity: less than now for a short life.
    timestamp = int(live.partition("auth_key=")[2].partition("-")[0])
    assert abs(timestamp + 60 - (time.time() + 30)) < 5
    viewer = Viewer(film.stack.info["play_url"], "short.test")
    assert viewer.get(live).status_code == 200
    brief = film.url(form=form, config=config, AuthTimeout=1)
    film.stack.until("the URL expires", lambda: viewer.get(brief).status_code == 403)


@pytest.mark.usefixtures("play_domains")
def test_the_keys_of_a_domain_are_its_own(film: Film, viewer: Viewer) -> None:
    url = film.url(form="mp4", config={"PlayDomain": "short.test"})
    assert viewer.get(url).status_code == 403
    unknown = film.url(form="mp4", config={"PlayDomain": "nobody.test"})
    assert unknown.startswith(film.stack.info["play_url"])
    assert Viewer(viewer.edge, "nobody.test").get(unknown).status_code == 403


@pytest.mark.usefixtures("play_domains")
def test_the_backup_key_is_good_after_a_rotation(film: Film) -> None:
    name = "rotating.test"
    with operating(film.stack):
        operate(film.stack, "set", name)
    viewer = Viewer(film.stack.info["play_url"], name)
    # The API looks for new domains every 30 s; this process signs in its place.
    with operating(film.stack):
        operate(film.stack, "list")
        url = _signed(film, name)
    film.stack.until("the edge knows it", lambda: viewer.get(url).status_code == 200)
    with operating(film.stack):
        operate(film.stack, "set", name, "--rotate")
        newer = _signed(film, name)
    film.stack.until("the edge knows the new key", lambda: viewer.get(newer).status_code == 200)
    assert viewer.get(url).status_code == 200
    with operating(film.stack):
        operate(film.stack, "set", name, "--rotate")
    film.stack.until("the first key is gone", lambda: viewer.get(url).status_code == 403)


def _signed(film: Film, domain: str) -> str:
    from chalicelib.playback import domains, signed_url

    key = f"upload/{film.video_id}/original.mp4"
    return signed_url(key, domain=domains.every()[domain])


@pytest.mark.usefixtures("play_domains")
def test_an_unsigned_domain_needs_no_signature(film: Film) -> None:
    url = film.url(config={"PlayDomain": "open.test"})
    assert "auth_key" not in url
    viewer = Viewer(film.stack.info["play_url"], "open.test")
    manifest = viewer.get(url)
    assert manifest.status_code == 200
    segment = next(line for line in manifest.text.splitlines() if line.startswith("/"))
    assert viewer.get(segment).content[:1] == b"\x47"


def test_covers_and_snapshots_are_signed(film: Film, viewer: Viewer) -> None:
    cover = film.vod.call("GetVideoInfo", VideoId=film.video_id)["Video"]["CoverURL"]
    pictures = film.vod.call("ListSnapshots", VideoId=film.video_id)["MediaSnapshot"]["Snapshots"]
    for url in (cover, pictures["Snapshot"][0]["Url"]):
        opened = viewer.get(url)
        assert (opened.status_code, opened.headers["Content-Type"]) == (200, "image/jpeg")
        assert viewer.get(url.partition("?")[0]).status_code == 403
