"""Subtitle files of strangers as WebVTT tracks of a package (RFC 8216 3.5)."""

from pathlib import Path

from chalicelib.media.errors import SourceBad
from chalicelib.media.materials import subtitle_text
from chalicelib.mediaspec.subtitle_text import SubtitlesInvalid, cues, webvtt
from chalicelib.mediaspec.subtitles import Encoding

# Where MPEG-TS segments begin to count: ffmpeg starts their clock there, in ticks of 1/90,000 s.
_MPEGTS_START = 126_000


def webvtt_track(place: str | Path, encoding: Encoding, *, mpegts: bool) -> str:
    """The WebVTT of a subtitle file (a path or an http(s) URL) in any format that is known here.

    `mpegts`: the renditions' segments are MPEG-TS, whose clock begins later than the subtitles'.
    Raises SourceBad, SourceUnreachable, SourceUnsupported.
    """
    try:
        text = webvtt(cues(subtitle_text(place, encoding)))
    except SubtitlesInvalid as invalid:
        raise SourceBad(f"subtitles: {invalid}") from None
    if not mpegts:
        return text
    clock = f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{_MPEGTS_START},LOCAL:00:00:00.000"
    return text.replace("WEBVTT", clock, 1)
