"""Other files that a rendition is made of: watermarks, subtitles, openings, background music.

A spec is stored, and a presigned URL or a worker's path would not outlive it: it holds names, and
whoever runs the work tells the engine where each of them lies at that moment.
"""

from typing import Annotated

from pydantic import Field

FileRef = Annotated[str, Field(min_length=1, max_length=2048)]
"""What the caller calls the file: an object's key, an address. The engine never opens it as such,
only what its `files` argument says it stands for."""

Language = Annotated[str, Field(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,7}$")]
"""What the file, or a track of it, is in (RFC 5646): "en", "zh-Hans", "pt-BR"."""
