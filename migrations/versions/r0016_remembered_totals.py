"""See migrations/sql/0016.sql."""

from migrations.apply_sql import apply

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    apply(revision)
