"""Runs the migrations; ``python -m local migrate`` and the deployment call it through Alembic."""

from alembic import context
from sqlalchemy import create_engine, pool

url: str = context.config.attributes["database_url"]
engine = create_engine(
    url.replace("postgresql://", "postgresql+psycopg://", 1),
    poolclass=pool.NullPool,
    # Each statement commits on its own: Aurora DSQL takes one schema change per transaction.
    isolation_level="AUTOCOMMIT",
)
with engine.connect() as connection:
    context.configure(connection=connection, version_table="schema_version")
    context.run_migrations()
engine.dispose()
