"""Play domains and the addresses that reviewers play from: tables of 0010."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.store.database import Transaction, change, many, one


class PlayDomainRow(BaseModel):
    """A play domain. ``sealed_secrets`` is sealed JSON, ``limits`` JSON; both are playback's."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    domain: str
    signed: bool
    validity_seconds: int
    sealed_secrets: str = Field(repr=False)
    master_key_id: int
    limits: str
    modified_at: datetime


_COLUMNS = tuple(PlayDomainRow.model_fields)
_INSERT = (
    f"INSERT INTO play_domain ({', '.join(_COLUMNS)}) "  # noqa: S608 - names come from the model
    f"VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)}) ON CONFLICT (domain) DO "
)
_UPDATES = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])


def add(tx: Transaction, row: PlayDomainRow) -> None:
    """Add a domain; one that is there stays as it is."""
    change(tx, _INSERT + "NOTHING", **row.model_dump())


def put(tx: Transaction, row: PlayDomainRow) -> None:
    """Add a domain or replace it."""
    change(tx, _INSERT + f"UPDATE SET {_UPDATES}", **row.model_dump())


def get(tx: Transaction, domain: str) -> PlayDomainRow | None:
    """One domain."""
    row = one(tx, "SELECT * FROM play_domain WHERE domain = %(domain)s", domain=domain)
    return PlayDomainRow.model_validate(row) if row else None


def every(tx: Transaction) -> list[PlayDomainRow]:
    """All domains, by name. There are few: an operator makes them one by one."""
    rows = many(tx, "SELECT * FROM play_domain WHERE domain > '' ORDER BY domain")
    return [PlayDomainRow.model_validate(row) for row in rows]


def delete(tx: Transaction, domain: str) -> int:
    """Remove a domain; returns 0 if there was none."""
    return change(tx, "DELETE FROM play_domain WHERE domain = %(domain)s", domain=domain)


def replace_secrets(tx: Transaction, before: PlayDomainRow, sealed: str, master_key_id: int) -> int:
    """Put re-encrypted secrets in place of the old; returns 0 when the row has changed."""
    return change(
        tx,
        "UPDATE play_domain SET sealed_secrets = %(sealed)s, master_key_id = %(master_key_id)s"
        " WHERE domain = %(domain)s AND sealed_secrets = %(before)s",
        domain=before.domain,
        before=before.sealed_secrets,
        sealed=sealed,
        master_key_id=master_key_id,
    )


def security_addresses(tx: Transaction, account_id: str) -> list[str]:
    """The account's security addresses, one text for each group: addresses with commas."""
    rows = many(
        tx,
        "SELECT addresses FROM security_address_group WHERE account_id = %(account_id)s",
        account_id=account_id,
    )
    return [row["addresses"] for row in rows]


def put_security_group(
    tx: Transaction, account_id: str, group_name: str, addresses: str, now: datetime
) -> None:
    """Set the addresses of one group; an empty text takes all away."""
    change(
        tx,
        """
        INSERT INTO security_address_group (account_id, group_name, addresses, modified_at)
        VALUES (%(account_id)s, %(group_name)s, %(addresses)s, %(now)s)
        ON CONFLICT (account_id, group_name) DO UPDATE SET addresses = excluded.addresses,
               modified_at = excluded.modified_at
        """,
        account_id=account_id,
        group_name=group_name,
        addresses=addresses,
        now=now,
    )
