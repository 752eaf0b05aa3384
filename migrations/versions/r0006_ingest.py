"""Origin of media and pulls from URLs: see migrations/sql/0006.sql."""

from migrations.apply_sql import apply

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    apply(revision)
