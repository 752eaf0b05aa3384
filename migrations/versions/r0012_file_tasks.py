"""See migrations/sql/0012.sql."""

from migrations.apply_sql import apply

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    apply(revision)
