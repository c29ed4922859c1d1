"""Alembic migrations of the hub's tables, run when the database is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection


def upgrade(tx: Connection) -> None:
    """Bring the tables to the newest revision within the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")
