"""What is in an animated image file: read from its structure, without decoding a picture.

GIF89a (blocks), and WebP's container (chunks of RIFF). For files of our own making: ffmpeg writes
animated WebP, but does not read it.
"""

from pathlib import Path

from chalicelib.mediaspec.animated import AnimatedFormat, AnimatedImageFacts


def read_facts(path: Path, form: AnimatedFormat, seconds: float = 0.0) -> AnimatedImageFacts:
    """The facts of an image; one with a single picture is shown for `seconds`.

    Raises ValueError if the file is not an image of the format.
    """
    data = memoryview(path.read_bytes())
    try:
        width, height, delays = _gif(data) if form == "gif" else _webp(data)
    except IndexError:
        raise ValueError(f"the {form} ends too early") from None
    if not delays:
        raise ValueError(f"the {form} holds no picture")
    return AnimatedImageFacts(
        format=form,
        width=width,
        height=height,
        size=len(data),
        frames=len(delays),
        duration=sum(delays) if len(delays) > 1 and sum(delays) > 0 else seconds,
    )


def _gif(data: memoryview) -> tuple[int, int, list[float]]:
    """Width, height, and how long each picture is shown."""
    if bytes(data[:6]) not in (b"GIF87a", b"GIF89a"):
        raise ValueError("not a GIF")
    at = 13 + _colour_table(data[10])
    delay, delays = 0.0, []
    while data[at] != 0x3B:  # the trailer
        if data[at] == 0x21 and data[at + 1] == 0xF9:  # what is said of the next picture
            delay = _number(data, at + 4, 2) / 100
        if data[at] == 0x2C:
            delays.append(delay)
            at += 10 + _colour_table(data[at + 9]) + 1
        else:
            at += 2
        while data[at]:  # sub-blocks, each after its length
            at += data[at] + 1
        at += 1
    return _number(data, 6, 2), _number(data, 8, 2), delays


def _colour_table(packed: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _webp(data: memoryview) -> tuple[int, int, list[float]]:
    """Width, height, and how long each picture is shown."""
    if bytes(data[:4]) != b"RIFF" or bytes(data[8:12]) != b"WEBP":
        raise ValueError("not a WebP")
    width = height = 0
    delays: list[float] = []
    at = 12
    while at + 8 <= len(data):
        kind, length = bytes(data[at : at + 4]), _number(data, at + 4, 4)
        at += 8
        if kind == b"VP8X":
            width, height = _number(data, at + 4, 3) + 1, _number(data, at + 7, 3) + 1
        elif kind == b"ANMF":
            delays.append(_number(data, at + 12, 3) / 1000)
        elif kind == b"VP8 " and not delays:
            delays.append(0.0)
            if not width:
                width, height = _number(data, at + 6, 2) & 0x3FFF, _number(data, at + 8, 2) & 0x3FFF
        at += length + length % 2
    if not width:
        raise ValueError("the WebP does not tell its size")
    return width, height, delays


def _number(data: memoryview, at: int, length: int) -> int:
    """An unsigned number, the lowest byte first."""
    if at + length > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + length], "little")
