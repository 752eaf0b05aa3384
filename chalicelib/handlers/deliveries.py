"""The deliveries queue calls in here: hints at events to fan out and deliveries to attempt."""

from typing import TYPE_CHECKING

from chalice.app import Blueprint, SQSEvent
from pydantic import ValidationError

from chalicelib import tracing
from chalicelib.handlers.records import BatchResult
from chalicelib.logs import log
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.events.hints import Hint

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(
    queue=f"openvod-{settings().stage}-deliveries", batch_size=10, name="deliveries"
)
def deliveries(event: SQSEvent) -> BatchResult:
    """Work off a batch; answers which messages are to come again (partial batch response)."""
    # Imported here: every function imports this module, and only this one needs these.
    from chalicelib.apis import event_messages
    from chalicelib.events import parse_hint, work_off

    hints: dict[str, Hint] = {}
    for record in event.to_dict()["Records"]:
        try:
            hints[record["messageId"]] = parse_hint(record["body"])
        except ValidationError:
            # It would be as wrong the next time.
            log.warning("a message that is no hint was dropped", extra={"id": record["messageId"]})
    with tracing.span("deliveries"):
        failed = work_off(hints, event_messages.render)
    return {"batchItemFailures": [{"itemIdentifier": key} for key in failed]}
