"""Settings of one hub process, from the command line and the environment. Reads nothing else."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from teaching_nb.errors import ConfigurationError
from teaching_nb.schema import limits
from teaching_nb.schema.wire import is_uuid

SECRET_VARIABLE = "TEACHING_NB_HUB_SECRET"  # noqa: S105 - the name of a variable
"""Names the environment variable that holds the secret shared with the Jupyter server, in hexadecimal."""

DATA_DIR_VARIABLE = "TEACHING_NB_HUB_DATA_DIR"
"""Names the environment variable that holds the data directory when none is given."""

DEFAULT_PORT = 8710

BASE_URL_VARIABLE = "TEACHING_NB_HUB_BASE_URL"
TRUSTED_ORIGINS_VARIABLE = "TEACHING_NB_HUB_TRUSTED_ORIGINS"
TRUSTED_BALANCERS_VARIABLE = "TEACHING_NB_HUB_TRUSTED_BALANCERS"
APP_NAME_VARIABLE = "TEACHING_NB_HUB_APP_NAME"
REDIS_VARIABLE = "TEACHING_NB_HUB_REDIS"
PING_INTERVAL_VARIABLE = "TEACHING_NB_HUB_PING_INTERVAL"
PING_TIMEOUT_VARIABLE = "TEACHING_NB_HUB_PING_TIMEOUT"
ADMIN_GROUP_VARIABLE = "ADMIN_USER_GROUP_ID"
"""Names the environment variable of the existing system."""

_SECRET = re.compile(r"[0-9a-fA-F]{32,}")
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_COOKIE_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")


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
    redis: str | None = field(default=None, repr=False)
    """URL of a Redis by which several processes hear of each other; None leaves that to PostgreSQL."""
    secret: str | None = field(default=None, repr=False)
    """Shared with the Jupyter server that starts this hub; None refuses its assertions."""
    until_stdin_closes: bool = False
    """End when standard input reaches its end: the process that started the hub is gone."""
    teachers_may_promote: bool = False
    """Whether teachers may make students teachers."""
    base_url: str | None = None
    """Address under which browsers reach this hub, when it is not the one it listens on."""
    trusted_origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may use this hub, as in `https://school.example`."""
    trusted_balancers: tuple[str, ...] = ()
    """Addresses or networks of balancers: what their `X-Forwarded-For` says counts as the address of who is calling."""
    app_name: str = "tdev"
    """Beginning of the name of the session cookie."""
    admin_group_id: str | None = None
    """Group that gets RW on every new root that is not open to all."""
    ping_interval: int = 15
    """Seconds between two heartbeats of a socket."""
    ping_timeout: int = 20
    """Seconds that a socket may take to answer one; then it counts as lost."""
    user_writes_per_second: int = 200
    """Writing REST requests of one user that are served on average, and as many live edits; a burst may be five times
    that. 0: no limit."""
    user_documents: int = limits.USER_DOCUMENTS
    """Documents that a student may have. This and what follows: 0 sets no limit, and elevated people have none."""
    user_bytes: int = limits.USER_BYTES
    """What the documents of a student may hold."""
    user_roots: int = limits.USER_ROOTS
    """Document roots that a student may make."""
    documents_per_hour: int = limits.DOCUMENTS_PER_HOUR
    """New documents of a student within an hour."""
    roots_per_hour: int = limits.ROOTS_PER_HOUR
    """New document roots of a student within an hour."""
    root_documents: int = limits.ROOT_DOCUMENTS
    """Documents that students may put below one root, everybody's counted."""
    root_bytes: int = limits.ROOT_BYTES
    """What the documents below one root may hold for a student to add more."""

    def __post_init__(self) -> None:
        """Check what could not work; raises `ConfigurationError`."""
        for origin in (*self.trusted_origins, *([self.base_url] if self.base_url else [])):
            if not _ORIGIN.fullmatch(origin):
                raise ConfigurationError(f"{origin!r} is not an origin; write it as in https://school.example")
        for address in self.trusted_balancers:
            _check_network(address)
        if not _COOKIE_WORD.fullmatch(self.app_name):
            raise ConfigurationError(f"{self.app_name!r} cannot begin the name of a cookie; use letters and digits")
        if self.admin_group_id is not None and not is_uuid(self.admin_group_id):
            raise ConfigurationError(f"{self.admin_group_id!r} is not the id of a group; ids are UUIDs in lower case")
        if min(self.ping_interval, self.ping_timeout) < 1:
            raise ConfigurationError(
                f"heartbeats of {self.ping_interval} and {self.ping_timeout} s cannot be: give at least 1 s"
            )

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers reach the hub through TLS."""
        return self.base_url is not None and self.base_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie."""
        return f"{'__Secure-' if self.is_secure else ''}{self.app_name}.session_token"

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL of the hub's database."""
        return self.database or f"sqlite:///{self.data_dir.resolve() / 'hub.db'}"


def _check_network(address: str) -> None:
    try:
        ipaddress.ip_network(address)
    except ValueError as error:
        raise ConfigurationError(
            f"{address!r} is not the address of a balancer ({error}); write it as in 127.0.0.1 or 10.1.2.0/24"
        ) from None


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
