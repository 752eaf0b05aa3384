"""Brings the database's schema up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_MIGRATIONS = Path(__file__).parent.parent / "migrations"


def migrate(database_url: str) -> None:
    """Apply every migration that the database has not seen; safe to run at every start."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database_url"] = database_url
    command.upgrade(config, "head")
