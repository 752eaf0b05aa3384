"""What a timer does so that searches and totals stay quick and complete."""

import time
from collections.abc import Callable
from functools import partial

from chalicelib.logs import log
from chalicelib.store import database, media, media_changes, media_counts
from chalicelib.store.database import Transaction

# A round is bounded, because other chores wait for it; what is left is the next round's.
_SECONDS = 15.0
# One media more may cost 1,200; Aurora DSQL takes 3,000 rows in a transaction.
_ROWS = 1_500
_HOURS_BETWEEN_CHECKS = 6.0


def add_up_totals() -> int:
    """Add changes of totals to the totals; returns how many."""
    return _for_a_while(media_counts.add_up)


def clear_changes() -> int:
    """Clear old changes of media away where there are many of them; returns how many."""
    done = 0
    until = time.monotonic() + _SECONDS
    account: str | None = ""
    while account is not None and time.monotonic() < until:
        account = database.run(partial(media_changes.next_account, after=account))
        if account is not None:
            done += _for_a_while(partial(media_changes.clear_some, account_id=account))
    return done


def check_totals() -> int:
    """Compare the totals of one account with its media, a few times a day; returns how many of
    them were wrong, which only happens while two versions of the functions run side by side."""
    wrong = database.run(partial(media_counts.check_one, hours=_HOURS_BETWEEN_CHECKS))
    if wrong:
        log.warning("totals were put right", extra={"totals": wrong})
    return wrong


def index_old_media() -> int:
    """Make media that a former version wrote known to searches; returns how many."""
    return _for_a_while(partial(media.index_some, most_rows=_ROWS))


def _for_a_while(work: Callable[[Transaction], int]) -> int:
    until = time.monotonic() + _SECONDS
    done = 0
    while some := database.run(work):
        done += some
        if time.monotonic() > until:
            break
    return done
