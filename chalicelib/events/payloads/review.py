"""Payloads of reviews and of recognition (AI): what a person or a model says about a medium.

Scores run from 0 to 100, moments are milliseconds from the start, stretches are seconds.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.events.payloads.base import Count, EventPayload, Facts, Outcome, Quantity

Score = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Verdict(StrEnum):
    """What a reviewer decided."""

    NORMAL = "normal"
    BLOCKED = "blocked"


class ManualAuditComplete(EventPayload):
    """A person has reviewed a video."""

    status: Outcome = Outcome.SUCCESS
    verdict: Verdict
    audited_at: datetime
    auditor: str | None = None
    reason: str | None = None


class Suggestion(StrEnum):
    """What a model advises."""

    PASS = "pass"  # noqa: S105 -- advice, not a password
    REVIEW = "review"
    BLOCK = "block"


class ScoredFrame(Facts):
    """A frame that a model looked at."""

    label: str
    score: Score
    timestamp_ms: Count
    url: str


class SceneAudit(Facts):
    """What a model found in all frames of a video, for one kind of content."""

    suggestion: Suggestion
    label: str
    max_score: Score
    average_score: Score
    counts: dict[str, Count] = Field(default_factory=dict)
    top: tuple[ScoredFrame, ...] = ()


class VideoAudit(Facts):
    """The frames of a video."""

    suggestion: Suggestion
    label: str
    terrorism: SceneAudit | None = None
    porn: SceneAudit | None = None


class ScoredScene(Facts):
    """A picture under one kind of content."""

    suggestion: Suggestion
    score: Score
    label: str
    scene: Literal["porn", "terrorism"]


class CoverAudit(Facts):
    """A cover."""

    suggestion: Suggestion
    label: str
    url: str
    scenes: tuple[ScoredScene, ...] = ()


class TitleAudit(Facts):
    """A title."""

    suggestion: Suggestion
    label: str
    score: Score
    content: str | None = None


class AuditFindings(Facts):
    """All that a model says about a medium; `modules` and `labels` name what is not normal."""

    suggestion: Suggestion
    modules: tuple[Literal["video", "image-cover", "text-title"], ...] = ()
    labels: tuple[str, ...] = ()
    video: VideoAudit | None = None
    covers: tuple[CoverAudit, ...] = ()
    titles: tuple[TitleAudit, ...] = ()


class RecognitionPayload(EventPayload):
    """The end of a model's work: code and message are those of the failure, if there was one."""

    status: Outcome
    job_id: str
    error_code: str | None = None
    error_message: str | None = None


class AiAuditComplete(RecognitionPayload):
    """A model has reviewed a medium."""

    findings: AuditFindings | None = None


class Stretch(Facts):
    """A part of a video."""

    start: Quantity
    duration: Quantity


class SimilarPart(Facts):
    """A part of the video that was looked at, and the part of the other that is like it."""

    here: Stretch
    there: Stretch


class SimilarMedium(Facts):
    """A medium of the fingerprint library; `similarity` from 0 to 1."""

    primary_key: str
    similarity: Annotated[float, Field(ge=0, le=1)]
    parts: tuple[SimilarPart, ...] = ()


class AiDnaComplete(RecognitionPayload):
    """A video's fingerprint was looked up."""

    similar: tuple[SimilarMedium, ...] = ()


class Tag(Facts):
    """A tag and the moments at which it was seen or heard; persons may have a face."""

    tag: str
    times_ms: tuple[Count, ...] = ()
    face_url: str | None = None


class AiTagComplete(RecognitionPayload):
    """A model has tagged a video."""

    persons: tuple[Tag, ...] = ()
    times: tuple[Tag, ...] = ()
    locations: tuple[Tag, ...] = ()
    keywords: tuple[Tag, ...] = ()
    categories: tuple[Tag, ...] = ()
