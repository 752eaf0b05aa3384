"""What the ffmpeg that runs can do: another build than the wheel's may have less, or more."""

import subprocess
from collections.abc import Sequence
from functools import lru_cache

from chalicelib.media.errors import EncoderMissing
from chalicelib.media.ffmpeg import clean_environment
from chalicelib.mediaspec.rendition import RenditionSpec

_VIDEO = {
    "h264": "libx264",
    "h265": "libx265",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "gif": "gif",
    "webp": "libwebp_anim",
}
_AUDIO = {
    "aac": "aac",
    "mp3": "libmp3lame",
    "mp2": "mp2",
    "vorbis": "libvorbis",
    "opus": "libopus",
    "flac": "flac",
}
FULL_AAC = "libfdk_aac"
"""The encoder with AAC's other profiles; the wheel's ffmpeg has none."""


@lru_cache(maxsize=8)
def encoders(binary: str) -> frozenset[str]:
    """The names of the encoders of an ffmpeg."""
    shown = subprocess.run(
        [binary, "-hide_banner", "-encoders"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=30,
        check=False,
    )
    lines = (line.split() for line in shown.stdout.splitlines())
    return frozenset(words[1] for words in lines if len(words) > 2)


def require(specs: Sequence[RenditionSpec], binary: str) -> None:
    """Raise EncoderMissing for what this ffmpeg cannot encode."""
    for spec in specs:
        for name in _needed(spec):
            if name not in encoders(binary):
                raise EncoderMissing(f"this ffmpeg has no encoder {name}")


def _needed(spec: RenditionSpec) -> list[str]:
    names = []
    if spec.video is not None and spec.video.codec != "copy":
        names.append(_VIDEO[spec.video.codec])
    if spec.audio is not None and spec.audio.codec != "copy":
        full = spec.audio.profile not in (None, "aac_low")
        names.append(FULL_AAC if full else _AUDIO[spec.audio.codec])
    return names
