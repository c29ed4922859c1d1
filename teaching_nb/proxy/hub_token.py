"""The token of the server's owner at a standalone hub: from a file that nobody else may open, or given otherwise."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from teaching_nb.errors import ConfigurationError

_LONGEST = 10_000

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_token(path: Path) -> str:
    """Return the token in a file; raises `ConfigurationError` when there is none, or others may open the file."""
    try:
        with path.open("rb") as file:
            # Of the file that is open, not of what has its name a moment later.
            _check_mode(path, os.fstat(file.fileno()).st_mode)
            content = file.read(_LONGEST)
    except IsADirectoryError as error:
        raise _mistake(path, "is not a file") from error
    except OSError as error:
        raise _mistake(path, f"cannot be read: {error.strerror}") from error
    token = content.decode("ascii", "replace").strip()
    if not token:
        raise _mistake(path, "is empty; put there what `teaching-nb hub token EMAIL` prints")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise _mistake(path, "does not hold one line with a token, as `teaching-nb hub token EMAIL` prints it")
    return token


def _check_mode(path: Path, mode: int) -> None:
    if os.name == "posix" and mode & _OTHERS:
        raise _mistake(
            path, f"has mode {stat.S_IMODE(mode):04o}, so that other accounts can get at it: chmod 600 {path}"
        )


def _mistake(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"the file of TeachingNB.hub_token_file, {path}, {what}")
