"""What the user is told about saving."""

from __future__ import annotations

import dataclasses

import pytest

from teaching_nb.client.saving import CLOSED, Facts, consequence, ended, lowered, save_state
from teaching_nb.errors import (
    Forbidden,
    InternalError,
    InvalidInput,
    NotFound,
    OperationalError,
    TooLarge,
    TooManyRequests,
    Unavailable,
)

GOOD = Facts(is_live=True, is_loaded=True, is_synced=True, access="RW_DocumentRoot")


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "saved"),
        ({"is_unsaved": True}, "saving"),
        ({"is_live": False}, "offline"),
        ({"is_live": False, "is_unsaved": True}, "offline"),
        ({"trouble": "the hub is full"}, "offline"),
        ({"is_synced": False}, "offline"),
        ({"access": "RO_User"}, "read-only"),
        ({"access": "RO_User", "is_unsaved": True}, "read-only"),
        ({"access": "None_User"}, "refused"),
        ({"refusal": "no access", "is_unsaved": True}, "refused"),
        ({"refusal": "no access", "is_live": False}, "refused"),
        ({"rejection": "too long", "is_unsaved": True}, "refused"),
    ],
)
def test_save_state_follows_from_the_facts(change: dict[str, object], state: str) -> None:
    """Every combination has one state and a sentence."""
    found, detail = save_state(dataclasses.replace(GOOD, **change))

    assert found == state
    assert detail


def test_new_document_is_offline() -> None:
    """Before the hub has answered nothing is saved."""
    assert save_state(Facts())[0] == "offline"


def test_detail_says_that_changes_are_kept() -> None:
    """Somebody who is offline with unsaved changes is told what becomes of them."""
    facts = dataclasses.replace(GOOD, is_live=False, is_unsaved=True)

    assert "kept" in save_state(facts)[1]


def test_detail_says_that_a_closed_notebook_keeps_nothing_for_later() -> None:
    """After closing, unsaved changes are not promised to be sent."""
    facts = dataclasses.replace(GOOD, is_live=False, is_unsaved=True, trouble=CLOSED)

    assert "in this notebook only" in save_state(facts)[1]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Forbidden, "read-only"),
        (NotFound, "refused"),
        (InvalidInput, "refused"),
        (TooLarge, "refused"),
        (TooManyRequests, "retry"),
        (Unavailable, "retry"),
        (InternalError, "retry"),
    ],
)
def test_refusal_has_a_consequence(error: type[OperationalError], expected: str) -> None:
    """What may pass by itself is tried again, everything else is said."""
    assert consequence(error("x")) == expected


def test_access_is_lowered_in_its_tier() -> None:
    """Losing the right to write, or to read, keeps the tier."""
    assert lowered("RW_StudentGroup") == "RO_StudentGroup"
    assert ended("RW_User") == "None_User"
    assert lowered(None) == "RO_DocumentRoot"
