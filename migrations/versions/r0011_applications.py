"""See migrations/sql/0011.sql."""

from migrations.apply_sql import apply

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    apply(revision)
