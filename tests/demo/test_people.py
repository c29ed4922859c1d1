"""Who is in the demo class."""

from __future__ import annotations

import json

import pytest

from teaching_nb.demo.labs import notebooks_folder
from teaching_nb.demo.people import MAX_STUDENTS, class_file, people
from teaching_nb.schema.roots import root_id, shared_root_id


@pytest.mark.parametrize("students", [1, 2, MAX_STUDENTS])
def test_people_are_one_teacher_and_students(students: int) -> None:
    """There is one teacher, and as many students as asked for, with names of their own."""
    everybody = people(students)

    assert [person.role for person in everybody] == ["teacher", *["student"] * students]
    assert len({person.key for person in everybody}) == students + 1


def test_people_have_notebooks_that_exist() -> None:
    """Nobody is sent to a notebook that is not there."""
    wanted = {notebook for person in people(1) for notebook in person.notebooks}

    assert wanted <= {path.name for path in notebooks_folder().iterdir()}


def test_class_file_names_only_people_it_holds() -> None:
    """Members, admins and permissions of the file belong to people of the file, and it is plain JSON."""
    content = json.loads(json.dumps(class_file(people(3))))
    emails = {user["email"] for user in content["users"]}
    named = {email for group in content["groups"] for email in (*group["members"], *group["admins"])}
    permitted = {entry["user"] for root in content["documentRoots"] for entry in root.get("userPermissions", [])}

    assert named == emails
    assert permitted == {"thea@school.example"}


def test_class_file_has_the_roots_of_the_notebooks() -> None:
    """The slugs that the notebooks use are seeded, so that everybody finds the same access."""
    roots = {root["id"]: root for root in class_file(people(1))["documentRoots"]}

    assert roots[root_id("first-steps")]["sharedAccess"] == "None_DocumentRoot"
    assert roots[shared_root_id(root_id("fibonacci"), "code")]["sharedAccess"] == "RW_DocumentRoot"
    assert roots[root_id("teacher-notes")]["access"] == "None_DocumentRoot"
