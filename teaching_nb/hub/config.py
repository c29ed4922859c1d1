"""Settings of one hub process, from the command line and the environment. Reads nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from teaching_nb.errors import ConfigurationError

SECRET_VARIABLE = "TEACHING_NB_HUB_SECRET"  # noqa: S105 - the name of a variable
"""Names the environment variable that holds the secret shared with the Jupyter server, in hexadecimal."""

DATA_DIR_VARIABLE = "TEACHING_NB_HUB_DATA_DIR"
"""Names the environment variable that holds the data directory when none is given."""

DEFAULT_PORT = 8710

_SECRET = re.compile(r"[0-9a-fA-F]{32,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one hub process runs."""

    data_dir: Path
    """Holds `hub.db` unless `database` names another place."""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    """0 lets the system choose; the chosen port is printed."""
    database: str | None = None
    """SQLAlchemy URL; None means SQLite in `data_dir`."""
    secret: str | None = field(default=None, repr=False)
    """Shared with the Jupyter server that starts this hub; None refuses its assertions."""
    until_stdin_closes: bool = False
    """End when standard input reaches its end: the process that started the hub is gone."""
    teachers_may_promote: bool = False
    """Whether teachers may make students teachers."""
    cookie_name: str = "tdev.session_token"
    """Name of the session cookie."""

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL of the hub's database."""
        return self.database or f"sqlite:///{self.data_dir.resolve() / 'hub.db'}"


def default_data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the data directory of a standalone hub: from the environment, or the user's data directory."""
    named = environ.get(DATA_DIR_VARIABLE)
    if named:
        return Path(named)
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "teaching-nb"


def prepare_data_dir(path: Path) -> Path:
    """Create the data directory, readable by its owner alone; raises `ConfigurationError` when that fails."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot use the data directory {path}: {error.strerror}") from error
    return path


def secret_from(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the secret for assertions; None when it is not set; raises `ConfigurationError` when it is weak."""
    secret = environ.get(SECRET_VARIABLE) or None
    if secret is not None and not _SECRET.fullmatch(secret):
        raise ConfigurationError(f"{SECRET_VARIABLE} must be at least 32 hexadecimal digits")
    return secret
