"""Media, outputs, tasks and jobs: see migrations/sql/0001.sql."""

from migrations.apply_sql import apply

revision = "0001"
down_revision = None


def upgrade() -> None:
    apply(revision)
