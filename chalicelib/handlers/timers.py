"""The timer: finds what messages were lost of, and clears away what has expired."""

from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import tracing
from chalicelib.logs import log

blueprint = Blueprint(__name__)


@blueprint.schedule(Rate(1, unit=Rate.MINUTES), name="timers")
def timers(event: CloudWatchEvent) -> dict[str, Any]:
    """One round of every chore. One that fails does not keep the others from their turn."""
    del event
    # Imported here: every function imports this module, and only this one needs these.
    from chalicelib import events, ingest
    from chalicelib.identity.nonces import forget_old_nonces
    from chalicelib.library.deletion import finish_deletions
    from chalicelib.library.upkeep import (
        add_up_totals,
        check_totals,
        clear_changes,
        index_old_media,
    )
    from chalicelib.playback.admission import forget_counters
    from chalicelib.processing.timers import revive_jobs
    from chalicelib.processing.unfinished import remove_leftovers

    done: dict[str, Any] = {}
    for chore, work in (
        ("jobs", revive_jobs),
        ("leftovers", remove_leftovers),
        ("events", events.relay_pending),
        ("endpoints", events.tend_endpoints),
        ("retention", events.purge),
        ("pulls", ingest.revive_pulls),
        ("old pulls", ingest.forget_pulls),
        ("uploads", ingest.find_lost_uploads),
        ("deletions", finish_deletions),
        ("totals", add_up_totals),
        ("changes", clear_changes),
        ("index", index_old_media),
        ("checked totals", check_totals),
        ("nonces", forget_old_nonces),
        ("play counters", forget_counters),
    ):
        try:
            with tracing.span(chore):
                done[chore] = work()
        except Exception:
            log.exception("a timer's chore failed", extra={"chore": chore})
            done[chore] = None
    return done
