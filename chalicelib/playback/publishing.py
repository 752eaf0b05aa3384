"""Bringing the play domains to the edge."""

from chalicelib.playback import domains, edge_config
from chalicelib.settings import settings
from chalicelib.store import edge_store


def publish() -> int:
    """Make the edge's KeyValueStore hold what the database says; returns how many keys changed.

    Without a store (setting ``edge_store_arn``) there is nothing to do: the embedded edge reads the
    database. Raises LimitsTooLong.
    """
    domains.find()  # the default domain is made at first use
    values = edge_config.entries(domains.every().values())
    if not settings().edge_store_arn:
        return 0
    return edge_store.replace_all(settings().edge_store_arn, values)
