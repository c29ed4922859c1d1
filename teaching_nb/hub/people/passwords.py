"""Hashing and checking passwords (Argon2id). Slow on purpose: never inside a database job."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from teaching_nb.errors import InvalidInput

SHORTEST, LONGEST = 8, 128
"""Characters of a password."""

_hasher = PasswordHasher()


def check(password: str) -> None:
    """Raise `InvalidInput` when a password is too short or too long; the codes are those of the existing system."""
    if SHORTEST <= len(password) <= LONGEST:
        return
    code = "PASSWORD_TOO_SHORT" if len(password) < SHORTEST else "PASSWORD_TOO_LONG"
    raise InvalidInput(f"the password has {len(password)} characters, it needs {SHORTEST} to {LONGEST}", code=code)


def hashed(password: str) -> str:
    """Return the hash of a password; raises `InvalidInput` when it is too short or too long."""
    check(password)
    return _hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one behind a hash."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
