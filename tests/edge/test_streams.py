"""What comes through the edge: bytes, headers, manifests, keys; and that nothing comes without."""

import json
import re
import time
from dataclasses import replace
from urllib.parse import urlsplit

import boto3
import botocore
import pytest
import requests
from botocore.config import Config

from chalicelib.playback import domains
from chalicelib.playback.urls import Signing, auth_key
from local.attachment import attach_to
from local.vod_client import VodError
from tests.edge.conftest import Film, Viewer, operating
from tests.sdk.player import play
from tests.stack_fixture import Stack


def test_files_come_with_ranges_tags_and_types(film: Film, viewer: Viewer) -> None:
    url = film.url(form="mp4")
    whole = viewer.get(url)
    size = len(whole.content)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "video/mp4")
    assert (int(whole.headers["Content-Length"]), whole.headers["Accept-Ranges"]) == (size, "bytes")
    part = viewer.get(url, Range="bytes=4-7")
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["Content-Range"] == f"bytes 4-7/{size}"
    assert viewer.get(url, Range=f"bytes={size}-").status_code == 416
    tag = whole.headers["ETag"]
    unchanged = viewer.get(url, **{"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = viewer.get(url, method="HEAD")
    assert (head.status_code, head.headers["ETag"], head.content) == (200, tag, b"")
    assert int(head.headers["Content-Length"]) == size


def test_pages_of_other_sites_may_play(film: Film, viewer: Viewer) -> None:
    url = film.url()
    preflight = viewer.get(url.partition("?")[0], method="OPTIONS", Origin="https://site.example")
    assert preflight.status_code == 204
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]
    for answer in (viewer.get(url), viewer.get(film.url(form="mp4")), viewer.get("/refused")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert viewer.get(url, method="DELETE").status_code == 405


def test_a_manifest_gives_no_longer_right_than_its_own(film: Film, viewer: Viewer) -> None:
    url = film.url(AuthTimeout=600)
    timestamp, rand, uid, _ = url.partition("auth_key=")[2].split("-")
    manifest = viewer.get(url)
    assert manifest.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    segments = re.findall(r"^/\S+$", manifest.text, re.MULTILINE)
    assert segments
    for segment in segments:
        path, _, key = segment.partition("?auth_key=")
        assert key.startswith(f"{timestamp}-part.{rand}-{uid}-")
        opened = viewer.get(segment)
        assert (opened.status_code, opened.headers["Content-Type"]) == (200, "video/mp2t")
        assert viewer.get(path).status_code == 403
    assert play(url).seconds == pytest.approx(4, abs=0.1)


def test_dash_plays_with_a_signature_for_each_segment(film: Film, viewer: Viewer) -> None:
    package = {"PackageType": "DASHPackage", "PackageConfig": {"BandWidth": "500000"}}
    template = {
        "TemplateName": "dash",
        "Type": "VideoPackage",
        "Definition": "LD",
        "Container": {"Format": "mpd"},
        "MuxConfig": {"Segment": {"Duration": "2"}},
        "Video": {"Codec": "H.264", "Bitrate": "400"},
        "Audio": {"Codec": "AAC", "Bitrate": "64"},
        "PackageSetting": package,
    }
    group_id = film.vod.call(
        "AddTranscodeTemplateGroup", Name="dash", TranscodeTemplateList=json.dumps([template])
    )["TranscodeTemplateGroupId"]
    film.vod.call("SubmitTranscodeJobs", VideoId=film.video_id, TemplateGroupId=group_id)
    wishes = {"Formats": "mpd", "Definition": "AUTO"}

    def made() -> str:
        try:
            found = film.vod.call("GetPlayInfo", VideoId=film.video_id, **wishes)
        except VodError:
            return ""
        return str(found["PlayInfoList"]["PlayInfo"][0]["PlayURL"])

    url = film.stack.until("the presentation is there", made)
    manifest = viewer.get(url)
    assert manifest.headers["Content-Type"] == "application/dash+xml"
    named = re.findall(r'(?:media|sourceURL)="([^"]+)"', manifest.text)
    assert len(named) == 3
    for address in named:
        assert viewer.get(address.replace("&amp;", "&")).status_code == 200
        assert viewer.get(address.partition("?")[0]).status_code == 403
    played, whole = play(url), play(film.url(form="mp4"))
    assert (played.frames, played.has_sound) == (whole.frames, whole.has_sound)


def test_a_master_manifest_opens_its_renditions_and_their_segments(
    film: Film, viewer: Viewer
) -> None:
    token = film.token(Uses=9)
    rendition = film.url("HLSEncryption", config={"MtsHlsUriToken": token})
    name = urlsplit(rendition).path.rpartition("/")[2]
    key = f"{film.video_id}/master.m3u8"
    text = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=464000\n{name}\n"
    film.stack.aws("s3").put_object(Bucket=film.stack.bucket, Key=key, Body=text.encode())
    timestamp = int(time.time()) - 3000
    with operating(film.stack):
        attach_to(film.stack.info)
        domain = domains.find()
        signing = Signing(timestamp, "r", "7")
        master = f"/{key}?auth_key={auth_key('/' + key, signing, domain.keys[0])}"
    # The renditions get the master's own end, and the token for their keys.
    (inner,) = re.findall(
        r"^/\S+$", viewer.get(f"{master}&MtsHlsUriToken={token}").text, re.MULTILINE
    )
    assert f"auth_key={timestamp}-part.r-7-" in inner
    assert f"MtsHlsUriToken={token}" in inner
    manifest = viewer.get(inner)
    segments = re.findall(r"^/\S+$", manifest.text, re.MULTILINE)
    assert segments
    for segment in segments:
        assert f"auth_key={timestamp}-part.r-7-" in segment
        assert viewer.get(segment).status_code == 200
    assert len(viewer.get(_key_uri(manifest.text)).content) == 16
    assert play(f"{viewer.edge}{master}&MtsHlsUriToken={token}").frames == 100
    assert viewer.get(inner.partition("?")[0]).status_code == 403
    assert viewer.get(master.replace("-7-", "-8-")).status_code == 403


def test_a_preview_is_the_first_seconds_alone(film: Film, viewer: Viewer) -> None:
    config = {"PreviewTime": "2"}
    url = film.url("HLSEncryption", config=config | {"MtsHlsUriToken": film.token()})
    assert play(url).seconds == pytest.approx(2, abs=0.2)
    first, *others = re.findall(r"^/\S+$", viewer.get(url).text, re.MULTILINE)
    assert not others
    # The second segment's name is easily guessed; its signature is not.
    assert viewer.get(first.replace("-00001.ts", "-00002.ts")).status_code == 403
    assert viewer.get(url.replace("/~preview=2", "")).status_code == 403
    assert viewer.get(url.replace("/~preview=2", "/~preview=20")).status_code == 403
    with pytest.raises(VodError, match=r"InvalidVideo\.NoneStream"):
        film.url(form="mp4", config=config)


# ---- encryption ---------------------------------------------------------------------------------


def _key_uri(manifest: str) -> str:
    return re.findall(r'#EXT-X-KEY:METHOD=AES-128,URI="([^"]+)"', manifest)[0]


def test_private_streams_are_for_play_sessions(film: Film, viewer: Viewer) -> None:
    url = film.url("AliyunVoDEncryption", vod=film.session())
    assert play(url).frames == 100
    key_uri = _key_uri(viewer.get(url).text)
    key = viewer.get(key_uri)
    assert (key.status_code, len(key.content)) == (200, 16)
    ticket = key_uri.partition("PlayTicket=")[2]
    path = key_uri.partition("?")[0]
    ends, _, seal = ticket.partition(".")
    wrong = [
        path,
        f"{path}?PlayTicket=",
        f"{path}?PlayTicket={int(ends) + 1000}.{seal}",
        f"{path}?PlayTicket={ends}.{seal[::-1]}",
        f"/keys/private/{'0' * 32}?PlayTicket={ticket}",
    ]
    assert [viewer.get(uri).status_code for uri in wrong] == [403] * len(wrong)
    # Whoever has no play credential gets the stream's address at most.
    bare = film.url("AliyunVoDEncryption")
    assert "PlayTicket" not in bare
    assert viewer.get(_key_uri(viewer.get(bare).text)).status_code == 403


def test_a_ticket_ends_with_its_url(film: Film, viewer: Viewer) -> None:
    url = film.url("AliyunVoDEncryption", vod=film.session(), AuthTimeout=2)
    key_uri = _key_uri(viewer.get(url).text)
    assert viewer.get(key_uri).status_code == 200
    film.stack.until("the ticket expires", lambda: viewer.get(key_uri).status_code == 403)


def test_private_streams_are_hidden_but_told_of(film: Film) -> None:
    config = json.dumps({"EncryptType": "AliyunVoDEncryption"})
    with pytest.raises(VodError, match=r"403 Forbidden\.AliyunVoDEncryption"):
        film.vod.call("GetPlayInfo", VideoId=film.video_id, PlayConfig=config)
    every = film.vod.call("GetPlayInfo", VideoId=film.video_id, ResultType="Multiple")
    kinds = {
        (stream["Encrypt"], stream.get("EncryptType"))
        for stream in every["PlayInfoList"]["PlayInfo"]
    }
    assert kinds == {(0, None), (1, "AliyunVoDEncryption"), (1, "HLSEncryption")}
    plain = film.vod.call("GetPlayInfo", VideoId=film.video_id, Formats="m3u8")
    shown = [stream.get("EncryptType") for stream in plain["PlayInfoList"]["PlayInfo"]]
    assert sorted(shown, key=str) == ["HLSEncryption", None]


def test_standard_encryption_gives_keys_for_tokens(film: Film, viewer: Viewer) -> None:
    url = film.url("HLSEncryption", config={"MtsHlsUriToken": film.token(Uses=2)})
    assert play(url).frames == 100
    key_uri = _key_uri(viewer.get(url).text)
    assert [viewer.get(key_uri).status_code for _ in range(2)] == [200, 403]  # two uses in all
    good = film.token(Uses=9)
    place = film.stack.info["play_url"] + "/keys/hls"
    wrong = {
        "no token": f"{place}?CipherText={film.ciphertext}",
        "altered": f"{place}?CipherText={film.ciphertext}&MtsHlsUriToken={good[:-1]}0",
        "nonsense": f"{place}?CipherText={film.ciphertext}&MtsHlsUriToken=x",
        "another key": f"{place}?CipherText={film.ciphertext[:-2]}00&MtsHlsUriToken={good}",
        "no key": f"{place}?MtsHlsUriToken={good}",
    }
    # A digit of the seal is a zero at times: then the altered token is the token.
    if good.endswith("0"):
        del wrong["altered"]
    assert {name: viewer.get(uri).status_code for name, uri in wrong.items()} == dict.fromkeys(
        wrong, 403
    )
    brief = film.token(Seconds=1, Uses=99_999)
    time.sleep(2.1)
    assert (
        viewer.get(f"{place}?CipherText={film.ciphertext}&MtsHlsUriToken={brief}").status_code
        == 403
    )


def test_the_segments_are_encrypted_and_no_key_is_stored(film: Film, viewer: Viewer) -> None:
    for encryption in ("HLSEncryption", "AliyunVoDEncryption"):
        manifest = viewer.get(film.url(encryption)).text
        segment = next(line for line in manifest.splitlines() if line.startswith("/"))
        assert viewer.get(segment).content[:1] != b"\x47"
    opened = film.vod.call("Decrypt", Version="2016-01-20", CiphertextBlob=film.ciphertext)
    rows = [
        row
        for table in ("stream_key", "media_key")
        for row in film.stack.rows(
            f"SELECT * FROM {table} WHERE media_id = %s",
            film.video_id,
        )
    ]
    assert {row["kind"] for row in rows if "kind" in row} == {"standard", "private"}
    assert opened["Plaintext"] not in json.dumps(rows, default=str)
    jobs = film.stack.rows("SELECT spec FROM job WHERE media_id = %s", film.video_id)
    assert jobs
    assert opened["Plaintext"] not in json.dumps(jobs)


def test_what_is_no_ciphertext_does_not_open(film: Film) -> None:
    for text in ("00" * 80, "zz"):
        with pytest.raises(VodError, match=r"InvalidCiphertext\.Decryption"):
            film.vod.call("Decrypt", Version="2016-01-20", CiphertextBlob=text)


# ---- around the edge ----------------------------------------------------------------------------


def test_nothing_in_the_bucket_is_read_without_the_edge(film: Film, stack: Stack) -> None:
    objects = stack.objects(f"{film.video_id}/", f"upload/{film.video_id}/")
    assert len(objects) > 10
    anonymous = boto3.client(
        "s3",
        endpoint_url=stack.info["s3_endpoint"],
        region_name="us-east-1",
        config=Config(signature_version=botocore.UNSIGNED),
    )
    signed = film.url().partition("?")[2]
    for key in objects:
        bare = f"{stack.info['s3_endpoint']}/{stack.bucket}/{key}"
        for url in (bare, f"{bare}?{signed}"):
            assert requests.get(url, timeout=10).status_code == 403
        with pytest.raises(botocore.exceptions.ClientError, match=r"403|AccessDenied"):
            anonymous.head_object(Bucket=stack.bucket, Key=key)


def test_ffmpeg_reads_nothing_of_the_bucket_but_through_the_edge(film: Film, stack: Stack) -> None:
    for encryption in ("Unencrypted", "HLSEncryption", "AliyunVoDEncryption"):
        url = film.url(encryption)
        key = urlsplit(url).path.removeprefix("/")
        direct = f"{stack.info['s3_endpoint']}/{stack.bucket}/{key}"
        for place in (direct, f"{direct}?{urlsplit(url).query}"):
            with pytest.raises(AssertionError, match="403 Forbidden"):
                play(place)
    mp4 = film.url(form="mp4")
    assert play(mp4).seconds == pytest.approx(4, abs=0.1)
    path = urlsplit(mp4).path
    with pytest.raises(AssertionError, match="403 Forbidden"):
        play(f"{stack.info['s3_endpoint']}/{stack.bucket}{path}")
    with pytest.raises(AssertionError, match="403 Forbidden"):
        play(f"{stack.info['play_url']}{path}")


def test_viewers_get_no_addresses_beside_the_edge(film: Film, stack: Stack) -> None:
    own = film.url(form="mp4", OutputType="oss")
    assert own.startswith(stack.info["s3_endpoint"])
    url = film.url(form="mp4", OutputType="oss", vod=film.session())
    assert url.startswith(f"{stack.info['play_url']}/{film.video_id}/")


def test_what_is_blocked_plays_on_nowhere_but_for_reviewers(film: Film, viewer: Viewer) -> None:
    url = film.url("AliyunVoDEncryption", vod=film.session())
    key_uri = _key_uri(viewer.get(url).text)
    reviewer = replace(viewer, address="127.0.0.5")
    status = "UPDATE media SET status = %s WHERE media_id = %s RETURNING media_id"
    group = (
        "INSERT INTO security_address_group (account_id, group_name, addresses, modified_at)"
        " SELECT account_id, 'edge', '127.0.0.5/32', now() FROM media WHERE media_id = %s"
        " RETURNING group_name"
    )
    assert film.stack.rows(group, film.video_id)
    try:
        for state in ("blocked", "checking"):
            assert film.stack.rows(status, state, film.video_id)
            assert [viewer.get(each).status_code for each in (url, key_uri)] == [403, 403]
            assert [reviewer.get(each).status_code for each in (url, key_uri)] == [200, 200]
            with pytest.raises(VodError, match=r"403 Forbidden\.IllegalStatus"):
                film.url()
    finally:
        film.stack.rows(status, "normal", film.video_id)
        film.stack.rows("DELETE FROM security_address_group WHERE group_name = 'edge' RETURNING 1")
    assert viewer.get(url).status_code == 200


def test_the_origin_believes_the_edge_alone(film: Film, viewer: Viewer, stack: Stack) -> None:
    url = film.url()
    path, query = urlsplit(url).path, urlsplit(url).query
    api = stack.info["api_url"]
    sent = {
        "x-openvod-domain": "127.0.0.1",
        "x-openvod-path": path,
        "x-openvod-address": "127.0.0.1",
        "x-openvod-time": str(int(time.time())),
        "x-openvod-seal": "0" * 64,
    }
    for headers in ({}, sent, sent | {"x-openvod-domain": "nobody"}):
        for place in (f"/manifest?{query}", f"/admit?{query}", "/keys/private/x?PlayTicket=1.2"):
            assert requests.get(api + place, headers=headers, timeout=10).status_code == 403
    # Viewers cannot put words into the edge's mouth either.
    forged = viewer.get(url, **(sent | {"x-openvod-path": "/other.m3u8"}))
    assert forged.status_code == 200
    assert replace(viewer, headers=sent).get(path).status_code == 403
    assert requests.get(f"{api}/play/{path}?{query}", timeout=10).status_code == 403


@pytest.mark.parametrize("path", ["/manifest", "/admit", "/admit/x.mp4", "/", "//", "/%", "/..%2f"])
def test_odd_paths_are_refused(viewer: Viewer, path: str) -> None:
    assert viewer.get(path).status_code == 403
