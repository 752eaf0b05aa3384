"""Outputs on their way into the bucket while they are being made.

Segments are uploaded as they are completed and deleted here, so that a worker's disk holds few of
them however long the source is. A playlist comes last, or, where that is asked for, grows with its
segments, so that a rendition plays while the rest of it is being made.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from chalicelib.media.readback import RenditionResult
from chalicelib.media.segments import SegmentFile
from chalicelib.mediaspec.growing import as_far_as, as_finished
from chalicelib.processing.lease import Lease
from chalicelib.store import object_deletion, objects
from chalicelib.store.bucket_access import FurtherBucket

# Enough to fill the network from one worker: an upload mostly waits.
_UPLOADS_AT_ONCE = 4
# Segments that wait for their upload; above this the encoder is held.
_MOST_WAITING_BYTES = 128 * 1024 * 1024
# A growing playlist is written at most so often.
_PLAYLIST_SECONDS = 2.0


@dataclass
class Publication:
    """One rendition: whose it is, where it is stored, and what has been uploaded of it.

    ``name`` is the objects' key without what follows the base name; ``entry`` the whole key of what
    a player opens, where that is called otherwise. ``on_playable(segment)`` makes its playlist
    grow: it is called once, when the first segment and the playlist are there.
    """

    lease: Lease
    name: str
    on_playable: Callable[[Path], None] | None = None
    entry: str | None = None
    keys: set[str] = field(default_factory=set)
    playlist: Path | None = None
    shown: str = ""
    shown_at: float = 0.0
    ended: bool = False

    def key_of(self, path: Path) -> str:
        """The key of one of its files, which lie beside each other."""
        folder, slash, _ = self.name.rpartition("/")
        return f"{folder}{slash}{path.name}"


class Publisher:
    """Uploads the files of a run's outputs; a context manager that waits for its threads.

    ``bucket`` None is the deployment's own; what is left in that when the work fails is removed by
    whoever finds the note of it (``processing.unfinished``).
    """

    def __init__(
        self, outputs: Sequence[Publication], workspace: Path, bucket: FurtherBucket | None = None
    ) -> None:
        self._outputs = outputs
        self._bucket = bucket
        self._pool = ThreadPoolExecutor(_UPLOADS_AT_ONCE, thread_name_prefix="upload")
        self._waiting: dict[Future[None], int] = {}
        self._lock = threading.Lock()
        self._aside = workspace / "uploading"
        self._aside.mkdir(exist_ok=True)

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Nothing may be written any more when somebody removes what is not wanted.
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._bucket is not None and error is not None:
            self._take_back(self._bucket)

    def take(self, file: SegmentFile) -> None:
        """Take a complete segment out of the encoder's folder; raises what an upload raised."""
        output = self._outputs[file.output]
        if output.lease.lost():
            file.path.unlink()
            return
        base = output.name.rpartition("/")[2]
        moved = self._aside / file.path.name
        if output.on_playable is not None and output.playlist is None:
            output.on_playable(file.path)
            output.playlist = file.path.parent / f"{base}.m3u8"
        file.path.rename(moved)
        self._start(output, moved, file.size)

    def is_full(self) -> bool:
        """Whether the encoder has to wait for the uploads; raises what an upload raised."""
        self._check()
        with self._lock:
            return sum(self._waiting.values()) > _MOST_WAITING_BYTES

    def grow(self) -> None:
        """Put up the growing playlists as far as their segments are in the bucket."""
        for output in self._outputs:
            due = time.monotonic() >= output.shown_at + _PLAYLIST_SECONDS
            if output.playlist is not None and due and not output.lease.lost():
                self._grow(output, output.playlist)

    def finish(self, number: int, made: RenditionResult) -> str:
        """Upload what is left of an output, what a player opens last; returns that object's key."""
        output = self._outputs[number]
        for path in made.files[:-1]:
            self._start(output, path, path.stat().st_size)
        self._wait()
        if output.on_playable is not None:
            made.entry.write_text(as_finished(made.entry.read_text()))
        entry = output.entry or output.key_of(made.entry)
        objects.upload(made.entry, entry, self._bucket)
        output.keys.add(entry)
        output.ended = True
        return entry

    def keys(self, number: int) -> frozenset[str]:
        """All objects of an output that has been finished."""
        return frozenset(self._outputs[number].keys)

    def _take_back(self, bucket: FurtherBucket) -> None:
        """Of a bucket that is not ours: remove what was written of outputs that have not ended.

        Only that: what else lies there under such names was there before, and is its owner's. A
        worker that no longer holds the job leaves it all alone, since another one may write it now.
        """
        for output in self._outputs:
            if not output.ended and not output.lease.lost():
                object_deletion.delete_objects(sorted(output.keys), bucket)

    def _grow(self, output: Publication, playlist: Path) -> None:
        if not playlist.is_file():
            return
        self._check()
        with self._lock:
            uploaded = {key.rsplit("/", 1)[1] for key in output.keys}
        text = as_far_as(playlist.read_text(), uploaded)
        if text is None or text == output.shown:
            return
        objects.put_text(text, output.key_of(playlist), self._bucket)
        output.shown, output.shown_at = text, time.monotonic()

    def _start(self, output: Publication, path: Path, size: int) -> None:
        self._check()
        key = output.key_of(path)

        def upload() -> None:
            objects.upload(path, key, self._bucket)
            path.unlink(missing_ok=True)
            with self._lock:
                output.keys.add(key)

        with self._lock:
            self._waiting[self._pool.submit(upload)] = size

    def _check(self) -> None:
        with self._lock:
            ended = [future for future in self._waiting if future.done()]
            for future in ended:
                del self._waiting[future]
        for future in ended:
            future.result()

    def _wait(self) -> None:
        with self._lock:
            waiting = list(self._waiting)
        for future in waiting:
            future.result()
        self._check()
