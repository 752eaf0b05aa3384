"""Job queues: a message says that there is work; the database says which job is first."""

from chalice.app import Blueprint, SQSEvent

from chalicelib.handlers.records import BatchResult, each_record
from chalicelib.settings import settings
from chalicelib.store.jobs import JobQueue

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(
    queue=f"openvod-{settings().stage}-jobs-quick", batch_size=1, name="quick_jobs"
)
def quick_jobs(event: SQSEvent) -> BatchResult:
    """Probes and snapshots: seconds."""
    return each_record(event.to_dict(), lambda _: _work("quick"))


@blueprint.on_sqs_message(
    queue=f"openvod-{settings().stage}-jobs-heavy", batch_size=1, name="heavy_jobs"
)
def heavy_jobs(event: SQSEvent) -> BatchResult:
    """Transcodes: minutes."""
    return each_record(event.to_dict(), lambda _: _work("heavy"))


def _work(queue: JobQueue) -> None:
    # Imported here: the runner loads the media room, which the API function does not have.
    from chalicelib.processing.runner import run_next

    run_next(queue)
