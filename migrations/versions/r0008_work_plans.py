"""Work that is shared out, what it costs, what it leaves: see migrations/sql/0008.sql."""

from migrations.apply_sql import apply

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    apply(revision)
