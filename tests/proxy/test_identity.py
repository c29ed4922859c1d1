"""Which hub account stands for which Jupyter user."""

from __future__ import annotations

import getpass

import pytest
from jupyter_server.auth import IdentityProvider, User
from jupyter_server.auth.identity import LegacyIdentityProvider, PasswordIdentityProvider
from jupyter_server.auth.login import LegacyLoginHandler

from teaching_nb.proxy.identity import Caller, Identity, default_owner
from tests.proxy.people import RosterIdentityProvider


class CustomLoginHandler(LegacyLoginHandler):
    """Stands for the login of a server that tells people apart in the old way."""


@pytest.mark.parametrize("provider", [IdentityProvider(), PasswordIdentityProvider(), LegacyIdentityProvider()])
def test_anonymous_person_is_the_owner(provider: IdentityProvider) -> None:
    """Jupyter's own providers invent a name per browser; all of them are the one owner."""
    identity = Identity(provider, owner="ada", role="student")

    caller = identity.caller_of(User(username="3f6e", display_name="Anonymous Io"))

    assert caller == Caller(subject="ada", name="ada", role="admin", is_owner=True)


@pytest.mark.parametrize(
    "provider", [RosterIdentityProvider(), LegacyIdentityProvider(login_handler_class=CustomLoginHandler)]
)
def test_named_people_are_themselves(provider: IdentityProvider) -> None:
    """Where people are told apart, the owner is admin and all others have the configured role."""
    identity = Identity(provider, owner="alice", role="teacher")

    alice = identity.caller_of(User(username="alice", display_name="Alice A."))
    bob = identity.caller_of(User(username="bob", display_name="Bob B."))

    assert alice == Caller(subject="alice", name="Alice A.", role="admin", is_owner=True)
    assert bob == Caller(subject="bob", name="Bob B.", role="teacher", is_owner=False)


def test_owner_is_the_account_of_the_system_or_of_jupyterhub() -> None:
    """JupyterHub's word counts more than the system's, where everybody may be the same account."""
    assert default_owner({}) == getpass.getuser()
    assert default_owner({"JUPYTERHUB_USER": "eve"}) == "eve"
