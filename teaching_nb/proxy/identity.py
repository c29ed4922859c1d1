"""Who is calling: the hub account that stands for the person whom Jupyter authenticated.

Jupyter's own identity providers know one person with a random anonymous name per browser; that person is the
owner of the server. Every other provider names people itself.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping

import msgspec
from jupyter_server.auth import IdentityProvider, User
from jupyter_server.auth.identity import LegacyIdentityProvider, PasswordIdentityProvider
from jupyter_server.auth.login import LegacyLoginHandler


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The hub account on whose behalf a request goes upstream."""

    subject: str
    """Account name; the hub keeps one user per subject."""
    name: str
    """Display name."""
    role: str
    """Role at the embedded hub."""
    is_owner: bool
    """Whether this is the person whom the Jupyter server belongs to."""


def default_owner(environ: Mapping[str, str] = os.environ) -> str:
    """Return whom this server belongs to: the JupyterHub user, else the account of the operating system."""
    if named := environ.get("JUPYTERHUB_USER"):
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number without a name.
        return f"user-{os.getuid()}"


def is_one_person(provider: IdentityProvider) -> bool:
    """Return whether everybody who gets in is the same person, as with Jupyter's token or password."""
    if type(provider) is LegacyIdentityProvider:
        return provider.login_handler_class is LegacyLoginHandler
    return type(provider) in {IdentityProvider, PasswordIdentityProvider}


class Identity:
    """Translates Jupyter users into callers."""

    def __init__(self, provider: IdentityProvider, *, owner: str, role: str) -> None:
        self._one_person = is_one_person(provider)
        self._owner = owner
        self._role = role

    def caller_of(self, user: User) -> Caller:
        """Return the caller for an authenticated Jupyter user."""
        if self._one_person or user.username == self._owner:
            name = self._owner if self._one_person else user.display_name
            return Caller(subject=self._owner, name=name, role="admin", is_owner=True)
        return Caller(subject=user.username, name=user.display_name, role=self._role, is_owner=False)

    def nobody_asked(self) -> User | None:
        """Return the user of what the server does without a request; None where that could be anybody."""
        return User(username=self._owner) if self._one_person else None
