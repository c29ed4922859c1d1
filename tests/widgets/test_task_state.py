"""Which states a task can go through."""

from __future__ import annotations

import pytest

import teaching_nb as tnb
from teaching_nb.errors import InvalidInput
from tests.harness.offline import offline_classroom


def test_a_state_that_is_given_twice_is_a_mistake_in_the_notebook() -> None:
    """From its second place a press would go on as from its first: what stands behind could not be reached."""
    with pytest.raises(InvalidInput, match="'unset' is given twice"):
        tnb.task("odd", states=["unset", "checked", "unset", "star"], room=offline_classroom())
