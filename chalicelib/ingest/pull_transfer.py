"""Bringing the bytes of one pull over: read in blocks, stored in parts, resumed where it broke off.

While one part is being stored the next is read already.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from chalicelib.ingest.pull_source import OpenSource, SourceBroken, open_source
from chalicelib.ingest.pull_urls import SourceRefused
from chalicelib.settings import settings
from chalicelib.store import database, multipart, objects, pulls
from chalicelib.store.media import Media
from chalicelib.store.multipart import MultipartMissing, StoredPart
from chalicelib.store.objects import StoredObject
from chalicelib.store.pulls import Pull, PullState

_BLOCK = 64 * 1024
PART_BYTES = 8 * 1024 * 1024
_NOTE_SECONDS = 2.0


class LeaseLost(Exception):
    """Another worker has this pull, or nobody is to have it."""


class HandOver(Exception):
    """This run's slice of time is over; another one goes on."""


class SourceTooLarge(Exception):
    """The source is larger than what is pulled."""


class TimeOver(Exception):
    """The pull has taken too long in all."""


class Held:
    """A pull under this worker's lease; `pull` is its newest state.

    `progressed` tells whether a part has come since the worker took it.
    """

    def __init__(self, pull: Pull) -> None:
        self.pull = pull
        self.record = Media.model_validate_json(pull.media)
        self.progressed = False
        self._slice_ends = time.monotonic() + settings().pull_slice_seconds
        self._noted = time.monotonic()

    def note(self, **changes: object) -> None:
        """Write down how far it is and keep the lease. Raises LeaseLost."""
        self.pull = self.pull.model_copy(update=changes)
        # A block may take that long without a sign of life.
        seconds = settings().job_lease_seconds + settings().pull_stall_seconds
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        if not database.run(lambda tx: pulls.note(tx, self.pull, until)):
            raise LeaseLost
        self._noted = time.monotonic()

    def beat(self, pulled_size: int) -> None:
        """Between blocks: notes now and then. Raises LeaseLost, HandOver, TimeOver."""
        now = time.monotonic()
        if now - self._noted < _NOTE_SECONDS:
            return
        self.note(pulled_size=pulled_size)
        started = self.pull.started_at or datetime.now(UTC)
        if datetime.now(UTC) - started > timedelta(seconds=settings().pull_seconds):
            raise TimeOver(f"the pull took longer than {settings().pull_seconds} s")
        if now > self._slice_ends:
            raise HandOver


def transfer(held: Held) -> StoredObject:
    """Bring the source over; returns the object that it has become.

    Raises SourceRefused, SourceBroken, SourceTooLarge, TimeOver, HandOver, LeaseLost.
    """
    parts = _stored_parts(held)
    if parts is None:
        stored = objects.describe(held.record.source_key)
        if stored is not None:
            return stored
        parts = _begin(held)
    try:
        parts = _download(held, parts)
        held.note(state=PullState.STORING)
        multipart.complete(held.record.source_key, held.pull.multipart_id, parts)
    except MultipartMissing:
        # Aborted by somebody, or completed by another worker who has this pull now.
        held.note(multipart_id="", state=PullState.DOWNLOADING)
        raise SourceBroken("what had been stored of the source was lost") from None
    stored = objects.describe(held.record.source_key)
    if stored is None:
        raise SourceBroken("what had been stored of the source was lost")
    held.note(state=PullState.STORED)
    return stored


def _stored_parts(held: Held) -> list[StoredPart] | None:
    """The parts that an earlier run has left, without gaps; None if nothing is open."""
    if not held.pull.multipart_id:
        return None
    try:
        found = multipart.stored_parts(held.record.source_key, held.pull.multipart_id)
    except MultipartMissing:
        return None
    whole = []
    for number, part in enumerate(found, 1):
        if part.number != number:
            break
        whole.append(part)
    return whole


def _begin(held: Held) -> list[StoredPart]:
    key = held.record.source_key
    held.note(
        multipart_id=multipart.begin(key),
        validator="",
        total_size=None,
        pulled_size=0,
    )
    return []


def _download(held: Held, parts: list[StoredPart]) -> list[StoredPart]:
    """Read what is missing; a connection that breaks off after some progress is made again."""
    while True:
        _drop_rest(held.pull, parts)
        before = sum(part.size for part in parts)
        if before and before == held.pull.total_size:
            return parts
        try:
            with open_source(held.pull.source_url, before, held.pull.validator) as source:
                if source.offset != before or _is_another(held.pull, source):
                    parts.clear()
                if source.offset and not parts:
                    raise SourceBroken("the source has changed meanwhile")
                check_size(source.total_size or 0)
                held.note(
                    state=PullState.DOWNLOADING,
                    validator=source.validator,
                    total_size=source.total_size,
                    pulled_size=source.offset,
                )
                _store(held, source, parts)
        except SourceBroken:
            if sum(part.size for part in parts) <= before or not held.pull.validator:
                raise
            continue
        held.note(state=PullState.DOWNLOADED, total_size=held.pull.pulled_size)
        return parts


def _drop_rest(pull: Pull, parts: list[StoredPart]) -> None:
    """Only the last part of an object may be short: one that turned out not to be goes."""
    if parts and parts[-1].size < PART_BYTES and sum(p.size for p in parts) != pull.total_size:
        parts.pop()


def _is_another(pull: Pull, source: OpenSource) -> bool:
    known = pull.total_size is not None and source.total_size is not None
    return known and pull.total_size != source.total_size


def _store(held: Held, source: OpenSource, parts: list[StoredPart]) -> None:
    """Read to the end; ``parts`` grows with each part that has been stored."""
    pulled = source.offset
    storing: Future[StoredPart] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="store-part") as executor:
        try:
            while body := next_part(held, source, pulled):
                pulled += len(body)
                if storing is not None:
                    done, storing = storing, None
                    _keep(held, done, parts)
                storing = executor.submit(
                    multipart.put_part,
                    held.record.source_key,
                    held.pull.multipart_id,
                    len(parts) + 1,
                    body,
                )
        finally:
            # Also of a source that breaks off: what came before is kept.
            if storing is not None:
                _keep(held, storing, parts)
    if source.total_size is not None and pulled != source.total_size:
        raise SourceBroken("the source ended before its length")
    if not pulled:
        raise SourceRefused("the source is empty")
    held.note(pulled_size=pulled)


def _keep(held: Held, storing: Future[StoredPart], parts: list[StoredPart]) -> None:
    parts.append(storing.result())
    held.progressed = True


def next_part(held: Held, source: OpenSource, pulled: int) -> bytes:
    """The next part, shorter than the others only at the end of the source."""
    body = bytearray()
    while len(body) < PART_BYTES and (block := source.read(_BLOCK)):
        body += block
        check_size(pulled + len(body))
        held.beat(pulled + len(body))
    return bytes(body)


def check_size(size: int) -> None:
    """Raises SourceTooLarge."""
    if size > settings().pull_max_bytes:
        raise SourceTooLarge(f"the source is larger than {settings().pull_max_bytes} bytes")
