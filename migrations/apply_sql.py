"""Reads a migration's SQL file and runs it statement by statement."""

import re
from pathlib import Path

from alembic import op
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_SQL = Path(__file__).parent / "sql"

# Aurora DSQL takes 3,000 rows and 10 MiB in a transaction; a row of ours is below 8 KB.
BATCH_ROWS = 1_000
_ATTEMPTS = 12
_CONFLICT = "40001"

# An UPDATE of old rows walks along a key: UPDATE t SET ... WHERE c IS NULL AND key > %(after)s
# AND key <= %(until)s. It selects rows that still need it, so that it may be broken off anywhere.
BATCHED = re.compile(
    r"UPDATE (?P<table>\w+)\s+SET .+\s+WHERE \w+ IS NULL"
    r" AND (?P<key>\w+) > %\(after\)s AND (?P=key) <= %\(until\)s;?",
    re.DOTALL,
)


def statements(revision: str) -> list[str]:
    """The statements of one file. They end with a semicolon at the end of a line."""
    text = "\n".join(
        line
        for line in (_SQL / f"{revision}.sql").read_text("utf-8").splitlines()
        if not line.lstrip().startswith("--")
    )
    return [part.strip() for part in text.split(";\n") if part.strip().rstrip(";")]


def apply(revision: str) -> None:
    """Run every statement of the file; each may be run again, so a broken-off run goes on."""
    bind = op.get_bind()
    on_dsql = ".dsql." in (bind.engine.url.host or "")
    for statement in statements(revision):
        if on_dsql and statement.startswith("CREATE INDEX"):
            statement = statement.replace("CREATE INDEX", "CREATE INDEX ASYNC", 1)
        if batched := BATCHED.fullmatch(statement):
            walk(bind, statement.rstrip(";"), batched["table"], batched["key"])
        else:
            bind.exec_driver_sql(statement.rstrip(";"))


def walk(bind: Connection, update: str, table: str, key: str) -> None:
    """Run an UPDATE of old rows in transactions of BATCH_ROWS rows, along the primary key."""
    last_of_batch = (
        f"SELECT max({key}) FROM (SELECT {key} FROM {table} WHERE {key} > %(after)s"  # noqa: S608
        f" ORDER BY {key} LIMIT {BATCH_ROWS}) AS batch"
    )
    after = ""
    while until := bind.exec_driver_sql(last_of_batch, {"after": after}).scalar_one():
        _retried(bind, update, {"after": after, "until": until})
        after = until


def _retried(bind: Connection, statement: str, values: dict[str, str]) -> None:
    """Functions of the former version write to the same rows meanwhile."""
    for attempt in range(_ATTEMPTS):
        try:
            bind.exec_driver_sql(statement, values)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != _CONFLICT or attempt == _ATTEMPTS - 1:
                raise
        else:
            return
