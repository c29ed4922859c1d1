"""What is read from a list of chat rooms, in both of its shapes, and how it is changed."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client.models.listed_rooms import (
    has_other_container,
    room_ids,
    rooms_of,
    with_name,
    with_room,
    without_room,
)
from teaching_nb.schema.access import Access
from teaching_nb.schema.records import Document, RootMeta, RootUserPermission

A, B, C = (f"00000000-0000-4000-8000-00000000000{letter}" for letter in "abc")
OLD = {"id": A, "name": "Group A", "type": "text_messages", "color": "red"}


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ({"containerType": "simple_chat", "documentRootIds": [A, B]}, (A, B)),
        ({"documentRoots": [OLD]}, (A,)),
        ({"documentRoots": [OLD], "documentRootIds": [B, A]}, (A, B)),
        ({"documentRoots": [7, {"name": "x"}, {"id": 3}], "documentRootIds": ["no uuid", None, B]}, (B,)),
        ({"documentRoots": "odd", "documentRootIds": {"odd": 1}}, ()),
        (None, ()),
        ([A], ()),
    ],
)
def test_both_shapes_are_read(data: Any, ids: tuple[str, ...]) -> None:
    """Each room once, and nothing that is no root."""
    assert room_ids(data) == ids


def test_changes_keep_what_else_there_is() -> None:
    """Unknown keys, of the list and of entries, and the entries of others."""
    old = {"documentRoots": [OLD], "more": 1}

    assert with_room(old, B) == {**old, "containerType": "simple_chat", "documentRootIds": [B]}
    assert with_room({"containerType": "simple_chat", "documentRootIds": [A]}, B)["documentRootIds"] == [A, B]
    assert without_room({**old, "documentRootIds": [A, B]}, A) == {
        "documentRoots": [],
        "more": 1,
        "documentRootIds": [B],
    }
    assert without_room({"documentRootIds": [A]}, B) == {"documentRootIds": [A]}
    assert with_name(old, A, "New") == {"documentRoots": [{**OLD, "name": "New"}], "more": 1}
    assert with_name({"documentRootIds": [A]}, A, "New") == {"documentRootIds": [A]}


def test_a_list_of_something_else_is_told() -> None:
    """Another program may have made the rooms of something that is no chat."""
    assert has_other_container({"containerType": "board"}) == "board"
    assert [has_other_container(each) for each in ({}, {"containerType": "simple_chat"}, None)] == ["", "", ""]


def a_root(root_id: str, access: Access, shared: Access, mine: Access | None = None) -> RootMeta:
    """Return a root as somebody sees it, with their own permission on it."""
    permissions = [] if mine is None else [RootUserPermission(id="p", access=mine, user_id="ann")]
    return RootMeta(id=root_id, access=access, shared_access=shared, user_permissions=permissions, group_permissions=[])


def a_document(number: int, root_id: str, type_name: str, data: Any, **more: Any) -> Document:
    """Return a document of the teacher's, unless `more` says otherwise."""
    at = f"2026-11-30T08:00:{number:02}.000Z"
    known = {"author_id": "teacher", "parent_id": None, **more}
    return Document(
        id=f"d{number}",
        type=type_name,
        data=data,
        document_root_id=root_id,
        created_at=at,
        updated_at=at,
        **known,
    )


DATA = {"containerType": "simple_chat", "documentRootIds": [A, B, C]}


def test_a_room_is_there_for_whom_the_root_lets_in() -> None:
    """With its name and messages; others' rooms are not, nor a root without a container."""
    roots = {
        A: a_root(A, "None_DocumentRoot", "RW_DocumentRoot", "RW_User"),
        B: a_root(B, "None_DocumentRoot", "RW_DocumentRoot"),
        C: a_root(C, "RW_DocumentRoot", "RW_DocumentRoot"),
    }
    documents = [
        a_document(1, A, "simple_chat", {"name": "Ours"}),
        a_document(2, A, "text_message", {"text": "hello"}, parent_id="d1"),
        a_document(3, A, "text_message", {"text": "stray"}),
        a_document(4, B, "simple_chat", {"name": "Theirs"}),
        # One's own of a room that one takes part in no more: known to be there, without what it holds.
        a_document(5, B, "text_message", None, author_id="ann", parent_id="d4"),
    ]

    (room,) = rooms_of(DATA, roots, documents, "ann")

    assert (room.id, room.name, room.container_id, room.may_write) == (A, "Ours", "d1", True)
    assert [message.data for message in room.messages] == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("shared", "mine", "author", "may_write"),
    [
        ("RW_DocumentRoot", "RW_User", "teacher", True),
        ("RO_DocumentRoot", "RW_User", "teacher", False),
        ("RO_DocumentRoot", "RW_User", "ann", True),
        ("RW_DocumentRoot", "RO_User", "teacher", False),
    ],
)
def test_who_may_write(shared: Access, mine: Access, author: str, may_write: bool) -> None:  # noqa: FBT001 - a case
    """The root has to share for writing, and the own permission to be for writing; the container is staff's."""
    documents = [a_document(1, A, "simple_chat", {"name": "x"}, author_id=author)]
    roots = {A: a_root(A, "None_DocumentRoot", shared, mine)}

    assert [room.may_write for room in rooms_of(DATA, roots, documents, "ann")] == [may_write]


def test_rooms_of_the_version_of_2025_are_named_by_the_list() -> None:
    """They need no container; a container's name counts before the list's."""
    roots = {A: a_root(A, "RW_DocumentRoot", "RW_DocumentRoot")}
    message = a_document(1, A, "text_message", {"text": "hello"})

    (room,) = rooms_of({"documentRoots": [OLD]}, roots, [message], "ann")
    assert (room.name, room.container_id, [each.id for each in room.messages]) == ("Group A", "", ["d1"])
    container = a_document(2, A, "simple_chat", {"name": "Newer"})
    (room,) = rooms_of({"documentRoots": [OLD]}, roots, [message, container], "ann")
    assert (room.name, room.container_id, room.messages) == ("Newer", "d2", ())
    odd = a_document(2, A, "simple_chat", {"name": 7})
    assert rooms_of({"documentRootIds": [A]}, roots, [odd], "ann")[0].name == "Chat room"
