"""${message}: see migrations/sql/${up_revision}.sql."""

from migrations.apply_sql import apply

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    apply(revision)
