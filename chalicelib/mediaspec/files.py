"""Other files that a rendition is made of: watermarks, subtitles, openings, background music.

A spec is stored, and a presigned URL or a worker's path would not outlive it: it holds names, and
whoever runs the work tells the engine where each of them lies at that moment.
"""

from typing import Annotated

from pydantic import Field

FileRef = Annotated[str, Field(min_length=1, max_length=2048)]
"""What the caller calls the file: an object's key, an address. The engine never opens it as such,
only what its `files` argument says it stands for."""
