"""Tables of the room events: see migrations/sql/0003.sql."""

from migrations.apply_sql import apply

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    apply(revision)
