"""Kinds of media: see migrations/sql/0005.sql."""

from migrations.apply_sql import apply

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    apply(revision)
