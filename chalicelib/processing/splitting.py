"""Plans that share a long source out: what they say, and how they go on when a chunk has ended.

Nothing here loads the media room: the timer looks after plans too.
"""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.store import database, splits
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job

WORK_FOLDER = "work"
"""What chunks are stored under until they are joined; the bucket forgets it after a week."""


class PlannedRendition(BaseModel):
    """One rendition of a plan. ``sound``: which of the plan's sounds it has; None: it is silent."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    job_id: str
    spec: RenditionSpec
    sound: int | None


class PlanSpec(BaseModel):
    """What all chunks of a plan share. Sounds that are equal are encoded once."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    renditions: tuple[PlannedRendition, ...]
    sounds: tuple[AudioEncoding, ...]


class ChunkSpec(BaseModel):
    """One chunk: all pictures of a span of the source (microseconds), or all sounds of the whole.

    ``start`` None: from the first frame; ``end`` None: to the last.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    part: Literal["picture", "sound"]
    number: int = 0
    start: int | None = None
    end: int | None = None


class ChunkPart(BaseModel):
    """What a chunk made for one rendition, or for one sound; or why it could not."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    key: str = ""
    frames: int = 0
    error_code: str = ""
    error_message: str = ""


class ChunkResult(BaseModel):
    """The result of a chunk job: its parts by rendition (job id) or sound (number)."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    parts: dict[str, ChunkPart]


def prefix_of(plan_id: str) -> str:
    """Where the chunks of a plan are stored."""
    return f"{WORK_FOLDER}/{plan_id}/"


def advance(plan_id: str) -> list[Job]:
    """See how far a plan is; returns the renditions that can go on now, to be hinted at.

    Called after a chunk or a rendition has ended, in a transaction of its own: of two that end at
    the same moment the later one sees them both, and it does not matter if both do.
    """
    return database.run(lambda tx: _advance(tx, plan_id, datetime.now(UTC)))


def _advance(tx: Transaction, plan_id: str, now: datetime) -> list[Job]:
    if not splits.open_renditions(tx, plan_id):
        splits.cancel_chunks(tx, plan_id, now)
        return []
    if splits.has_failed_chunk(tx, plan_id):
        # The renditions wake up and fail with what the chunk says.
        splits.cancel_chunks(tx, plan_id, now)
    elif splits.open_chunks(tx, plan_id):
        splits.keep_waiting(tx, plan_id, now)
        return []
    return splits.wake_renditions(tx, plan_id, now)
