"""The database: one connection per process and thread, and transactions that retry.

The schema and the statements stay within what both PostgreSQL and Aurora DSQL offer. DSQL knows
only snapshot isolation and reports a conflict at commit, so every transaction here runs at
REPEATABLE READ (the same thing on PostgreSQL) and is run again when the database reports one.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.rows import DictRow, dict_row

from chalicelib.settings import settings
from chalicelib.store.visibility import visible

T = TypeVar("T")
Transaction = psycopg.Connection[DictRow]
Row = dict[str, Any]

# Fifty who change one row at once on a busy machine: each attempt lets one of them through.
_ATTEMPTS = 30
_local = threading.local()


class DatabaseUnavailable(Exception):
    """The database cannot be reached; the request may be sent again later."""


def run(work: Callable[[Transaction], T]) -> T:
    """Run ``work`` in one transaction and commit; on a serialisation conflict run it again.

    ``work`` must therefore have no effect outside the database. Raises DatabaseUnavailable when
    no connection can be made; whatever ``work`` raises rolls back and goes on to the caller.
    """
    return _run(work, _in_transaction)


def run_single(work: Callable[[Transaction], T]) -> T:
    """As ``run``, for work of statements that do not depend on each other, mostly a single one.

    Each statement is a transaction of its own: one round trip instead of three.
    """
    return _run(work, lambda work, connection: work(connection))


def _in_transaction(work: Callable[[Transaction], T], connection: Transaction) -> T:
    with connection.transaction():
        return work(connection)


def _run(
    work: Callable[[Transaction], T], do: Callable[[Callable[[Transaction], T], Transaction], T]
) -> T:
    for attempt in range(_ATTEMPTS):
        connection = _connection()
        try:
            return do(work, connection)
        except (
            psycopg.errors.SerializationFailure,
            psycopg.errors.DeadlockDetected,
            # Somebody else was faster to make the same row: seen the next time.
            psycopg.errors.UniqueViolation,
        ):
            if attempt == _ATTEMPTS - 1:
                raise
        except psycopg.OperationalError:
            # A connection that died while idle (failover, a restarted database) is replaced once.
            close()
            if attempt >= 1:
                raise
        # Full jitter, so that writers that met once do not meet again in step.
        time.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 7)))  # noqa: S311
    raise AssertionError("unreachable")


def one(tx: Transaction, statement: str, /, **values: Any) -> Row | None:
    """The first row of a statement with ``%(name)s`` parameters, or None.

    Here as in ``many``, rows that the present request may not see are not there (``visibility``).
    """
    return next(iter(visible(tx.execute(statement.encode(), values))), None)


def many(tx: Transaction, statement: str, /, **values: Any) -> list[Row]:
    """All rows of a statement."""
    return list(visible(tx.execute(statement.encode(), values).fetchall()))


def change(tx: Transaction, statement: str, /, **values: Any) -> int:
    """Run a statement that writes; returns how many rows it touched."""
    return tx.execute(statement.encode(), values).rowcount


def close() -> None:
    """Close this thread's connection; the next use opens a new one."""
    connection = getattr(_local, "connection", None)
    _local.connection = None
    if connection is not None:
        connection.close()


def _connection() -> Transaction:
    connection: Transaction | None = getattr(_local, "connection", None)
    if connection is not None and _is_aged():
        close()
        connection = None
    if connection is None or connection.closed:
        connection = _connect()
        _local.connection = connection
        _local.connected_at = time.monotonic()
    return connection


def _is_aged() -> bool:
    """Whether DSQL is about to end the connection, perhaps in the middle of a transaction."""
    if _uses_dsql():
        from chalicelib.store import dsql

        return bool(time.monotonic() - _local.connected_at > dsql.CONNECTION_SECONDS)
    return False


def _uses_dsql() -> bool:
    return not settings().database_url and bool(settings().dsql_endpoint)


def _database_url() -> str:
    if _uses_dsql():
        # Imported here: nobody else needs boto3 to reach the database.
        from chalicelib.store import dsql

        return dsql.database_url(settings().dsql_endpoint)
    return settings().database_url


def _connect() -> Transaction:
    try:
        connection = psycopg.connect(
            _database_url(),
            autocommit=True,  # transactions are explicit: run() opens each of them
            row_factory=dict_row,
            connect_timeout=10,
            application_name="openvod",
        )
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable("the database cannot be reached") from error
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection
