"""What became of events: their deliveries, to look at."""

from chalicelib.store import events as store
from chalicelib.store.database import run
from chalicelib.store.events import Delivery


def list_deliveries(
    account_id: str, *, media_id: str | None = None, event_id: str | None = None, limit: int = 100
) -> list[Delivery]:
    """The account's deliveries of one event, or else the newest of one medium, newest first.

    Raises ValueError unless exactly one of `media_id` and `event_id` is given.
    """
    if event_id is not None and media_id is None:
        return run(lambda tx: store.deliveries_of_event(tx, account_id, event_id))
    if media_id is not None and event_id is None:
        return run(lambda tx: store.deliveries_of_media(tx, account_id, media_id, limit))
    raise ValueError("give a medium or an event")
