"""The pulls queue: each message names a pull from a URL that is to be gone on with."""

from chalice.app import Blueprint, SQSEvent
from pydantic import BaseModel, ValidationError

from chalicelib.handlers.records import BatchResult, each_record
from chalicelib.logs import log
from chalicelib.settings import settings

blueprint = Blueprint(__name__)


class _Hint(BaseModel):
    job_id: str


@blueprint.on_sqs_message(queue=f"openvod-{settings().stage}-pulls", batch_size=1, name="puller")
def puller(event: SQSEvent) -> BatchResult:
    """Bring over what lies at a URL: minutes, and longer over several runs."""
    return each_record(event.to_dict(), _work)


def _work(body: str) -> None:
    # Imported here: every function imports this module, and only this one needs these.
    from chalicelib import ingest

    try:
        hint = _Hint.model_validate_json(body)
    except ValidationError:
        log.error("a hint at a pull could not be read")
        return
    ingest.run_pull(hint.job_id)
