"""Tables of the room identity: see migrations/sql/0002.sql."""

from migrations.apply_sql import apply

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    apply(revision)
