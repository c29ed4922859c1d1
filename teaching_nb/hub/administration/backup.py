"""A copy of the database while the hub serves; used by `hub backup`. Changes nothing in the original."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from teaching_nb.errors import ConfigurationError


def backup(database_url: str, file: Path) -> int:
    """Write a consistent copy of a SQLite database to a new file that only its owner can read; return its size.

    Raises `ConfigurationError` when the file exists, and for other databases, which have tools of their own.
    """
    source = _source(database_url)
    if file.exists():
        raise ConfigurationError(f"{file} exists already; name a file that does not")
    unfinished = file.with_name(f"{file.name}.part-{os.getpid()}")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        _copy(source, unfinished)
        # Unlike a rename this cannot replace a file that has appeared meanwhile.
        os.link(unfinished, file)
    except FileExistsError as error:
        raise ConfigurationError(f"{file} exists already; name a file that does not") from error
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"cannot write the copy to {file}: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def _source(database_url: str) -> Path:
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise ConfigurationError("the database URL cannot be read; use sqlite:///FILE or postgresql://…") from error
    if url.get_backend_name() == "postgresql":
        raise ConfigurationError("a PostgreSQL database is saved with its own tool: pg_dump")
    if url.get_backend_name() != "sqlite" or not url.database:
        raise ConfigurationError(f"no support for {url.get_backend_name()} databases; use sqlite or postgresql")
    source = Path(url.database)
    if not source.is_file():
        raise ConfigurationError(f"there is no database {source}")
    return source


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=30)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        # One file without companions; the hub that opens it chooses its own mode.
        copy.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")
    with target.open("rb") as written:
        os.fsync(written.fileno())
