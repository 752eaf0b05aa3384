"""DASH manifests for viewers: each segment is named by itself, and what is not ours is refused."""

import pytest

from chalicelib.mediaspec.dash_segments import with_named_segments
from chalicelib.mediaspec.hls import PlaylistInvalid

_MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011">
 <Period id="0"><AdaptationSet id="0" contentType="video"><Representation id="0">
  <SegmentTemplate timescale="12800" initialization="a-init-$RepresentationID$.m4s"
   media="a-$RepresentationID$-$Number%05d$.m4s" startNumber="1">
   <SegmentTimeline><S t="0" d="12800" r="1" /><S d="6400" /></SegmentTimeline>
  </SegmentTemplate></Representation></AdaptationSet></Period>
</MPD>"""


def test_every_segment_has_an_address_of_its_own() -> None:
    named: list[str] = []

    def resolve(uri: str) -> str:
        named.append(uri)
        return f"/m/{uri}?auth_key=1-2&x"

    made = with_named_segments(_MANIFEST, resolve)
    assert named == ["a-init-0.m4s", "a-0-00001.m4s", "a-0-00002.m4s", "a-0-00003.m4s"]
    assert made.count("<SegmentURL") == 3
    assert 'media="/m/a-0-00003.m4s?auth_key=1-2&amp;x"' in made
    assert "SegmentTemplate" not in made
    assert made.count("<S ") == 2


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("<MPD", '<!DOCTYPE x [<!ENTITY a "b">]><MPD'),
        ("<Period", "<Location>https://elsewhere.example/</Location><Period"),
        ("<Period", "<Period></Perio"),
        (' r="1"', ' r="999999999"'),
        (' r="1"', ' r="-9"'),
        ('d="6400"', 'd="1" r="x"'),
        ("$Number%05d$", "$Time$"),
    ],
)
def test_what_the_platform_has_not_made_is_refused(part: str, other: str) -> None:
    with pytest.raises(PlaylistInvalid):
        with_named_segments(_MANIFEST.replace(part, other, 1), str)
