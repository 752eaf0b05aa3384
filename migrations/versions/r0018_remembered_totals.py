"""See migrations/sql/0018.sql."""

from migrations.apply_sql import apply

revision = "0018"
down_revision = "0015"


def upgrade() -> None:
    apply(revision)
