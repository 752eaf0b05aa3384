"""Deciding who makes the renditions of a source, and handing a long one on to many workers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.media.chunks import why_whole
from chalicelib.media.encode import Span
from chalicelib.media.keyframes import spans
from chalicelib.mediaspec.audio import AudioEncoding
from chalicelib.mediaspec.conditions import ConditionUnmet
from chalicelib.mediaspec.decision import decided
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import costs, unfinished
from chalicelib.processing.intake import new_job
from chalicelib.processing.planning import Limits, Plan, Rendition, Source, make_plan
from chalicelib.processing.sources import open_source
from chalicelib.processing.splitting import ChunkSpec, PlannedRendition, PlanSpec, prefix_of
from chalicelib.processing.subjects import Subject, is_playlist, media_id_of
from chalicelib.settings import settings
from chalicelib.store import database, jobs, splits
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.splits import SplitPlan

_SEARCH_SECONDS = 120.0


def choose(tx: Transaction, subject: Subject, facts: MediaFacts, work: Sequence[Job]) -> Plan:
    """What to do with these jobs of one source: the first, and those that go well with it."""
    seekable = not is_playlist(subject) and facts.has_video and not facts.truncated
    source = Source(facts.duration, costs.decoding_load(facts), splittable=seekable)
    specs = {job.job_id: RenditionSpec.model_validate_json(job.spec) for job in work}
    first = specs[work[0].job_id]
    renditions = [
        Rendition(job_id, costs.rendition_load(facts, spec), splittable=why_whole(spec) is None)
        for job_id, spec in specs.items()
        if _same_source(first, spec)
    ]
    return make_plan(source, renditions, costs.current_costs(tx), limits())


def limits() -> Limits:
    """What this deployment's settings allow."""
    return Limits(
        target_seconds=settings().transcode_target_seconds,
        worker_seconds=settings().transcode_seconds,
        workers=settings().transcode_workers,
    )


def hand_on(
    work: Sequence[Job],
    subject: Subject,
    facts: MediaFacts,
    owner: str,
    chunks: int,
    workspace: Path,
) -> list[Job] | None:
    """Write a plan for these renditions and let go of their jobs; returns the chunks to hint at.

    None where the source cannot be cut after all: then one worker makes them whole.
    """
    source = open_source(subject, workspace, seconds=int(_SEARCH_SECONDS) * 2)
    cuts = spans(source, chunks, facts.duration, timeout_seconds=_SEARCH_SECONDS)
    if len(cuts) < 2:
        return None
    plan_id = jobs.new_id()
    spec = _plan_spec(work, facts)
    now = datetime.now(UTC)
    plan = SplitPlan(
        plan_id=plan_id, media_id=media_id_of(subject), spec=spec.model_dump_json(), created_at=now
    )
    pieces = _chunk_jobs(work[0], subject, plan, spec, cuts)

    def write(tx: Transaction) -> list[Job]:
        held = [job for job in work if splits.wait_for_chunks(tx, job.job_id, owner, plan_id, now)]
        if not held:
            return []
        splits.insert_plan(tx, plan, pieces)
        unfinished.note_temporary(tx, plan_id, prefix_of(plan_id))
        return pieces

    return database.run(write)


def _same_source(first: RenditionSpec, other: RenditionSpec) -> bool:
    """Whether one command can make both: of the same span, with the same parts joined to it."""
    return (first.clip, first.before, first.after) == (other.clip, other.before, other.after)


def _plan_spec(work: Sequence[Job], facts: MediaFacts) -> PlanSpec:
    sounds: list[AudioEncoding] = []
    renditions = []
    for job in work:
        spec = _decided(facts, RenditionSpec.model_validate_json(job.spec))
        number = None
        if spec.audio is not None and facts.main_audio is not None:
            if spec.audio not in sounds:
                sounds.append(spec.audio)
            number = sounds.index(spec.audio)
        renditions.append(PlannedRendition(job_id=job.job_id, spec=spec, sound=number))
    return PlanSpec(renditions=tuple(renditions), sounds=tuple(sounds))


def _decided(facts: MediaFacts, spec: RenditionSpec) -> RenditionSpec:
    try:
        return decided(facts, spec)
    except ConditionUnmet:  # refused before; what is planned is not refused
        return spec


def _chunk_jobs(
    job: Job, subject: Subject, plan: SplitPlan, spec: PlanSpec, cuts: Sequence[Span]
) -> list[Job]:
    """The sound first: it is one job of the whole source, so it takes the longest."""
    wanted = [ChunkSpec(part="sound")] if spec.sounds else []
    wanted += [
        ChunkSpec(part="picture", number=number, start=span.start, end=span.end)
        for number, span in enumerate(cuts)
    ]
    shared = {
        "plan_id": plan.plan_id,
        "priority": job.priority,
        "rank": job.rank,
        "definition": job.definition,
    }
    return [
        new_job(subject, plan.created_at, kind="chunk", queue="heavy", spec=chunk.model_dump_json())
        # In line where the rendition stood, before what was asked for later.
        .model_copy(update=shared | {"created_at": job.created_at + timedelta(microseconds=place)})
        for place, chunk in enumerate(wanted)
    ]
