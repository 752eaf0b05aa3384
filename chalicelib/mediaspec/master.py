"""Several renditions as one: the master playlist of HLS, and playlists of whole WebVTT files.

RFC 8216; the codecs' names are those of RFC 6381. Pure text: whoever packages uploads it.
"""

import re
from collections.abc import Mapping

from chalicelib.mediaspec.facts import AudioFacts, MediaFacts, VideoFacts
from chalicelib.mediaspec.packaging import HlsMedia, HlsPackage, HlsVariant

_AUDIO_GROUP = "audio"
_SUBTITLE_GROUP = "subtitles"
_EXTINF = re.compile(r"#EXTINF:([0-9.]+)")
_PEAK_OVER_AVERAGE = 1.25
# H.264 profiles: their number, and the constraints that ffmpeg's names imply.
_H264_PROFILES = {
    "Constrained Baseline": "42e0",
    "Baseline": "4200",
    "Main": "4d40",
    "High": "6400",
    "High 10": "6e00",
    "High 4:2:2": "7a00",
    "High 4:4:4 Predictive": "f400",
}
# H.265: profile and compatibility flags as they stand in the name.
_H265_PROFILES = {"Main": "1.6", "Main 10": "2.4"}
_AAC_OBJECTS = {"LC": 2, "HE-AAC": 5, "HE-AACv2": 29, "LD": 23, "ELD": 39}
_AUDIO_CODECS = {"mp3": "mp4a.40.34", "mp2": "mp4a.40.33", "opus": "opus", "flac": "fLaC"}


def codecs_of(facts: MediaFacts) -> tuple[str, ...]:
    """The RFC 6381 names of a rendition's streams; empty if one of them has none known here."""
    names: list[str] = []
    if facts.main_video is not None:
        names.append(_video_codec(facts.main_video))
    if facts.main_audio is not None:
        names.append(_audio_codec(facts.main_audio))
    return tuple(names) if all(names) else ()


def _video_codec(video: VideoFacts) -> str:
    level = video.level or 0
    if video.codec_name == "h264" and video.profile in _H264_PROFILES:
        return f"avc1.{_H264_PROFILES[video.profile]}{level:02x}"
    if video.codec_name == "hevc" and video.profile in _H265_PROFILES:
        # Main tier; no constraint but that of progressive frames.
        return f"hvc1.{_H265_PROFILES[video.profile]}.L{level}.90"
    return ""


def _audio_codec(audio: AudioFacts) -> str:
    if audio.codec_name == "aac":
        return f"mp4a.40.{_AAC_OBJECTS.get(audio.profile, 2)}"
    return _AUDIO_CODECS.get(audio.codec_name, "")


def variant(uri: str, facts: MediaFacts, sound: MediaFacts | None = None) -> HlsVariant:
    """A rendition as a variant; `sound` is that of the group it is played with.

    The bandwidth is the rate of the greediest segments, as RFC 8216 4.3.4.2 asks for; where only
    the average is known, a quarter more than that.
    """
    video = facts.main_video
    together = [facts] if sound is None else [facts, sound]
    average = sum(one.bitrate_kbps or 0.0 for one in together)
    peak = sum(_peak(one) for one in together)
    return HlsVariant(
        uri=uri,
        bandwidth=max(1, round(peak * 1000)),
        average_bandwidth=round(average * 1000) or None,
        codecs=_all_codecs(together),
        width=facts.width if video is not None else None,
        height=facts.height if video is not None else None,
        fps=facts.fps or None,
    )


def _peak(facts: MediaFacts) -> float:
    average = facts.bitrate_kbps or 0.0
    return max(facts.peak_kbps or average * _PEAK_OVER_AVERAGE, average)


def _all_codecs(together: list[MediaFacts]) -> tuple[str, ...]:
    """What the streams of all need; empty if that is not known of one of them."""
    named = [codecs_of(facts) for facts in together]
    return tuple(name for names in named for name in names) if all(named) else ()


def peak_kbps(playlist: str, sizes: Mapping[str, int]) -> float | None:
    """The highest rate of a segment of a media playlist; `sizes` are the segments' bytes by name.

    None if none of them is known.
    """
    peak, length = 0.0, 0.0
    for line in playlist.splitlines():
        timing = _EXTINF.match(line)
        if timing is not None:
            length = float(timing[1])
        elif line and not line.startswith("#"):
            # A last scrap of a segment says nothing about the network that is needed.
            peak = max(peak, sizes.get(line, 0) * 8 / 1000 / max(length, 1.0))
    return peak or None


def master_playlist(package: HlsPackage) -> str:
    """The master playlist, the variant with the least bandwidth first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_media("AUDIO", _AUDIO_GROUP, media, package.audio) for media in package.audio]
    lines += [
        _media("SUBTITLES", _SUBTITLE_GROUP, media, package.subtitles)
        for media in package.subtitles
    ]
    for one in offered(package):
        lines += [f"#EXT-X-STREAM-INF:{','.join(_attributes(one, package))}", one.uri]
    return "\n".join(lines) + "\n"


def offered(package: HlsPackage) -> list[HlsVariant]:
    """The variants within the bandwidth's limit, or the smallest, by their bandwidth."""
    ordered = sorted(package.variants, key=lambda one: one.bandwidth)
    limit = package.max_bandwidth
    if limit is None:
        return ordered
    return [one for one in ordered if one.bandwidth <= limit] or ordered[:1]


def _attributes(one: HlsVariant, package: HlsPackage) -> list[str]:
    attributes = [f"BANDWIDTH={one.bandwidth}"]
    if one.average_bandwidth is not None:
        attributes.append(f"AVERAGE-BANDWIDTH={one.average_bandwidth}")
    if one.codecs:
        attributes.append(f'CODECS="{",".join(one.codecs)}"')
    if one.width is not None and one.height is not None:
        attributes.append(f"RESOLUTION={one.width}x{one.height}")
    if one.fps is not None and one.width is not None:
        attributes.append(f"FRAME-RATE={one.fps:.3f}")
    if package.audio:
        attributes.append(f'AUDIO="{_AUDIO_GROUP}"')
    if package.subtitles:
        attributes.append(f'SUBTITLES="{_SUBTITLE_GROUP}"')
    return attributes


def _media(kind: str, group: str, media: HlsMedia, members: tuple[HlsMedia, ...]) -> str:
    # Sound has to come from somewhere: without a default, the first of the group is it.
    nobody = not any(member.default for member in members)
    default = media.default or (kind == "AUDIO" and nobody and media == members[0])
    attributes = [f"TYPE={kind}", f'GROUP-ID="{group}"', f'NAME="{media.name}"']
    if media.language is not None:
        attributes.append(f'LANGUAGE="{media.language}"')
    attributes += [f"DEFAULT={'YES' if default else 'NO'}", "AUTOSELECT=YES"]
    if kind == "AUDIO" and media.channels is not None:
        attributes.append(f'CHANNELS="{media.channels}"')
    if kind == "SUBTITLES":
        attributes.append("FORCED=NO")
    return f'#EXT-X-MEDIA:{",".join(attributes)},URI="{media.uri}"'


def subtitle_playlist(file_name: str, duration: float) -> str:
    """The playlist of one WebVTT file that lasts as long as the video, seconds."""
    return "\n".join(
        [
            *("#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{max(1, round(duration))}"),
            *("#EXT-X-MEDIA-SEQUENCE:1", "#EXT-X-PLAYLIST-TYPE:VOD"),
            *(f"#EXTINF:{duration:.3f},", file_name, "#EXT-X-ENDLIST", ""),
        ]
    )
