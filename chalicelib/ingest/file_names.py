"""File names as clients give them: untrusted text of which only the extension is used."""

import re

from chalicelib.ingest.errors import UnsupportedExtension
from chalicelib.store.media import AUDIO_EXTENSIONS

# VOD developer guide 4.1 (media formats) and 4.2.1 (extensions of the upload tools).
_VIDEO = (
    "3gp asf avi dat dv f4v flv gif m2t m3u8 m4v mj2 mjpeg mkv mov mp4 mpe mpeg mpg mts ogg qt rm"
    " rmvb swf ts vob webm wmv"
)
EXTENSIONS = frozenset(_VIDEO.split()) | AUDIO_EXTENSIONS


def media_extension(file_name: str) -> str:
    """The extension in lower case. Raises UnsupportedExtension.

    Both kinds of slash separate folders, since clients send paths of their own systems.
    """
    extension = extension_of(file_name)
    if extension not in EXTENSIONS:
        raise UnsupportedExtension(extension)
    return extension


def extension_of(file_name: str) -> str:
    """What follows the last dot of the file's own name, in lower case; "" if it has none."""
    last = re.split(r"[/\\]", file_name)[-1]
    return last.rpartition(".")[2].lower() if "." in last else ""
