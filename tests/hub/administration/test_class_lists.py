"""Class lists with two entries for one thing: refused with both places, and nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.hub_process import hub_command

ROOT_ID = "0b8a3a52-9d0c-4a35-9d2b-0d6c3a5b1f01"
OTHER_ID = "5c1f6f0e-40f1-4a27-8a53-1b6a20b3c702"

TEACHER = {"email": "teacher@school", "firstName": "Thea", "lastName": "T", "role": "teacher"}
ROOT = {"id": ROOT_ID, "access": "RO_DocumentRoot"}
DOCUMENT = {
    "id": OTHER_ID,
    "documentRootId": ROOT_ID,
    "author": "teacher@school",
    "type": "code",
    "data": {"code": "1"},
}


def twice(key: str, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a class list with a teacher, and with entries under a key."""
    return {"users": [TEACHER], **more} | {key: [*([TEACHER] if key == "users" else []), *entries]}


def below(**permissions: Any) -> dict[str, Any]:
    """Return a class list with a group and one root with permissions."""
    return twice("documentRoots", {**ROOT, **permissions}, groups=[{"name": "class"}])


TWICE: dict[str, tuple[dict[str, Any], str, str]] = {
    "e-mail in another case": (twice("users", {"email": "Teacher@school"}), "$.users[0].email", "$.users[1].email"),
    "e-mail with blanks": (twice("users", {"email": " teacher@school "}), "$.users[0].email", "$.users[1].email"),
    "id in another case": (
        twice("users", {"email": "a@school", "id": OTHER_ID}, {"email": "b@school", "id": OTHER_ID.upper()}),
        "$.users[1].id",
        "$.users[2].id",
    ),
    "Jupyter account": (
        twice("users", {"email": "a@school", "subject": "ann"}, {"email": "b@school", "subject": "ann"}),
        "$.users[1].subject",
        "$.users[2].subject",
    ),
    "group by name": (twice("groups", {"name": "class"}, {"name": "class"}), "$.groups[0].name", "$.groups[1].name"),
    "group by id": (
        twice("groups", {"name": "a", "id": OTHER_ID}, {"name": "b", "id": OTHER_ID.upper()}),
        "$.groups[0].id",
        "$.groups[1].id",
    ),
    "root": (twice("documentRoots", ROOT, {"id": ROOT_ID.upper()}), "$.documentRoots[0].id", "$.documentRoots[1].id"),
    "document": (
        twice("documents", DOCUMENT, {**DOCUMENT, "id": OTHER_ID.upper(), "data": {}}, documentRoots=[ROOT]),
        "$.documents[0].id",
        "$.documents[1].id",
    ),
    "permission of a person": (
        below(
            userPermissions=[
                {"user": "teacher@school", "access": "RO_User"},
                {"user": "Teacher@school", "access": "RW_User"},
            ]
        ),
        "$.documentRoots[0].userPermissions[0].user",
        "$.documentRoots[0].userPermissions[1].user",
    ),
    "permission of a group": (
        below(
            groupPermissions=[
                {"group": "class", "access": "RO_StudentGroup"},
                {"group": "class", "access": "RW_StudentGroup"},
            ]
        ),
        "$.documentRoots[0].groupPermissions[0].group",
        "$.documentRoots[0].groupPermissions[1].group",
    ),
}


@pytest.mark.parametrize("kind", TWICE)
def test_two_entries_for_one_thing_are_refused_with_both_places(tmp_path: Path, kind: str) -> None:
    """Nobody can tell which was meant; the teacher who was there stays a teacher."""
    content, first, second = TWICE[kind]
    assert hub_command(tmp_path / "data", "load", "-", stdin=json.dumps({"users": [TEACHER]})).returncode == 0

    result = hub_command(tmp_path / "data", "load", "-", stdin=json.dumps(content))

    assert result.returncode == 1, result.stdout
    assert f"`{first}`" in result.stderr
    assert f"`{second}`" in result.stderr
    assert result.stderr.count("\n") == 1
    (listed,) = hub_command(tmp_path / "data", "user", "list").stdout.splitlines()
    assert listed.split("\t")[1:] == ["teacher", "teacher@school", "Thea T"]


def test_load_counts_people(tmp_path: Path) -> None:
    """As many as there are afterwards, however their e-mails are written, and named as often as you like in groups."""
    people = [TEACHER, *({"email": f"S{number}@School"} for number in range(4))]
    group = {"name": "class", "members": ["s1@school", "S1@SCHOOL", "Teacher@school"], "admins": ["TEACHER@school"]}

    result = hub_command(tmp_path / "data", "load", "-", stdin=json.dumps({"users": people, "groups": [group]}))

    assert result.stdout == "loaded: 5 users, 1 groups, 2 memberships\n"
    assert len(hub_command(tmp_path / "data", "user", "list").stdout.splitlines()) == 5
