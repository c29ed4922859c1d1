"""Records of the existing backend, as its versions have them."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client.link.backend_records import group_of, user_of
from teaching_nb.errors import InvalidInput

TIMES = {"createdAt": "2026-11-01T08:00:00.000Z", "updatedAt": "2026-11-01T08:00:00.000Z"}
PERSON = {"id": "1", "email": "ada@school.test", "firstName": "Ada", "lastName": "Admin", **TIMES}


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ({"isAdmin": True}, "admin"),
        ({"isAdmin": False}, "student"),
        ({"role": "TEACHER"}, "teacher"),
        ({"role": "teacher", "name": "Ada"}, "teacher"),
        ({"role": "janitor"}, "janitor"),
        ({}, "student"),
    ],
    ids=["admin", "no-admin", "capitals", "present", "unknown", "nothing"],
)
def test_role_is_understood(said: dict[str, Any], role: str) -> None:
    """Three spellings of one thing."""
    user = user_of({**PERSON, **said, "anything": "else"})

    assert user.role == role
    assert user.name == said.get("name", "Ada Admin")


def test_group_without_members_is_understood() -> None:
    """At first it was only said that there is one."""
    group = group_of({"id": "2", "name": "Class A", **TIMES})

    assert (group.name, group.can_present) == ("Class A", False)


@pytest.mark.parametrize("record", [None, "x", [], {}, {"id": 1}])
@pytest.mark.parametrize("make", [user_of, group_of])
def test_what_is_no_record_is_refused(make: Any, record: Any) -> None:
    """With the place of the mistake."""
    with pytest.raises(InvalidInput):
        make(record)
