"""Playlists as text: every URI found, every URI replaced, and what may not be named refused."""

import pytest

from chalicelib.mediaspec.hls import PlaylistInvalid, playlist_uris, rewrite_uris, safe_relative

_MEDIA = """#EXTM3U
#EXT-X-TARGETDURATION:10
#EXT-X-KEY:METHOD=AES-128,URI="keys/one.key?a=1,b",IV=0x1234
#EXT-X-MAP:URI="init.mp4",BYTERANGE="600@0"
# a comment with URI="nothing"
#EXTINF:10.0,a title, URI="nothing either"
first.ts?token=1
#EXTINF:5.5,

  second.ts
#EXT-X-ENDLIST
"""

_MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English, main",URI="audio/en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="avc1.64001f,mp4a.40.2",AUDIO="a"
low/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=80000, URI="low/iframes.m3u8"
#EXT-X-SESSION-KEY:METHOD=AES-128,URI="session.key"
"""


def test_all_uris_of_a_media_playlist() -> None:
    uris = ["keys/one.key?a=1,b", "init.mp4", "first.ts?token=1", "second.ts"]
    assert playlist_uris(_MEDIA) == uris
    assert playlist_uris("\ufeff" + _MEDIA.replace("\n", "\r\n")) == uris


def test_all_uris_of_a_master_playlist() -> None:
    assert playlist_uris(_MASTER) == [
        "audio/en.m3u8",
        "low/index.m3u8",
        "low/iframes.m3u8",
        "session.key",
    ]


def test_rewriting_replaces_uris_and_nothing_else() -> None:
    rewritten = rewrite_uris(_MEDIA, lambda uri: f"https://h/{uri.split('?')[0]}?sig=x,y")
    assert playlist_uris(rewritten) == [
        "https://h/keys/one.key?sig=x,y",
        "https://h/init.mp4?sig=x,y",
        "https://h/first.ts?sig=x,y",
        "https://h/second.ts?sig=x,y",
    ]
    assert '#EXT-X-KEY:METHOD=AES-128,URI="https://h/keys/one.key?sig=x,y",IV=0x1234' in rewritten
    assert '#EXTINF:10.0,a title, URI="nothing either"' in rewritten
    assert rewrite_uris(_MASTER, lambda uri: uri) == _MASTER.replace(", URI", ",URI")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "#EXTINF:1,\n#EXTM3U\na.ts",
        "#EXTM3U8\na.ts",
        "#EXTM3U\n\0\na.ts",
        "#EXTM3U\n" + "#\n" * 20_000,
        "#EXTM3U\n#" + "x" * (2 * 1024 * 1024),
        # What a reader that is more lenient would still take for a URI.
        "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=file:///etc/passwd",
        '#EXTM3U\n#EXT-X-KEY:METHOD="a\\",URI="b",URI="c"',
        "#EXTM3U\n#EXT-X-MAP:URI='a'",
        '#EXTM3U\n#EXT-X-MAP:URI="a',
    ],
)
def test_no_playlist(text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        playlist_uris(text)


def test_no_uri_hides_behind_spaces_or_a_lone_carriage_return() -> None:
    text = "#EXTM3U\n #EXT-X-SOMETHING\n#EXTINF:1,\rhidden.ts\n\t#comment"
    assert playlist_uris(text) == ["hidden.ts"]
    assert rewrite_uris(text, lambda _: "u").split("\n") == [
        "#EXTM3U",
        "#EXT-X-SOMETHING",
        "#EXTINF:1,",
        "u",
        "#comment",
        "",
    ]


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("a.ts", "media1/hls/a.ts"),
        ("./a.ts", "media1/hls/a.ts"),
        ("low/a.ts?sig=1#t", "media1/hls/low/a.ts"),
        ("../a.ts", "media1/a.ts"),
        ("low/../a.ts", "media1/hls/a.ts"),
        ("with%20space%2Bplus.ts", "media1/hls/with space+plus.ts"),
        ("%E8%A7%86%E9%A2%91.ts", "media1/hls/视频.ts"),
        ("视频.ts", "media1/hls/视频.ts"),
        ("a//b.ts", "media1/hls/a/b.ts"),
    ],
)
def test_relative_uris_resolve_against_the_playlist(uri: str, key: str) -> None:
    assert safe_relative("media1/hls/index.m3u8", uri) == key


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "https://elsewhere.example/a.ts",
        "HTTP://elsewhere.example/a.ts",
        "data:text/plain,hello",
        "concat:a.ts|b.ts",
        "crypto+file:///etc/passwd",
        "//elsewhere.example/a.ts",
        "/etc/passwd",
        "%2Fetc/passwd",
        "../../other-media/a.ts",
        "../../../a.ts",
        "%2e%2e/%2e%2e/other/a.ts",
        "low/../../../other/a.ts",
        "..\\a.ts",
        "a%5Cb.ts",
        "a%00.ts",
        "a\x01.ts",
        "file%3A///etc/passwd",
        "",
        "  ",
        "?only=query",
        "folder/",
        "..",
        "a%ff.ts",
    ],
)
def test_anything_else_is_refused(uri: str) -> None:
    with pytest.raises(PlaylistInvalid):
        safe_relative("media1/hls/index.m3u8", uri)


def test_a_playlist_at_the_top_names_its_siblings() -> None:
    assert safe_relative("index.m3u8", "a.ts") == "a.ts"
    with pytest.raises(PlaylistInvalid):
        safe_relative("index.m3u8", "../a.ts")


def test_messages_show_no_queries() -> None:
    with pytest.raises(PlaylistInvalid) as refused:
        safe_relative("m/index.m3u8", "https://h/a.ts?X-Amz-Signature=abc")
    assert "abc" not in str(refused.value)
