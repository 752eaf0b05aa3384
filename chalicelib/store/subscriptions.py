"""Plain SQL over the tables ``event_subscription`` and ``event_subscriber``.

The first holds the one subscription per application that the vendors' APIs know, the second all
further subscribers.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store.database import Transaction, change, many, one

Channel = Literal["http", "queue", "topic"]


class SubscriptionRow(BaseModel):
    """Where one application's events go; ``selectors`` is a JSON list in the order given.

    ``subscriber_id`` is empty for the one that the vendors' APIs set; an application may have more.
    ``sealed_auth_key`` is empty without a key; else it hangs on the master key ``master_key_id``.
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    app_id: str
    subscriber_id: str = ""
    channel: Channel
    callback_url: str = ""
    selectors: str = "[]"
    signed: bool = False
    sealed_auth_key: str = ""
    master_key_id: int = 0
    queue_endpoint: str = ""
    queue_name: str = ""


def get_subscription(tx: Transaction, account_id: str, app_id: str) -> SubscriptionRow | None:
    """The subscription of one application."""
    row = one(
        tx,
        "SELECT * FROM event_subscription"
        " WHERE account_id = %(account_id)s AND app_id = %(app_id)s",
        account_id=account_id,
        app_id=app_id,
    )
    return SubscriptionRow.model_validate(row) if row else None


def put_subscription(tx: Transaction, subscription: SubscriptionRow) -> None:
    """Write the subscription of one application, over the one before."""
    change(
        tx,
        """
        INSERT INTO event_subscription (account_id, app_id, channel, callback_url, selectors,
                                        signed, sealed_auth_key, master_key_id, queue_endpoint,
                                        queue_name, modified_at)
        VALUES (%(account_id)s, %(app_id)s, %(channel)s, %(callback_url)s, %(selectors)s,
                %(signed)s, %(sealed_auth_key)s, %(master_key_id)s, %(queue_endpoint)s,
                %(queue_name)s, now())
        ON CONFLICT (account_id, app_id) DO UPDATE SET
               channel = excluded.channel, callback_url = excluded.callback_url,
               selectors = excluded.selectors, signed = excluded.signed,
               sealed_auth_key = excluded.sealed_auth_key,
               master_key_id = excluded.master_key_id,
               queue_endpoint = excluded.queue_endpoint, queue_name = excluded.queue_name,
               modified_at = excluded.modified_at
        """,
        **subscription.model_dump(),
    )


def delete_subscription(tx: Transaction, account_id: str, app_id: str) -> int:
    """Remove the subscription of one application; returns 0 if it had none."""
    return change(
        tx,
        "DELETE FROM event_subscription WHERE account_id = %(account_id)s AND app_id = %(app_id)s",
        account_id=account_id,
        app_id=app_id,
    )


def subscriptions_of_account(tx: Transaction, account_id: str) -> list[SubscriptionRow]:
    """The subscriptions of all applications of an account, and all further subscribers."""
    return [
        SubscriptionRow.model_validate(row)
        for table in ("event_subscription", "event_subscriber")
        for row in many(
            tx,
            f"SELECT * FROM {table} WHERE account_id = %(account_id)s ORDER BY app_id",  # noqa: S608
            account_id=account_id,
        )
    ]


def subscribers_of(tx: Transaction, account_id: str, app_id: str) -> list[SubscriptionRow]:
    """Everybody whom an application's events go to; the vendors' subscription is the first."""
    first = get_subscription(tx, account_id, app_id)
    more = many(
        tx,
        "SELECT * FROM event_subscriber WHERE account_id = %(account_id)s"
        " AND app_id = %(app_id)s ORDER BY subscriber_id",
        account_id=account_id,
        app_id=app_id,
    )
    return [*([first] if first else []), *(SubscriptionRow.model_validate(row) for row in more)]


def insert_subscriber(tx: Transaction, subscriber: SubscriptionRow) -> None:
    """Add a further subscriber."""
    change(
        tx,
        """
        INSERT INTO event_subscriber (subscriber_id, account_id, app_id, channel, callback_url,
                                      selectors, signed, sealed_auth_key, master_key_id,
                                      queue_endpoint, queue_name, modified_at)
        VALUES (%(subscriber_id)s, %(account_id)s, %(app_id)s, %(channel)s, %(callback_url)s,
                %(selectors)s, %(signed)s, %(sealed_auth_key)s, %(master_key_id)s,
                %(queue_endpoint)s, %(queue_name)s, now())
        """,
        **subscriber.model_dump(),
    )


def delete_subscriber(tx: Transaction, account_id: str, subscriber_id: str) -> int:
    """Remove a further subscriber; returns 0 if it was not there."""
    return change(
        tx,
        "DELETE FROM event_subscriber"
        " WHERE subscriber_id = %(subscriber_id)s AND account_id = %(account_id)s",
        account_id=account_id,
        subscriber_id=subscriber_id,
    )


def get_subscriber(tx: Transaction, subscriber_id: str) -> SubscriptionRow | None:
    """A further subscriber."""
    row = one(
        tx,
        "SELECT * FROM event_subscriber WHERE subscriber_id = %(subscriber_id)s",
        subscriber_id=subscriber_id,
    )
    return SubscriptionRow.model_validate(row) if row else None


def subscribers_under_older(
    tx: Transaction, master_key_id: int, after: str, limit: int
) -> list[SubscriptionRow]:
    """As `subscriptions_under_older`, of the further subscribers; ``after`` is an id."""
    rows = many(
        tx,
        "SELECT * FROM event_subscriber WHERE subscriber_id > %(after)s"
        " AND sealed_auth_key <> '' AND master_key_id < %(master_key_id)s"
        " ORDER BY subscriber_id LIMIT %(limit)s",
        after=after,
        master_key_id=master_key_id,
        limit=limit,
    )
    return [SubscriptionRow.model_validate(row) for row in rows]


def subscriptions_under_older(
    tx: Transaction, master_key_id: int, after: SubscriptionRow | None, limit: int
) -> list[SubscriptionRow]:
    """Subscriptions whose keys hang on a master key before this one, the next after ``after``."""
    rows = many(
        tx,
        "SELECT * FROM event_subscription"
        " WHERE (account_id, app_id) > (%(account_id)s, %(app_id)s)"
        " AND sealed_auth_key <> '' AND master_key_id < %(master_key_id)s"
        " ORDER BY account_id, app_id LIMIT %(limit)s",
        account_id=after.account_id if after else "",
        app_id=after.app_id if after else "",
        master_key_id=master_key_id,
        limit=limit,
    )
    return [SubscriptionRow.model_validate(row) for row in rows]


def replace_auth_key(
    tx: Transaction, before: SubscriptionRow, sealed: str, master_key_id: int
) -> int:
    """Put the re-encrypted key in place of the old one; returns 0 when the row has changed."""
    table, key = (
        ("event_subscriber", "subscriber_id = %(subscriber_id)s")
        if before.subscriber_id
        else ("event_subscription", "account_id = %(account_id)s AND app_id = %(app_id)s")
    )
    return change(
        tx,
        f"UPDATE {table} SET sealed_auth_key = %(sealed)s, master_key_id = %(master_key_id)s"  # noqa: S608
        f" WHERE {key} AND sealed_auth_key = %(before)s",
        subscriber_id=before.subscriber_id,
        account_id=before.account_id,
        app_id=before.app_id,
        before=before.sealed_auth_key,
        sealed=sealed,
        master_key_id=master_key_id,
    )
