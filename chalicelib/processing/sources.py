"""Opening a source for work: a presigned URL, or a checked local copy of a playlist."""

from collections.abc import Iterable
from pathlib import Path

from chalicelib.media.errors import SourceBad, SourceMissing, SourceUnreachable
from chalicelib.mediaspec.files import FileRef
from chalicelib.mediaspec.hls import (
    MAX_PLAYLIST_BYTES,
    PlaylistInvalid,
    rewrite_uris,
    safe_relative,
)
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing.subjects import Subject, is_playlist, place_of_file
from chalicelib.store import keys, objects
from chalicelib.store.bucket_access import FurtherBucket, reach
from chalicelib.store.file_tasks import FilePlace, FileTask
from chalicelib.store.objects import BucketRefused, ObjectMissing

# A master playlist, its media playlists, and no further.
_MAX_DEPTH = 2
_MAX_PLAYLISTS = 64


def open_source(subject: Subject, workspace: Path, *, seconds: int) -> str | Path:
    """What the media room may open: readable for ``seconds`` at least.

    Files are read in place over a presigned URL. A playlist is written into the workspace with a
    presigned URL for every segment, so that it can name nothing but objects of its own folder.
    Raises SourceBad for an empty file, and for a playlist that names anything else; SourceMissing
    where a file that is no medium is not there, SourceUnreachable where its bucket refuses it.
    """
    try:
        return _opened(subject, workspace, seconds)
    except BucketRefused as refused:
        raise SourceUnreachable(str(refused)) from None


def _opened(subject: Subject, workspace: Path, seconds: int) -> str | Path:
    if isinstance(subject, FileTask):
        key, bucket = _present(subject.source)
    elif subject.source_size == 0:
        raise SourceBad("the file is empty")
    else:
        key, bucket = subject.source_key, None
    if not is_playlist(subject):
        return objects.presigned_url(key, seconds, bucket)
    folder = workspace / "source"
    folder.mkdir()
    return _LocalPlaylists(folder, bucket, seconds).copy(key, _MAX_DEPTH)


def _present(place: FilePlace) -> tuple[str, FurtherBucket]:
    """Key and bucket of the file that a task is about: nobody has looked at it before."""
    bucket = reach(place.bucket)
    found = objects.describe(place.key, bucket)
    if found is None:
        raise SourceMissing("there is no such file")
    if found.size == 0:
        raise SourceBad("the file is empty")
    return place.key, bucket


def open_files(
    subject: Subject, specs: Iterable[RenditionSpec], *, seconds: int
) -> dict[FileRef, str]:
    """Where the other files of renditions lie: presigned URLs, by the names that specs have.

    Those of a file task are looked for first. Raises SourceMissing and SourceUnreachable.
    """
    refs = {ref for spec in specs for ref in spec.other_files}
    if isinstance(subject, FileTask):
        return {ref: _url_of_present(place_of_file(ref), seconds) for ref in refs}
    return {ref: objects.presigned_url(ref, seconds) for ref in refs}


def _url_of_present(place: FilePlace, seconds: int) -> str:
    bucket = reach(place.bucket)
    try:
        found = objects.describe(place.key, bucket)
    except BucketRefused as refused:
        raise SourceUnreachable(str(refused)) from None
    if found is None:
        raise SourceMissing(f"there is no file {place.key}")
    return objects.presigned_url(place.key, seconds, bucket)


class _LocalPlaylists:
    """Copies a playlist, and those that it names, under numbered names."""

    def __init__(self, folder: Path, bucket: FurtherBucket | None, seconds: int) -> None:
        self._folder = folder
        self._bucket = bucket
        self._seconds = seconds
        self._count = 0

    def copy(self, key: str, depth: int) -> Path:
        if depth == 0 or self._count == _MAX_PLAYLISTS:
            raise SourceBad("the playlist names too many playlists")
        path = self._folder / f"{self._count}.m3u8"
        self._count += 1
        try:
            text = objects.read_text(key, MAX_PLAYLIST_BYTES + 1, self._bucket)
            path.write_text(rewrite_uris(text, lambda uri: self._resolve(key, uri, depth)))
        except ObjectMissing:
            raise SourceUnreachable("the playlist names a playlist that is not there") from None
        except PlaylistInvalid as invalid:
            raise SourceBad(str(invalid)) from None
        return path

    def _resolve(self, playlist_key: str, uri: str, depth: int) -> str:
        target = safe_relative(playlist_key, uri)
        if not target.startswith(keys.folder(playlist_key)):
            raise PlaylistInvalid("the playlist names an object outside its own folder")
        if target.endswith(".m3u8"):
            return self.copy(target, depth - 1).name
        return objects.presigned_url(target, self._seconds, self._bucket)
