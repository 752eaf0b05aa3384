"""See migrations/sql/0014.sql."""

from migrations.apply_sql import apply

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    apply(revision)
