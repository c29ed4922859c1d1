"""How notebooks name document roots."""

from __future__ import annotations

import re
from typing import Any

import pytest

from teaching_nb.errors import InvalidInput
from teaching_nb.schema.roots import root_id
from teaching_nb.schema.wire import is_uuid, new_id


def test_slug_names_the_same_root_everywhere() -> None:
    """Two people with the same notebook mean the same root; the value never changes between versions."""
    assert root_id("fibonacci") == root_id("fibonacci")
    assert is_uuid(root_id("fibonacci"))
    assert root_id("fibonacci") == "63f699c3-7a2e-5f13-8dbf-b56611842af5"


def test_slug_names_another_root_in_another_course() -> None:
    """Two courses that use one notebook do not meet."""
    assert len({root_id("fibonacci"), root_id("fibonacci", "A"), root_id("fibonacci", "B"), root_id("b", "A")}) == 4


def test_uuid_names_itself() -> None:
    """Material of the existing system names its roots by UUID, in whatever case."""
    one = new_id()

    assert root_id(one.upper(), "course") == one


@pytest.mark.parametrize("course", ["", "26P", "Informatik 1a – Übungen", "情報", "👩‍🏫" * 40, "a" * 120])
def test_courses_have_the_names_that_schools_give_them(course: str) -> None:
    """The same ones are courses for pages: js/tests/cells/mark.test.ts."""
    assert is_uuid(root_id("fibonacci", course))


@pytest.mark.parametrize(
    "course", ["a" * 121, "x" * 300, "two\nlines", " a", "a ", "a\x00", "a\u2028", "\ud800", None, 5]
)
def test_other_courses_are_refused(course: Any) -> None:
    """The message shows the beginning of the name."""
    with pytest.raises(InvalidInput, match=re.escape(repr(str(course)[:60]))):
        root_id("fibonacci", course)


@pytest.mark.parametrize("name", ["", " a", "a b", "-a", "ä", "a" * 121, "a\n", None, 5])
def test_other_names_are_refused(name: Any) -> None:
    """The message shows the name."""
    with pytest.raises(InvalidInput):
        root_id(name)
