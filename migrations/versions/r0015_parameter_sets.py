"""See migrations/sql/0015.sql."""

from migrations.apply_sql import apply

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    apply(revision)
