"""Outputs on their way into the bucket while they are being made.

Segments are uploaded as they are completed and deleted here, so that a worker's disk holds few of
them however long the source is. A playlist comes last, or, where that is asked for, grows with its
segments, so that a rendition plays while the rest of it is being made.
"""

import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from chalicelib.media.readback import RenditionResult
from chalicelib.media.segments import SegmentFile
from chalicelib.processing.lease import Lease
from chalicelib.store import objects

# Enough to fill the network from one worker: an upload mostly waits.
_UPLOADS_AT_ONCE = 4
# Segments that wait for their upload; above this the encoder is held.
_MOST_WAITING_BYTES = 192 * 1024 * 1024
# A growing playlist is written at most so often.
_PLAYLIST_SECONDS = 2.0


@dataclass
class Publication:
    """One rendition: whose it is, the folder of its objects, and what has been uploaded of it."""

    lease: Lease
    folder: str
    keys: set[str] = field(default_factory=set)
    playlist_at: float = 0.0


class Publisher:
    """Uploads the files of a run's outputs; a context manager that waits for its threads."""

    def __init__(self, outputs: Sequence[Publication], workspace: Path) -> None:
        self._outputs = outputs
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
        # Nothing may be written any more when the caller removes what is not wanted.
        self._pool.shutdown(wait=True, cancel_futures=True)

    def take(self, file: SegmentFile) -> None:
        """Take a complete segment out of the encoder's folder; raises what an upload raised."""
        output = self._outputs[file.output]
        if output.lease.lost():
            file.path.unlink()
            return
        moved = self._aside / file.path.name
        file.path.rename(moved)
        self._start(output, moved, file.size)

    def is_full(self) -> bool:
        """Whether the encoder has to wait for the uploads."""
        self._check()
        with self._lock:
            return sum(self._waiting.values()) > _MOST_WAITING_BYTES

    def grow(self, number: int, playlist: Callable[[], str | None], name: str) -> bool:
        """Put up the playlist as far as its segments are; True if it was written now."""
        output = self._outputs[number]
        if output.lease.lost() or time.monotonic() < output.playlist_at + _PLAYLIST_SECONDS:
            return False
        text = playlist()
        uploaded = {key.rsplit("/", 1)[1] for key in self._uploaded(output)}
        shown = as_far_as(text, uploaded) if text else None
        if shown is None:
            return False
        output.playlist_at = time.monotonic()
        objects.put_text(shown, f"{output.folder}/{name}")
        return True

    def finish(self, number: int, made: RenditionResult) -> str:
        """Upload what is left of an output, what a player opens last; returns that object's key."""
        output = self._outputs[number]
        for path in made.files[:-1]:
            self._start(output, path, path.stat().st_size)
        self._wait()
        entry = f"{output.folder}/{made.entry.name}"
        objects.upload(made.entry, entry)
        output.keys.add(entry)
        return entry

    def keys(self, number: int) -> frozenset[str]:
        """All objects of an output that has been finished."""
        return frozenset(self._outputs[number].keys)

    def _start(self, output: Publication, path: Path, size: int) -> None:
        self._check()
        key = f"{output.folder}/{path.name}"

        def upload() -> None:
            objects.upload(path, key)
            path.unlink(missing_ok=True)
            with self._lock:
                output.keys.add(key)

        with self._lock:
            self._waiting[self._pool.submit(upload)] = size

    def _uploaded(self, output: Publication) -> frozenset[str]:
        self._check()
        with self._lock:
            return frozenset(output.keys)

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


_SEGMENT = re.compile(r"^(?!#)\S+$")


def as_far_as(playlist: str, names: set[str]) -> str | None:
    """A growing playlist cut off before the first segment that is not among ``names`` (RFC 8216).

    None if no segment is left. A playlist that has ended says so only with its last segment.
    """
    kept: list[str] = []
    pending: list[str] = []
    segments = 0
    for line in playlist.splitlines():
        pending.append(line)
        if not _SEGMENT.match(line):
            if segments == 0 and not line.startswith("#EXTINF"):
                continue
            if line == "#EXT-X-ENDLIST":
                kept += pending
                pending = []
            continue
        if line not in names:
            pending = []
            break
        kept += pending
        pending = []
        segments += 1
    return "\n".join(kept) + "\n" if segments else None


def as_finished(playlist: str) -> str:
    """A playlist that grew, when it is complete: players need not ask for it again."""
    return playlist.replace("#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-PLAYLIST-TYPE:VOD", 1)
