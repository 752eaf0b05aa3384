"""The key of an encrypted rendition on its way to ffmpeg: by a file that nobody else can read.

Never on a command line, where every process of the machine sees it, and never in a log.
"""

import os
from pathlib import Path

from chalicelib.media.muxers import KEY_INFO
from chalicelib.mediaspec.packaging import HlsEncryption

_KEY = "content.key"
_KEY_BYTES = 16


def private(path: str, flags: int) -> int:
    """For `open(opener=...)`: a file for its owner alone."""
    return os.open(path, flags, 0o600)


def write_key(folder: Path, encryption: HlsEncryption, key: bytes | None) -> None:
    """Put the key and what ffmpeg has to know of it into an output's folder.

    They go with the working folder. Raises ValueError if the key is missing or not of 16 bytes.
    """
    if key is None or len(key) != _KEY_BYTES:
        raise ValueError(f"an encrypted rendition needs a key of {_KEY_BYTES} bytes")
    key_file = folder / _KEY
    with open(key_file, "xb", opener=private) as file:
        file.write(key)
    lines = [encryption.key_uri, str(key_file.resolve())]
    lines += [encryption.iv] if encryption.iv else []
    with open(folder / KEY_INFO, "x", opener=private, encoding="utf-8") as info:
        info.write("\n".join(lines) + "\n")
