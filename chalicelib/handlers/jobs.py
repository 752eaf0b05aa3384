"""Job queues: a message says that there is work; the database says which job is first."""

from chalice.app import Blueprint, SQSEvent
from pydantic import BaseModel, ValidationError

from chalicelib.handlers.records import BatchResult, each_record
from chalicelib.logs import log
from chalicelib.settings import settings
from chalicelib.store.jobs import JobQueue

blueprint = Blueprint(__name__)


class _Hint(BaseModel):
    job_id: str


@blueprint.on_sqs_message(
    queue=f"openvod-{settings().stage}-jobs-quick", batch_size=1, name="quick_jobs"
)
def quick_jobs(event: SQSEvent) -> BatchResult:
    """Probes and snapshots: seconds."""
    return each_record(event.to_dict(), lambda body: _work("quick", body))


@blueprint.on_sqs_message(
    queue=f"openvod-{settings().stage}-jobs-heavy", batch_size=1, name="heavy_jobs"
)
def heavy_jobs(event: SQSEvent) -> BatchResult:
    """Transcodes: minutes."""
    return each_record(event.to_dict(), lambda body: _work("heavy", body))


def _work(queue: JobQueue, body: str) -> None:
    # Imported here: the runner loads the media room, which the API function does not have.
    from chalicelib.processing.runner import follow_hint

    try:
        hint = _Hint.model_validate_json(body)
    except ValidationError:
        log.error("a hint at a job could not be read")
        return
    follow_hint(queue, hint.job_id)
