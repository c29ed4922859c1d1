"""Lost, doubled and torn edits are counted, each as what it is."""

from __future__ import annotations

import pytest
from edits import Edit, are_equal, differing, shown, tally

TYPED = [Edit("oak.0.1", 10.0, True), Edit("elm.0.2", 11.0, True), Edit("ash.1.1", 12.0, False)]


def test_complete_text_has_lost_nothing() -> None:
    """Where every edit stands once, in whatever order, there is nothing to report."""
    found = tally("ash.1.1 oak.0.1 elm.0.2 ", TYPED)

    assert (found.typed, found.confirmed) == (3, 2)
    assert (found.lost, found.lost_confirmed, found.twice, found.torn) == (0, 0, 0, 0)
    assert found.oldest_lost_at is None


def test_planted_loss_is_counted() -> None:
    """A missing edit is lost, and is told apart from one that had been confirmed."""
    confirmed = tally("oak.0.1 ash.1.1 ", TYPED)
    unconfirmed = tally("oak.0.1 elm.0.2 ", TYPED)

    assert (confirmed.lost, confirmed.lost_confirmed, confirmed.oldest_lost_at) == (1, 1, 11.0)
    assert (unconfirmed.lost, unconfirmed.lost_confirmed, unconfirmed.oldest_lost_at) == (1, 0, 12.0)


@pytest.mark.parametrize(("copies", "twice"), [(2, 1), (4, 3)])
def test_planted_duplicate_is_counted(copies: int, twice: int) -> None:
    """Each occurrence beyond the first is one too many, and none of them is lost."""
    found = tally("oak.0.1 ash.1.1 " + "elm.0.2 " * copies, TYPED)

    assert (found.twice, found.lost, found.torn) == (twice, 0, 0)


def test_torn_edit_is_lost_and_its_pieces_are_counted() -> None:
    """A word that somebody else's insertion has split is not there any more."""
    found = tally("oak.0.1 el ash.1.1 m.0.2 ", TYPED)

    assert (found.lost, found.torn, found.twice) == (1, 2, 0)


def test_empty_text_has_lost_everything() -> None:
    """A document that came back empty has lost all edits, the oldest of them first."""
    found = tally("", TYPED)

    assert (found.lost, found.lost_confirmed, found.oldest_lost_at) == (3, 2, 10.0)


def test_same_word_from_two_edits_is_a_mistake() -> None:
    """Edits that cannot be told apart cannot be counted."""
    with pytest.raises(AssertionError, match="a word of its own"):
        tally("oak.0.1 ", [TYPED[0], TYPED[0]])


def test_later_edits_are_not_compared() -> None:
    """Replicas are equal when they show the same of what was typed until then, whatever has come since."""
    assert shown("elm.0.2 oak.0.1 ash.1.1 ", {0: 1, 1: 1}) == ["oak.0.1", "ash.1.1"]
    assert are_equal(["oak.0.1 ash.1.1 ", "elm.0.2 oak.0.1 ash.1.1 "], {0: 1, 1: 1})


@pytest.mark.parametrize(
    "other",
    ["oak.0.1 ", "oak.0.1 ash.1.1 ash.1.1 ", "ash.1.1 oak.0.1 ", "oak.0.1 ash.1.1 rest "],
    ids=["lacks one", "has one twice", "another order", "a torn piece"],
)
def test_differences_are_seen(other: str) -> None:
    """A replica that lacks an edit, has it twice or elsewhere, or has something else, is not equal."""
    assert not are_equal(["oak.0.1 ash.1.1 ", "oak.0.1 ash.1.1 ", other], {0: 1, 1: 1})


def test_differing_replicas_are_counted() -> None:
    """Each replica whose text is not the given one counts."""
    assert differing(["a ", "b ", "a "], "a ") == 1
