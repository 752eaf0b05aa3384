"""Template groups, watermarks, defaults and workflows of accounts: migrations/sql/0007.sql."""

from migrations.apply_sql import apply

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    apply(revision)
