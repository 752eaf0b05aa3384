"""See migrations/sql/0009.sql."""

from migrations.apply_sql import apply

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    apply(revision)
