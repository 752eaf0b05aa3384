"""The schema and the statements stay within what Aurora DSQL offers, not only PostgreSQL."""

import re
from pathlib import Path

import pytest

from migrations.apply_sql import BATCH_ROWS, BATCHED, statements

_ROOT = Path(__file__).parents[2]
_MIGRATIONS = sorted(path.stem for path in (_ROOT / "migrations" / "sql").glob("*.sql"))
_STORE = sorted((_ROOT / "chalicelib" / "store").glob("*.py"))
_TYPES = {"text", "bigint", "timestamptz", "boolean"}

_FORBIDDEN_IN_SCHEMA = re.compile(
    r"\b(REFERENCES|FOREIGN KEY|SERIAL|BIGSERIAL|SEQUENCE|TRIGGER|EXTENSION|PARTITION|TEMP"
    r"|TEMPORARY|JSONB?|DESC|TRUNCATE|GENERATED|WHERE|USING|VIEW|FUNCTION)\b"
)
_FORBIDDEN_IN_STATEMENTS = re.compile(
    r"\b(SAVEPOINT|TRUNCATE|LISTEN|NOTIFY|SKIP LOCKED|FOR UPDATE|LOCK TABLE|nextval|CREATE TEMP)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("revision", _MIGRATIONS)
def test_migrations_use_only_what_dsql_has(revision: str) -> None:
    found = statements(revision)
    assert found
    for statement in found:
        if statement.startswith("UPDATE"):
            continue
        assert not _FORBIDDEN_IN_SCHEMA.search(statement), statement
        assert statement.startswith(
            ("CREATE TABLE IF NOT EXISTS", "CREATE INDEX IF NOT EXISTS", "ALTER TABLE")
        ), statement


@pytest.mark.parametrize("revision", _MIGRATIONS)
def test_migrations_change_rows_in_batches_only(revision: str) -> None:
    assert BATCH_ROWS < 3_000
    for statement in statements(revision):
        if statement.startswith("UPDATE"):
            assert BATCHED.fullmatch(statement), statement
            assert not _FORBIDDEN_IN_STATEMENTS.search(statement)


@pytest.mark.parametrize("revision", _MIGRATIONS)
def test_columns_have_the_few_types_that_both_know(revision: str) -> None:
    tables = [text for text in statements(revision) if text.startswith("CREATE TABLE")]
    for table in tables:
        columns = re.findall(r"^    (\w+) (\w+)", table, re.MULTILINE)
        assert columns
        assert {kind for name, kind in columns if name != "PRIMARY"} <= _TYPES, table


@pytest.mark.parametrize("module", _STORE, ids=lambda path: path.stem)
def test_statements_use_only_what_dsql_has(module: Path) -> None:
    assert not _FORBIDDEN_IN_STATEMENTS.search(module.read_text("utf-8"))
