"""Errors that a caller, a user or the other end of a connection can meet.

Drawn as a tree; everybody may import this module, it imports nothing of ours.

    TeachingNbError
    ├── OperationalError          refused on purpose; crosses the wire as {name, message, status}
    │   ├── InvalidInput          400  malformed, unknown word, missing field
    │   ├── Unauthorized          401  no credential, or one that is wrong, expired or used up
    │   ├── Forbidden             403  known caller, not allowed
    │   ├── NotFound              404  does not exist, or is hidden from the caller
    │   ├── Conflict              409  an id is taken
    │   ├── Stale                 412  If-Match names an older revision
    │   ├── TooLarge              413  above a limit of schema/limits.py
    │   ├── TooManyRequests       429  a rate limit
    │   ├── InternalError         500  our mistake; the cause stays in the log
    │   └── Unavailable           503  the hub or its database cannot answer now
    ├── NotConnected              no hub can be reached; edits are kept
    ├── TimedOut                  a wait ended before what it waited for; also a TimeoutError
    └── ConfigurationError        a setting that cannot work; says which and what to do
"""

from __future__ import annotations

from typing import Any, ClassVar


class TeachingNbError(Exception):
    """Base of everything that teaching_nb raises on purpose."""


class OperationalError(TeachingNbError):
    """A refusal that is shown to whoever asked."""

    status: ClassVar[int] = 500
    name: ClassVar[str] = "INTERNAL SERVER ERROR"

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra
        """Further keys of the error object on the wire, such as the current `document`."""

    def to_wire(self) -> dict[str, Any]:
        """Return the error object of REST answers: `{name, message, status, isOperational}`."""
        return {
            "name": self.name,
            "message": f"[{self.status}] {self.message}",
            "status": self.status,
            "isOperational": True,
            **self.extra,
        }

    def to_ack(self) -> dict[str, Any]:
        """Return the negative acknowledgement of a live-text event."""
        return {
            "ok": False,
            "error": {"name": self.name, "message": self.message, "status": self.status, **self.extra},
        }


class InvalidInput(OperationalError):
    """The request is malformed; the message names the place and the value."""

    status = 400
    name = "BAD REQUEST"


class Unauthorized(OperationalError):
    """The caller is not known: no credential, or one that does not hold."""

    status = 401
    name = "UNAUTHORIZED"


class Forbidden(OperationalError):
    """The caller is known and may not do this."""

    status = 403
    name = "FORBIDDEN"


class NotFound(OperationalError):
    """The record does not exist, or the caller may not know that it does."""

    status = 404
    name = "NOT FOUND"


class Conflict(OperationalError):
    """Something with this id or these unique values exists already."""

    status = 409
    name = "CONFLICT"


class Stale(OperationalError):
    """The caller edited from an older revision than the stored one."""

    status = 412
    name = "PRECONDITION FAILED"


class TooLarge(OperationalError):
    """A payload is above its limit; the message holds the size and the limit."""

    status = 413
    name = "PAYLOAD TOO LARGE"


class TooManyRequests(OperationalError):
    """The caller is above a rate limit."""

    status = 429
    name = "TOO MANY REQUESTS"


class InternalError(OperationalError):
    """Our own mistake; its cause is logged and never sent."""

    status = 500
    name = "INTERNAL SERVER ERROR"


class Unavailable(OperationalError):
    """The service cannot answer at the moment; trying again later may help."""

    status = 503
    name = "SERVICE UNAVAILABLE"


class NotConnected(TeachingNbError):
    """No hub can be reached at the moment."""


class TimedOut(TeachingNbError, TimeoutError):
    """A wait has ended before what it waited for; says what is missing."""


class ConfigurationError(TeachingNbError):
    """A setting that cannot work."""


class NoHubWarning(UserWarning):
    """There is no hub where this notebook runs: it works on its own text. No error, and none of the tree above."""


_BY_STATUS: dict[int, type[OperationalError]] = {
    cls.status: cls
    for cls in (
        InvalidInput,
        Unauthorized,
        Forbidden,
        NotFound,
        Conflict,
        Stale,
        TooLarge,
        TooManyRequests,
        InternalError,
        Unavailable,
    )
}


def error_for_status(status: int, message: str, **extra: Any) -> OperationalError:
    """Return the error that stands for an HTTP status received from a hub."""
    fallback = InvalidInput if 400 <= status < 500 else InternalError
    return _BY_STATUS.get(status, fallback)(message, **extra)
