"""What the server's owner proves themself with at a hub: read from a file that nobody else may open."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from teaching_nb.errors import ConfigurationError

_LONGEST = 10_000

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_token(path: Path) -> str:
    """Return the token in a file; raises `ConfigurationError` when there is none, or others may open the file."""
    place, source = f"TeachingNB.hub_token_file, {path}", "what `teaching-nb hub token EMAIL` prints"
    return _one_word(_read(path, place, source), place, "a token, as `teaching-nb hub token EMAIL` prints it")


def read_cookie(path: Path) -> str:
    """Return the session cookie of an existing backend in a file, `NAME=VALUE`; raises as `read_token`."""
    place, source = f"TeachingNB.hub_token_file, {path}", "the session cookie of the school's backend, as NAME=VALUE"
    return _one_word(_read(path, place, source), place, "the cookie, as NAME=VALUE")


def read_password(path: Path) -> str:
    """Return the password in a file, without its line's end; raises as `read_token`."""
    place = f"TeachingNB.hub_password_file, {path}"
    return _read(path, place, "the password of TeachingNB.hub_email")


def _read(path: Path, place: str, source: str) -> str:
    """Return the content of a file without the space around it; `source` tells where it should be from."""
    try:
        with path.open("rb") as file:
            # Of the file that is open, not of what has its name a moment later.
            _check_mode(path, place, os.fstat(file.fileno()).st_mode)
            content = file.read(_LONGEST)
    except IsADirectoryError as error:
        raise _mistake(place, "is not a file") from error
    except OSError as error:
        raise _mistake(place, f"cannot be read: {error.strerror}") from error
    text = content.decode("utf-8", "replace").strip()
    if not text:
        raise _mistake(place, f"is empty; put there {source}")
    return text


def _one_word(text: str, place: str, what: str) -> str:
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise _mistake(place, f"does not hold one line with {what}")
    return text


def _check_mode(path: Path, place: str, mode: int) -> None:
    if os.name == "posix" and mode & _OTHERS:
        raise _mistake(
            place, f"has mode {stat.S_IMODE(mode):04o}, so that other accounts can get at it: chmod 600 {path}"
        )


def _mistake(place: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"the file of {place}, {what}")
