"""What the user is told about saving."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from teaching_nb.client.models.saving import (
    ASK,
    CLOSED,
    CONNECTING,
    Facts,
    consequence,
    ended,
    is_answered,
    is_stored,
    lowered,
    overruled_note,
    refusal_of,
    save_state,
)
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
from teaching_nb.schema import hub_kinds

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
        ({"is_unmerged": True}, "refused"),
        ({"is_unmerged": True, "is_unsaved": True}, "saving"),
        ({"is_unmerged": True, "is_live": False}, "offline"),
        ({"is_unmerged": True, "access": "RO_User"}, "read-only"),
    ],
)
def test_save_state_follows_from_the_facts(change: dict[str, Any], state: str) -> None:
    """Every combination has one state and a sentence."""
    found, detail = save_state(dataclasses.replace(GOOD, **change))

    assert found == state
    assert detail


def test_new_document_is_offline() -> None:
    """Before the hub has answered nothing is saved."""
    assert save_state(Facts())[0] == "offline"


@pytest.mark.parametrize("change", [{}, {"is_live": False}, {"access": "RO_User"}, {"refusal": "no access"}])
def test_detail_says_that_a_version_waits(change: dict[str, Any]) -> None:
    """Whatever else is the matter, a version that could not be merged is spoken of."""
    facts = dataclasses.replace(GOOD, is_unmerged=True, **change)

    assert "your version" in save_state(facts)[1]
    assert not is_stored(facts)


def test_detail_says_that_what_the_hub_has_is_not_here() -> None:
    """Before anything is executed the user can know that this is not what the hub has."""
    assert "not here yet" in save_state(Facts())[1]
    assert "not here yet" in save_state(Facts(is_live=True, is_unsaved=True))[1]
    assert "not here yet" not in save_state(dataclasses.replace(GOOD, is_live=False))[1]


@pytest.mark.parametrize(
    ("facts", "is_over"),
    [
        (Facts(), False),
        (Facts(trouble=CONNECTING), False),
        (Facts(is_live=True, trouble="the hub cannot open this document just now"), False),
        (Facts(trouble="the hub cannot be reached"), True),
        (Facts(is_live=True, refusal="no access"), True),
        (GOOD, True),
    ],
)
def test_waiting_for_an_answer_is_over_when_there_is_one_or_nobody_to_give_it(facts: Facts, is_over: bool) -> None:  # noqa: FBT001
    """A hub that is still being connected, or asks for patience, is waited for."""
    assert is_answered(facts) is is_over


def test_replaced_values_are_named_and_shortened() -> None:
    """The note about a merge holds what was there, but no page full of it."""
    assert overruled_note([]) == ""
    note = overruled_note([("a.b", "x" * 500), ("", [1])])

    assert 'a.b was "xxx' in note
    assert "all was [1]" in note
    assert len(note) < 250


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


def test_refusals_of_the_existing_backend_speak_for_themselves() -> None:
    """They say who refuses; nobody is sent to a teacher for what that backend does not have."""
    withheld = Forbidden("the school's backend cannot withhold a document", code=hub_kinds.NEVER_OFFERED)

    assert refusal_of(withheld) == "the school's backend cannot withhold a document"
    assert refusal_of(NotFound(hub_kinds.NOT_OFFERED, code=hub_kinds.NEVER_OFFERED)) == hub_kinds.NOT_OFFERED
    assert refusal_of(Forbidden("no")) == f"the hub refuses: no; {ASK}"
    assert refusal_of(Forbidden("no", advice="wait")) == "the hub refuses: no; wait"
