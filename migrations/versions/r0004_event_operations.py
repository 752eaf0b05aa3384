"""Subscribers, attempts and endpoints of the room events: see migrations/sql/0004.sql."""

from migrations.apply_sql import apply

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    apply(revision)
