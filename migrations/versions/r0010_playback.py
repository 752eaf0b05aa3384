"""See migrations/sql/0010.sql."""

from migrations.apply_sql import apply

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    apply(revision)
