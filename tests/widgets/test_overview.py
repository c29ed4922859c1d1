"""The rows of the teacher's overview."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from teaching_nb.client.stores import NewData
from teaching_nb.schema.hub_kinds import LACKING_AT_TEACHING_API
from teaching_nb.schema.records import DocumentSummary, StudentGroup, User
from teaching_nb.widgets.overview import (
    GROUP_NOT_KNOWN,
    WITHOUT_GROUP,
    Scene,
    document_rows,
    group_rows,
    told_rooms,
    with_change,
)

NOW = "2026-01-01T00:00:00.000Z"


def a_user(user_id: str, first_name: str = "", role: str = "student") -> User:
    """Return a person."""
    nothing: dict[str, Any] = {"image": None, "banned": None, "ban_reason": None, "ban_expires": None}
    times: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    return User(
        id=user_id,
        name=first_name,
        first_name=first_name,
        last_name="",
        email=f"{user_id}@x.example",
        email_verified=True,
        role=role,
        **nothing,
        **times,
    )


def a_group(group_id: str, name: str, *user_ids: str) -> StudentGroup:
    """Return a group."""
    rest: dict[str, Any] = {"description": "", "parent_id": None, "can_present": False, "presented_document": None}
    return StudentGroup(
        id=group_id, name=name, user_ids=list(user_ids), admin_ids=[], created_at=NOW, updated_at=NOW, **rest
    )


def people(*users: User) -> dict[str, User]:
    """Return a store's records."""
    return {user.id: user for user in users}


def test_of_a_group_whose_people_are_not_told_nobody_says_that_it_has_none() -> None:
    """Old backends say that there is a group, and nothing else: nobody is known to be in none, either."""
    told, untold = a_group("g", "told"), msgspec.structs.replace(a_group("h", "untold"), user_ids=UNSET)
    scene = Scene(counts={"g": 0, "h": 1}, sees_everybody=True)

    both, one = (group_rows(groups, people(a_user("a")), scene) for groups in ([told, untold], [untold]))

    assert [(row["name"], row["about"]) for row in both[:2]] == [
        ("told", "0 of 0 here · 0 connections"),
        ("untold", ""),
    ]
    assert (both[2]["name"], one[1]["name"]) == (WITHOUT_GROUP, GROUP_NOT_KNOWN)


def test_group_rows_list_those_who_are_here_first() -> None:
    """People with connections stand above those without, each by name."""
    users = people(a_user("a", "Zoe"), a_user("b", "Ben"), a_user("c", "Amy"))

    (row,) = group_rows([a_group("g", "1a", "a", "b", "c")], users, Scene(counts={"a": 2, "g": 2}))

    assert [(person["name"], person["sign"], person["presence"]) for person in row["people"]] == [
        ("Zoe", "●", "here, 2 connections"),
        ("Amy", "○", "away"),
        ("Ben", "○", "away"),
    ]
    assert row["about"] == "1 of 3 here · 2 connections"


def test_group_rows_do_not_count_the_observer() -> None:
    """Joining a person's room to observe it does not make that person look present."""
    scene = Scene(counts={"a": 1}, joined={"a"}, observed={"a"})

    (row,) = group_rows([a_group("g", "1a", "a")], people(a_user("a", "Ada")), scene)

    assert row["people"][0]["presence"] == "away"
    assert row["people"][0]["is_observed"]


def test_group_rows_say_nothing_of_rooms_that_the_hub_does_not_tell_of() -> None:
    """Neither here nor away is who is in a room that we have left, or that we are on the way into."""
    users = people(a_user("a", "Ada"), a_user("b", "Ben"), a_user("c", "Cem"))
    scene = Scene(counts={"b": 3, "t": 1}, told={"t", "c"}, joined={"a"})

    (row,) = group_rows([a_group("g", "1a", "a", "b", "c")], users, scene)

    said = {person["name"]: person["presence"] for person in row["people"]}
    assert said == {"Ada": "not known", "Ben": "not known", "Cem": "away"}
    assert row["about"] == "3 people"


def test_group_rows_take_nobody_who_observes_for_a_person() -> None:
    """Where the hub counts them with the person, somebody is there; who has no connections is away all the same."""
    users = people(a_user("a", "Ada"), a_user("b", "Ben"))
    scene = Scene(counts={"a": 1, "g": 1}, counts_others=True)

    (row,) = group_rows([a_group("g", "1a", "a", "b")], users, scene)

    said = [(person["sign"], person["presence"]) for person in row["people"]]
    assert said == [("◐", "here or observed, 1 connection"), ("○", "away")]
    assert row["about"] == "2 people · 1 connection"


def test_group_rows_say_nothing_without_a_connection() -> None:
    """Nobody tells who is here then, an admin neither."""
    groups = [a_group("g", "1a", "a")]

    rows = group_rows(groups, people(a_user("a", "Ada"), a_user("b")), Scene(counts={}, sees_everybody=True))

    assert [(row["about"], row["people"][0]["presence"]) for row in rows] == [("1 person", "not known")] * 2


def test_told_rooms_are_those_of_whom_one_looks_after() -> None:
    """A hub of ours tells teachers of the groups that they manage, the existing backend of none; admins of all."""
    managed = msgspec.structs.replace(a_group("g", "1a", "a", "b"), admin_ids=["t"])
    groups = [managed, a_group("h", "1b", "c", "t")]
    teacher, admin = a_user("t", "Tina", "teacher"), a_user("x", "Xena", "admin")

    assert told_rooms(groups, teacher, ()) == frozenset({"t", "g", "h", "a", "b"})
    assert told_rooms(groups, teacher, LACKING_AT_TEACHING_API) == frozenset({"t", "g", "h"})
    assert told_rooms(groups, admin, LACKING_AT_TEACHING_API) is None
    assert told_rooms(groups, None, ()) == frozenset()


def test_group_rows_leave_out_oneself() -> None:
    """The teacher does not observe themselves."""
    users = people(a_user("t", "Tina", "teacher"), a_user("a", "Ada"))

    (row,) = group_rows([a_group("g", "1a", "t", "a")], users, Scene(counts={}, my_id="t"))

    assert [person["name"] for person in row["people"]] == ["Ada"]


def test_group_rows_list_people_without_a_group_for_an_admin_only() -> None:
    """Who is in no group appears where everybody may be seen."""
    users = people(a_user("a", "Ada"))

    assert group_rows([], users, Scene(counts={})) == []
    (row,) = group_rows([], users, Scene(counts={"a": 1}, sees_everybody=True))
    assert (row["name"], row["about"]) == (WITHOUT_GROUP, "1 of 1 here · 1 connection")


def test_group_rows_skip_members_who_are_not_known() -> None:
    """A group may name people of whom nothing is known yet."""
    (row,) = group_rows([a_group("g", "1a", "ghost")], {}, Scene(counts={}))

    assert row["people"] == []


def test_a_person_without_a_name_is_called_by_email() -> None:
    """Nobody is nameless."""
    (row,) = group_rows([a_group("g", "1a", "a")], people(a_user("a")), Scene(counts={}))

    assert row["people"][0]["name"] == "a@x.example"


def test_document_rows_show_the_newest_first() -> None:
    """The document that changed last stands on top; without a slug it is called as it calls itself, or by its root."""

    def summary(document_id: str, updated_at: str, root_name: str | None) -> DocumentSummary:
        return DocumentSummary(
            id=document_id,
            author_id="a",
            type="code",
            parent_id=None,
            document_root_id="12345678-0000",
            created_at=NOW,
            updated_at=updated_at,
            root_name=root_name,
        )

    old, new = summary("d1", "2026-01-01", "fib"), summary("d2", "2026-01-02", None)
    room = "12345678-0000"
    scene = Scene(counts={room: 2}, joined={room}, observed={room}, opened={"d1"})

    last_run = msgspec.structs.replace(new, id="d3", type="last_run", parent_id="d2")
    named = {"type": "simple_chat", "updated_at": "2026-01-03"}
    chat = msgspec.structs.replace(new, id="d4", data={"name": "Group 1"}, **named)
    unnamed = [msgspec.structs.replace(chat, id=f"d{data}", data={"name": data}) for data in ("", 7)]

    rows = document_rows([old, new, last_run, chat, *unnamed], scene)

    assert sorted(row["name"] for row in rows[:3]) == ["Group 1", "root 12345678", "root 12345678"]
    assert [(row["name"], row["is_open"], row["connections"]) for row in rows[3:]] == [
        ("root 12345678", False, 1),
        ("fib", True, 1),
    ]


def test_document_rows_say_which_file_a_text_is_in() -> None:
    """By the names down to it, and of comments what they are about; what is stored oddly has none, a circle an end."""

    def summary(document_id: str, type_name: str, parent_id: str | None, data: Any = UNSET) -> DocumentSummary:
        rest: dict[str, Any] = {"root_name": "project", "created_at": "1", "updated_at": "5", "document_root_id": "r"}
        return DocumentSummary(id=document_id, author_id="a", type=type_name, parent_id=parent_id, data=data, **rest)

    listed = [
        summary("top", "dir", None, {"name": "My project"}),
        summary("src", "dir", "top", {"name": "src"}),
        summary("file", "file", "src", {"name": "main.py"}),
        summary("text", "code", "file"),
        summary("odd", "file", "top", [7]),
        summary("in odd", "code", "odd"),
        summary("one", "file", "two", {"name": "1"}),
        summary("two", "dir", "one", {"name": "2"}),
        summary("round", "code", "one"),
        summary("alone", "code", None),
        summary("thread", "mdx_comment", None, {"about": "text"}),
        summary("lost", "mdx_comment", None, {"about": "gone"}),
    ]
    names = {row["id"]: row["name"] for row in document_rows(listed, Scene(counts={}))}

    texts = [names[each] for each in ("text", "in odd", "round", "alone", "src")]
    assert texts == ["project: src/main.py", "project: ?", "project: 2/1", "project", "project"]
    assert (names["thread"], names["lost"]) == ("project: src/main.py", "project")


def test_a_thread_is_called_as_the_document_that_it_is_about() -> None:
    """Comments of staff on somebody's own document lie below a root without a name."""

    def summary(document_id: str, type_name: str, root_name: str | None, data: Any = UNSET) -> DocumentSummary:
        rest: dict[str, Any] = {"created_at": "1", "updated_at": "5", "document_root_id": "12345678-1"}
        return DocumentSummary(
            id=document_id, author_id="a", type=type_name, parent_id=None, root_name=root_name, data=data, **rest
        )

    listed = [
        summary("essay", "string", "essay"),
        summary("thread", "mdx_comment", None, {"about": "essay"}),
        summary("shared", "mdx_comment", "poem", {"about": "essay"}),
        summary("gone", "mdx_comment", None, {"about": "gone", "name": 5}),
        summary("round", "mdx_comment", None, {"about": "round"}),
        summary("odd", "mdx_comment", None, {"about": ["essay"]}),
    ]
    names = {row["id"]: row["name"] for row in document_rows(listed, Scene(counts={}))}

    assert [names[each] for each in ("thread", "shared")] == ["essay", "poem"]
    assert {names[each] for each in ("gone", "round", "odd")} == {"root 12345678"}


def test_a_change_is_put_into_the_list_where_it_is_newer_and_short() -> None:
    """An older one, a long one, and one of a live text leave what is known; other documents stay as they are."""

    def summary(document_id: str, type_name: str = "task_state") -> DocumentSummary:
        rest: dict[str, Any] = {"parent_id": None, "root_name": None, "created_at": "1", "updated_at": "5"}
        return DocumentSummary(
            id=document_id,
            author_id="a",
            type=type_name,
            document_root_id="r",
            data={"state": "unset"},
            **rest,
        )

    listed = (summary("d1"), summary("d2"), msgspec.structs.replace(summary("d3", "code"), data=UNSET))
    asked = {"state": "question"}

    assert with_change(listed, NewData("d1", asked, "4")) == listed
    assert with_change(listed, NewData("other", asked, "6")) == listed
    first, second, _ = with_change(listed, NewData("d1", asked, "6"))
    assert (first.data, first.updated_at, second) == (asked, "6", listed[1])
    assert with_change(listed, NewData("d2", {"state": "x" * 3_000}, "6"))[1].data is UNSET
    assert with_change(listed, NewData("d3", {"code": "x"}, "6"))[2].data is UNSET
