"""One hub process per SQLite file: a lock that lasts as long as the process, whatever ends it.

Not for commands such as `hub load`, which may run while a hub serves.
"""

from __future__ import annotations

import os

from sqlalchemy import make_url

from teaching_nb.errors import ConfigurationError

try:
    import fcntl
except ImportError:  # no such lock on Windows
    fcntl = None  # type: ignore[assignment]

_SUFFIX = "-serving"


class ServingLock:
    """The right to serve one SQLite file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, url: str) -> ServingLock | None:
        """Take the lock of a database; None where it needs none. Raises `ConfigurationError` when somebody has it."""
        path = make_url(url).database if url.startswith("sqlite") else None
        if not path or path == ":memory:":
            return None
        try:
            descriptor = os.open(f"{path}{_SUFFIX}", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"cannot open {path}{_SUFFIX}: {error.strerror}") from error
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise ConfigurationError(
                f"another process serves {path}, and SQLite is for one: stop that one first,"
                " or use --database postgresql://… for several"
            ) from None
        return cls(descriptor)

    def release(self) -> None:
        """Let others serve the file."""
        os.close(self._descriptor)
