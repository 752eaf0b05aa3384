"""Messages of the pulls queue: which pull to go on with. They carry no state."""

import math

from chalicelib.settings import settings
from chalicelib.store import queues


def hint_at_pull(job_id: str, delay_seconds: float = 0.0) -> None:
    """Tell the puller; a hint that is lost is repeated by the timer."""
    queues.send(settings().pulls_queue_url, {"job_id": job_id}, math.ceil(delay_seconds))
