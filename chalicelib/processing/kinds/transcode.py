"""Making renditions of a media: together where they come from one source, shared out if long."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from chalicelib.logs import log
from chalicelib.media.chunks import why_whole
from chalicelib.media.encode import check
from chalicelib.media.errors import ConditionRefused, MediaError, SourceBad
from chalicelib.mediaspec.conditions import ConditionUnmet
from chalicelib.mediaspec.decision import decided
from chalicelib.mediaspec.facts import MediaFacts
from chalicelib.mediaspec.rendition import RenditionSpec
from chalicelib.processing import renditions, sharing, task_end
from chalicelib.processing.kinds import Ended, Followup
from chalicelib.processing.lease import Leases
from chalicelib.processing.planning import Plan
from chalicelib.processing.renditions import Made
from chalicelib.processing.subjects import Subject, facts_of, subject_of
from chalicelib.processing.submission import hint
from chalicelib.settings import settings
from chalicelib.store import database, job_groups
from chalicelib.store.database import Transaction
from chalicelib.store.jobs import Job
from chalicelib.store.media import Media

# As many encoders as one worker's memory holds.
_MOST_TOGETHER = 8


class NotAnalysedYet(MediaError):
    """The transcode was asked for before the analysis of the upload had ended."""

    reason = "NotAnalysedYet"
    retryable = True


def companions(tx: Transaction, job: Job, now: datetime) -> list[Job]:
    """The renditions of the same task that are best made together with this one."""
    siblings = job_groups.untried_siblings(tx, job, now, _MOST_TOGETHER - 1)
    subject = subject_of(tx, job) if siblings else None
    facts = facts_of(subject) if subject is not None else None
    if subject is None or facts is None:
        return []
    chosen = sharing.choose(tx, subject, facts, [job, *siblings]).together
    return [sibling for sibling in siblings if sibling.job_id in chosen]


def run_together(
    work: Sequence[Job], subject: Subject, workspace: Path, leases: Leases
) -> Iterator[Ended]:
    """Encode from the source in place, and upload as it comes, the manifest last."""
    facts = _known_facts(subject)
    if work[0].plan_id is not None:
        for job in work:
            yield renditions.join_chunks(job, subject, facts, workspace, leases.of(job.job_id))
        return
    possible = []
    for job in work:
        refusal = _refusal(job, facts)
        if refusal is None:
            possible.append(job)
        else:
            yield job, refusal
    if possible and not _handed_on(possible, subject, facts, workspace, leases):
        yield from renditions.encode_together(possible, subject, facts, workspace, leases)


def succeeded(tx: Transaction, job: Job, record: Media, result: str, now: datetime) -> Followup:
    """Record the stream, and end the task if this was its last job."""
    made = Made.model_validate_json(result)
    stream = renditions.stream_of(job, made, now)
    ending = task_end.rendition_made(tx, job, record, stream)
    return Followup(ending.event_ids, ending.jobs, plan_id=job.plan_id or "")


def failed(
    tx: Transaction, job: Job, record: Media, code: str, message: str, now: datetime
) -> Followup:
    """Tell of the failure, and end the task if this was its last job."""
    ending = task_end.rendition_failed(tx, job, record, code, message, now)
    return Followup(ending.event_ids, ending.jobs, plan_id=job.plan_id or "")


def _refusal(job: Job, facts: MediaFacts) -> MediaError | None:
    """What cannot work with this source at all, so that it does not spoil the others' run."""
    spec = RenditionSpec.model_validate_json(job.spec)
    try:
        check(facts, decided(facts, spec))
    except ConditionUnmet as unmet:
        return ConditionRefused(str(unmet))
    except MediaError as error:
        return error
    return None


def _handed_on(
    work: Sequence[Job], subject: Subject, facts: MediaFacts, workspace: Path, leases: Leases
) -> bool:
    """Share the work out if it is too long for one worker."""
    plan = database.run(lambda tx: sharing.choose(tx, subject, facts, work))
    together = [job for job in work if job.job_id in plan.together]
    if plan.chunks < 2 or len(together) < len(work):
        _tell_why_whole(plan, work)
        return False
    chunks = sharing.hand_on(work, subject, facts, leases.owner, plan.chunks, workspace)
    if chunks is None:
        return False
    hint(chunks)
    return True


def _tell_why_whole(plan: Plan, work: Sequence[Job]) -> None:
    """For operators who wonder why one worker is busy for so long."""
    if plan.seconds <= settings().transcode_target_seconds:
        return
    reasons = {job.job_id: why_whole(RenditionSpec.model_validate_json(job.spec)) for job in work}
    told = {job_id: reason or "the source cannot be cut" for job_id, reason in reasons.items()}
    log.info("long work stays with one worker", extra={"reasons": told})


def _known_facts(subject: Subject) -> MediaFacts:
    facts = facts_of(subject)
    if facts is not None:
        return facts
    if subject.error_code:
        raise SourceBad(subject.error_message)
    raise NotAnalysedYet("the source has not been analysed yet")
