"""Reads a migration's SQL file and runs it statement by statement."""

from pathlib import Path

from alembic import op

_SQL = Path(__file__).parent / "sql"


def statements(revision: str) -> list[str]:
    """The statements of one file. They end with a semicolon at the end of a line."""
    text = "\n".join(
        line
        for line in (_SQL / f"{revision}.sql").read_text("utf-8").splitlines()
        if not line.lstrip().startswith("--")
    )
    return [part.strip() for part in text.split(";\n") if part.strip().rstrip(";")]


def apply(revision: str) -> None:
    """Run every statement of the file; each says IF NOT EXISTS, so a broken-off run goes on."""
    bind = op.get_bind()
    on_dsql = ".dsql." in (bind.engine.url.host or "")
    for statement in statements(revision):
        if on_dsql and statement.startswith("CREATE INDEX"):
            statement = statement.replace("CREATE INDEX", "CREATE INDEX ASYNC", 1)
        bind.exec_driver_sql(statement.rstrip(";"))
