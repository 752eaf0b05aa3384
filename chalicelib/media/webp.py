"""Facts of an animated WebP, read from its chunks: FFmpeg's demuxers do not know animations.

Only for files of our own making: a RIFF container with one ANMF chunk for each frame (Google's
WebP container specification).
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chalicelib.media.errors import SourceBad
from chalicelib.mediaspec.facts import MediaFacts, VideoFacts

_HEADER = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")


def webp_facts(path: Path) -> MediaFacts:
    """Size, frames and duration. Raises SourceBad if the file is no animated WebP."""
    width = height = frames = milliseconds = 0
    with path.open("rb") as file:
        for name, content in _chunks(file):
            if name == b"VP8X":
                width, height = _number(content, 4) + 1, _number(content, 7) + 1
            elif name == b"ANMF":
                frames += 1
                milliseconds += _number(content, 12)
    if not frames or not milliseconds:
        raise SourceBad("the file is no animated WebP")
    seconds, size = milliseconds / 1000, path.stat().st_size
    stream = VideoFacts(
        index=0,
        codec_name="webp",
        codec_long_name="WebP",
        width=width,
        height=height,
        sar="1:1",
        start_time=0,
        duration=seconds,
        num_frames=frames,
        avg_fps=frames / seconds,
        fps=frames / seconds,
        field_order="progressive",
    )
    return MediaFacts(
        format_name="webp",
        duration=seconds,
        size=size,
        bitrate_kbps=size * 8 / 1000 / seconds,
        video=(stream,),
    )


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Names and first bytes of the chunks of a RIFF file."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or header[:4] + header[8:] != b"RIFFWEBP":
        raise SourceBad("the file is no WebP")
    while len(head := file.read(_CHUNK.size)) == _CHUNK.size:
        name, size = _CHUNK.unpack(head)
        begin = file.tell()
        yield name, file.read(min(size, 16))
        file.seek(begin + size + size % 2)


def _number(content: bytes, at: int) -> int:
    """24 bits, the lowest first."""
    return int.from_bytes(content[at : at + 3], "little")
