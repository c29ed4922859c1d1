"""One hub per data directory: a lock says who runs it, a file tells the others where it is.

The lock is an open file that the hub process inherits, so it lasts until server and hub are both gone.
"""

from __future__ import annotations

import os
import secrets
import socket
import stat
from pathlib import Path

import msgspec

from teaching_nb.errors import ConfigurationError

try:
    import fcntl
except ImportError:  # no such lock on Windows: there every server runs its own hub
    fcntl = None  # type: ignore[assignment]

_LOCK_NAME = "hub.lock"
_RUNTIME_NAME = "hub-runtime.json"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running embedded hub is, and the secret under which it knows us."""

    url: str
    secret: str
    pid: int
    """Process of the hub."""
    host: str
    """Machine it runs on: the directory may lie on a network drive."""

    def __repr__(self) -> str:
        return f"Endpoint(url={self.url!r}, pid={self.pid}, host={self.host!r})"

    @property
    def is_here(self) -> bool:
        """Return whether it runs on this machine, the only one that its loopback address can be reached from."""
        return self.host == socket.gethostname()


def prepare_directory(directory: Path) -> None:
    """Create the data directory and close it to others; raises `ConfigurationError` when that fails."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        raise ConfigurationError(
            f"cannot use the data directory {directory}: {error.strerror}; set TeachingNB.data_dir to another one"
        ) from error


def write_endpoint(directory: Path, endpoint: Endpoint) -> None:
    """Announce a hub: all at once, readable by its owner alone."""
    temporary = directory / f".{_RUNTIME_NAME}.{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(endpoint))
    temporary.replace(directory / _RUNTIME_NAME)


def read_endpoint(directory: Path) -> Endpoint | None:
    """Return the announced hub; None when there is none, or one that somebody else could have written."""
    try:
        with (directory / _RUNTIME_NAME).open("rb") as file:
            found = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077):
                return None
            return msgspec.json.decode(file.read(), type=Endpoint)
    except (OSError, msgspec.DecodeError):
        return None


def forget_endpoint(directory: Path) -> None:
    """Withdraw the announcement."""
    (directory / _RUNTIME_NAME).unlink(missing_ok=True)


class DirectoryLock:
    """Exclusive right to run the hub of a directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _LOCK_NAME
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int | None:
        """Return the open file, for the hub process to inherit; None while the lock is not held."""
        return self._descriptor

    def acquire(self) -> bool:
        """Try to take the lock, without waiting; return whether it is held now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; not holding it is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
