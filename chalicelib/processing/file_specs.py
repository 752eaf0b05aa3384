"""What the jobs of file tasks are to make, and what they say that they made. All of it is JSON.

Renditions are plain RenditionSpecs: those of a file are made like any other. A job's
``output_name`` is where its objects' keys begin: a folder and a name.
"""

from pydantic import BaseModel, ConfigDict

from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.snapshot import PictureFormat, SnapshotSpec


class RemuxSpec(BaseModel):
    """Another container, in which nothing is encoded again: see ``mediaspec.rendition.remuxed``.

    ``file_name`` is the whole name of what a player opens; segments are named after
    ``output_name``.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    rendition: RenditionSpec
    file_name: str


class PicturesSpec(BaseModel):
    """Still pictures. ``numbered``: each has the second that it shows behind ``output_name``.

    ``archive``: instead of the pictures, one tar file with all of them goes into the bucket, under
    this name.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    pictures: SnapshotSpec
    numbered: bool = True
    archive: str | None = None


class FactsSpec(BaseModel):
    """The facts of the source; ``file_name``: they are written into this file as well, as JSON."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    file_name: str | None = None


class PicturesMade(BaseModel):
    """The pictures' names, in the order of time; ``key`` is that of the archive with them."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    folder: str
    names: tuple[str, ...]
    key: str | None = None


class FactsFound(BaseModel):
    """The facts of the source, and the key of the file that they were written into."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    facts: MediaFacts
    key: str | None = None


def folder_of(name: str) -> str:
    """What the keys of all objects begin with that lie beside one of this name."""
    folder, slash, _ = name.rpartition("/")
    return f"{folder}{slash}"


def picture_name(prefix: str, place_ms: int, file_format: PictureFormat) -> str:
    """The name of a picture: what it begins with, and the second that it shows.

    Parts of a second are written only where there are any: "9.jpg", "cover_2.5.jpg".
    """
    seconds = f"{place_ms // 1000}.{place_ms % 1000:03d}".rstrip("0").rstrip(".")
    return f"{prefix}{seconds}.{file_format}"
