"""Alembic migrations of the hub's tables, run when the database is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

NEWEST = "0007"
"""The revision that this version of the hub works with."""

_versions = table("alembic_version", column("version_num"))


def upgrade(tx: Connection) -> None:
    """Bring the tables to the newest revision within the caller's transaction."""
    if _revisions(tx) == [NEWEST]:
        # Nearly always, and it saves the time to load Alembic.
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


def _revisions(tx: Connection) -> list[str]:
    if not inspect(tx).has_table(_versions.name):
        return []
    return list(tx.execute(select(_versions.c.version_num)).scalars())
