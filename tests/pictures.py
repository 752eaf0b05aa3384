"""Small images for tests, made here byte by byte."""

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """A PNG of one colour."""
    rows = (b"\0" + b"\x10\x20\x30" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def gif(width: int, height: int) -> bytes:
    """A GIF whose picture is one row of LZW codes that clear and end: it decodes as blank."""
    size = struct.pack("<HH", width, height)
    palette = b"\0\0\0\xff\xff\xff"
    picture = b"\x2c\0\0\0\0" + size + b"\0" + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + size + b"\x80\0\0" + palette + picture + b"\x3b"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
