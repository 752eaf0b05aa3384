"""What the jobs of file tasks are to make, and what they say that they made. All of it is JSON.

Renditions are plain RenditionSpecs: those of a file are made like any other. A job's
``output_name`` is where its objects' keys begin: a folder and a name.
"""

from pydantic import BaseModel, ConfigDict

from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.mediaspec.snapshot import PictureFormat, SnapshotSpec
from chalicelib.processing.subjects import place_of_file
from chalicelib.store.jobs import JobKind


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
    this name. ``bucket``: another one than the task's.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    pictures: SnapshotSpec
    numbered: bool = True
    archive: str | None = None
    bucket: str | None = None


class FactsSpec(BaseModel):
    """The facts of the source; ``file_name``: they are written into this file as well, as JSON."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    file_name: str | None = None


class PicturesMade(BaseModel):
    """The pictures, in the order of time; ``key`` is that of the archive with them.

    There may be thousands, so not their names are kept but what these are made of.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    folder: str
    prefix: str
    format: PictureFormat
    places_ms: tuple[int, ...]
    numbered: bool = True
    key: str | None = None

    @property
    def names(self) -> list[str]:
        """What the pictures are called, in the folder or in the archive."""
        if not self.numbered:
            return [f"{self.prefix}.{self.format}" for _ in self.places_ms]
        return [picture_name(self.prefix, place, self.format) for place in self.places_ms]


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


def further_buckets(kind: JobKind, spec: str) -> set[str]:
    """The buckets that a job reads or writes besides those of its task's source and target."""
    if kind == "transcode":
        named = RenditionSpec.model_validate_json(spec).other_files
        return {place_of_file(ref).bucket for ref in named}
    if kind == "snapshot":
        bucket = PicturesSpec.model_validate_json(spec).bucket
        return {bucket} if bucket else set()
    return set()
