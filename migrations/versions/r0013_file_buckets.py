"""See migrations/sql/0013.sql."""

from migrations.apply_sql import apply

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    apply(revision)
