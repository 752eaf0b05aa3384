"""Playback's events, written into the outbox in the transaction of what they tell."""

from chalicelib import events
from chalicelib.events import About
from chalicelib.events.payloads import MediaRefreshSubmitted
from chalicelib.store.database import Transaction


def refresh_submitted(tx: Transaction, about: About, outcome: MediaRefreshSubmitted) -> str:
    """All play URLs of a medium were handed to the content network, or none could be."""
    return events.emit(tx, about, outcome)
