"""Chat rooms that are made at run time, from kernel to kernel, with a real hub."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.client.link.rest import Seen
from teaching_nb.client.models.chat_rooms import LONGEST_NAME
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected, NotFound
from teaching_nb.schema import wire
from teaching_nb.widgets.dynamic_document_roots import ChatRoomsWidget
from teaching_nb.widgets.named import group_named
from tests.harness.cast import ADMIN, ALICE, BOB, TEACHER, TEACHER2
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_until
from tests.widgets.recording import Sent
from tests.widgets.test_simple_chat import ask


def opened(room: Classroom, slug: str = "rooms") -> ChatRoomsWidget:
    """Open the chat rooms, and wait for the hub."""
    widget = tnb.chat_rooms(slug, title="Rooms", room=room)
    widget.model.wait_loaded(30)
    widget.chat_rooms.wait_loaded(30)
    return widget


def names(widget: ChatRoomsWidget) -> list[str]:
    """Return what the rooms are called that a page is told of."""
    return [each["name"] for each in ask(widget, "rooms")["value"]["rooms"]]


def wait_names(widget: ChatRoomsWidget, *wanted: str) -> None:
    """Wait until a page is told of these rooms."""
    wait_until(lambda: names(widget) == list(wanted), f"{wanted}: {names(widget)}")


def talk(widget: ChatRoomsWidget, name: str) -> list[tuple[str, str]]:
    """Return who has said what in a room, as a page is told."""
    room_id = next(each.id for each in widget.rooms if each.name == name)
    return [(each["name"], each["text"]) for each in ask(widget, "rooms", room=room_id)["value"]["messages"]]


def all_that_is_known(room: Classroom, widget: ChatRoomsWidget) -> str:
    """Return all that somebody's kernel holds of documents, and all that a page of theirs may ask for."""
    kept = [each.collection.records for each in room._collections._kept()]
    told = [ask(widget, "rooms", room=each) for each in widget.model.data["documentRootIds"]]
    plain = wire.to_plain([kept, list(room.roots)])
    return json.dumps([plain, told, dict(widget.get_state()), widget.written(), widget.model.data], default=str)


def test_a_room_appears_for_those_who_take_part_and_for_nobody_else(
    tina: Classroom, alice: Classroom, bob: Classroom, connect_as: ConnectAs
) -> None:
    """They talk at once, in order; nothing of it reaches another student's kernel or page; a later kernel finds it."""
    staff, mine, theirs = opened(tina), opened(alice), opened(bob)
    assert (mine.save_state, mine.is_staff, staff.is_staff) == ("saved", False, True)

    made = staff.add("For Alice", people=["Alice Adams"])
    wait_names(mine, "For Alice")
    mine.say("For Alice", "  only we two?\n")
    wait_until(lambda: talk(staff, "For Alice") == [("Alice Adams", "only we two?")], "the teacher hears it")
    assert ask(staff, "say", room=made.id, text="yes")["refusal"] == ""
    said = [("Alice Adams", "only we two?"), ("Tina Teacher", "yes")]
    wait_until(lambda: talk(mine, "For Alice") == said, "the student hears it")

    # Whoever has heard of a room that was made later has heard of all before it.
    staff.add("For the class", groups=["classA"])
    wait_names(theirs, "For the class")
    wait_names(mine, "For Alice", "For the class")
    known = all_that_is_known(bob, theirs)
    assert made.id in known, "the list names roots to everybody"
    heard_of = bob.roots.get(made.id)
    assert heard_of is None or not (heard_of.user_permissions or heard_of.group_permissions)
    for secret in ("For Alice", "only we two", staff.rooms[0].container_id):
        assert secret not in known
    with pytest.raises(NotFound, match="no chat room 'For Alice' in which you take part; there are For the class"):
        theirs.say("For Alice", "let me in")
    for refused in (Forbidden, NotFound):
        body = {"type": "text_message", "documentRootId": made.id, "data": {"text": "x"}}
        parent = {"parentId": staff.rooms[0].container_id} if refused is NotFound else {}
        with pytest.raises(refused):
            bob._loop.ask(bob._rest.create_document({**body, **parent}))

    again = opened(connect_as(ALICE))
    # What people are called comes a moment later.
    wait_until(lambda: talk(again, "For Alice") == said, "a later kernel finds all of it")


def test_everybody_takes_part_where_a_teacher_says_so(tina: Classroom, bob: Classroom, connect_as: ConnectAs) -> None:
    """Also whoever is in another class, and comes later."""
    opened(tina).add("All of us", everybody=True)
    theirs = opened(bob)

    wait_names(theirs, "All of us")
    theirs.say("All of us", "hello")
    other = opened(connect_as("student3"))
    wait_names(other, "All of us")
    wait_until(lambda: talk(other, "All of us") == [("somebody", "hello")], "they read it, and do not know who it is")


def test_everybody_is_whoever_may_come_to_the_place(
    tina: Classroom, alice: Classroom, bob: Classroom, connect_as: ConnectAs, a_hub: HubProcess
) -> None:
    """Where that is one class, but for one student, so is the room: the other class and that student stay outside."""
    staff, mine = opened(tina), opened(alice)
    place, bob_id = staff.model.root_id, a_hub.person(BOB).id
    tina.permissions.permit_group(place, group_named(tina, "classA").id, "RW")
    tina.permissions.permit_user(place, bob_id, "None")
    a_hub.ask("PUT", f"/documentRoots/{place}", ADMIN, {"access": "None_DocumentRoot"})

    room = staff.add("Ours", everybody=True)
    wait_names(mine, "Ours")
    mine.say("Ours", "hello")

    message = {"type": "text_message", "documentRootId": room.id, "data": {"text": "x"}}
    for outside in (bob, connect_as("student3")):
        found = outside._loop.ask(outside._rest.root(room.id))
        assert found is not None
        assert found.documents == []
        with pytest.raises(NotFound):
            outside._loop.ask(outside._rest.create_document({**message, "parentId": room.container_id}))
        with pytest.raises(Forbidden):
            outside._loop.ask(outside._rest.create_document(message))


def test_who_takes_part_is_changed_while_the_lesson_runs(tina: Classroom, alice: Classroom, bob: Classroom) -> None:
    """Let in, shut out and renamed: pages of all are told at once, and a kernel forgets what it may see no more."""
    staff, mine, theirs = opened(tina), opened(alice), opened(bob)
    room = staff.add("Group", people=["Alice Adams"])
    wait_names(mine, "Group")
    mine.say("Group", "before Bob came")
    staff.let_in("Group", people=["Bob Brown"])
    wait_names(theirs, "Group")
    wait_until(lambda: len(talk(theirs, "Group")) == 1, "Bob reads what was said before")
    theirs.say("Group", "I am here")

    assert ask(staff, "change_room", room=room.id, name="Pair", people=[theirs._user().id])["refusal"] == ""  # type: ignore[union-attr]

    wait_names(theirs, "Pair")
    wait_names(mine)
    wait_until(lambda: "before Bob" not in all_that_is_known(alice, mine), "Alice's kernel has forgotten it")
    both = [("Alice Adams", "before Bob came"), ("Bob Brown", "I am here")]
    wait_until(lambda: talk(staff, "Pair") == both, "the teacher has all that was said")
    shown = ask(staff, "room_people", room=room.id)["value"]
    people = {each["name"]: each["takesPart"] for group in shown["groups"] for each in group["people"]}
    assert (people, shown["isForEverybody"]) == ({"Alice Adams": False, "Bob Brown": True}, False)
    assert [group["takesPart"] for group in shown["groups"]] == [False]
    assert ask(staff, "room_people")["value"]["groups"][0]["people"][1] == {
        "id": bob.user.id,  # type: ignore[union-attr]
        "name": "Bob Brown",
        "takesPart": False,
    }


def test_whoever_leaves_a_group_leaves_its_rooms(
    tina: Classroom, connect_as: ConnectAs, a_hub: HubProcess, request: pytest.FixtureRequest
) -> None:
    """And comes back with the group."""
    staff, carol = opened(tina), connect_as("student3")
    theirs, carol_id = opened(carol), a_hub.person("student3").id
    group_id = group_named(tina, "classA").id
    path = f"/studentGroups/{group_id}/members/{carol_id}"
    request.addfinalizer(lambda: a_hub.ask("DELETE", path, ADMIN))
    staff.add("Class", groups=["classA"])

    a_hub.ask("POST", path, ADMIN)
    wait_names(theirs, "Class")
    a_hub.ask("DELETE", path, ADMIN)

    wait_names(theirs)


def test_a_closed_room_is_gone_for_all(tina: Classroom, alice: Classroom, connect_as: ConnectAs) -> None:
    """With what was said; the list names it no more."""
    staff, mine = opened(tina), opened(alice)
    room = staff.add("Short", people=["Alice Adams"])
    wait_names(mine, "Short")
    mine.say("Short", "hello")
    wait_until(lambda: len(talk(staff, "Short")) == 1, "the teacher reads it")

    assert ask(staff, "close_room", room=room.id)["refusal"] == ""

    wait_names(mine)
    assert names(staff) == []
    wait_until(lambda: mine.model.data["documentRootIds"] == [], "the list names nothing")
    later = connect_as(ALICE)
    found = later._loop.ask(later._rest.root(room.id))
    assert found is not None
    assert found.documents == []
    assert "there is no chat room" in ask(mine, "say", room=room.id, text="still?")["refusal"]


def test_two_teachers_at_once_lose_no_room(tina: Classroom, alice: Classroom, connect_as: ConnectAs) -> None:
    """The second one lets themself in, and what both add at the same moment is on the list; each sees their own."""
    first, second, mine = opened(tina), opened(connect_as(TEACHER2)), opened(alice)
    again = opened(connect_as(TEACHER))
    wanted = [(first, "a"), (second, "b"), (again, "c")]
    with ThreadPoolExecutor(3) as pool:
        for round_ in "12":
            made = pool.map(lambda pair: pair[0].add(pair[1] + round_, everybody=True), wanted)  # noqa: B023 - awaited
            assert len(list(made)) == 3

    for widget in (first, second, again, mine):
        wait_until(lambda: len(names(widget)) == 6, f"all six rooms: {names(widget)}")  # noqa: B023 - called at once
        assert sorted(names(widget)) == ["a1", "a2", "b1", "b2", "c1", "c2"]
    second.remove("b1")
    wait_until(lambda: len(mine.rooms) == 5, "the second teacher closes their own")
    with pytest.raises(Forbidden):
        second.remove("a1")
    assert "a1" in names(second)


def test_students_make_and_change_nothing(tina: Classroom, alice: Classroom) -> None:
    """The kernel says so, and the hub refuses a program that asks all the same."""
    staff, mine = opened(tina), opened(alice)
    staff.add("Group", people=["Alice Adams"])
    wait_names(mine, "Group")

    for refused in (
        lambda: mine.add("Mine", everybody=True),
        lambda: mine.rename("Group", "Mine"),
        lambda: mine.let_in("Group", people=["Bob Brown"]),
        lambda: mine.remove("Group"),
    ):
        with pytest.raises(Forbidden, match="only teachers"):
            refused()
    container_id = mine.rooms[0].container_id
    with pytest.raises(Forbidden, match="by whoever has made it, or by a teacher"):
        alice._loop.ask(alice._rest.save(container_id, {"name": "Mine"}, Seen(None, 0, None)))
    assert names(staff) == ["Group"]
    with pytest.raises(Forbidden):
        alice._loop.ask(alice._rest.delete_document(container_id))
    with pytest.raises(Forbidden):
        alice._loop.ask(alice._rest.permit_user(mine.rooms[0].id, alice.user.id, "RW_User"))  # type: ignore[union-attr]
    with pytest.raises(Forbidden):
        alice._loop.ask(alice._rest.save(mine.model.id, {}, Seen(None, 0, None)))


def test_before_a_teacher_has_come_there_is_nothing(tina: Classroom, alice: Classroom) -> None:
    """It appears by itself."""
    mine = tnb.chat_rooms("early", room=alice)
    wait_until(lambda: ask(mine, "rooms")["value"]["isLoaded"], "nobody has opened it")
    wait_until(lambda: (mine.save_state, mine.notice) == ("saved", ""), "which is nothing to be told of")
    assert names(mine) == []

    opened(tina, "early").add("Now", people=["Alice Adams"])

    wait_names(mine, "Now")


def test_lists_of_the_version_of_2025_are_understood(tina: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """Rooms with a name on the list and no container are used, renamed and taken off; all else stays as it is."""
    room_id, staff = wire.new_id(), opened(tina, "old")
    tina._loop.ask(tina._rest.create_root(room_id, {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}))
    entry = {"id": room_id, "name": "From before", "type": "text_messages"}
    odd = {"id": "no uuid", "name": "?"}
    staff.model.data = {"documentRoots": [entry, odd], "theirs": {"a": 1}}
    staff.model.wait_saved(30)
    theirs = opened(bob, "old")

    wait_names(theirs, "From before")
    theirs.say("From before", "hello")
    wait_names(staff, "From before")
    wait_until(lambda: talk(staff, "From before") == [("Bob Brown", "hello")], "the teacher reads it")
    staff.add("New", everybody=True)
    staff.rename("From before", "Before")
    wait_names(theirs, "Before", "New")
    stored = a_hub.ask("GET", f"/documents/{staff.model.id}", TEACHER)["document"]["data"]
    assert stored == {
        "documentRoots": [{**entry, "name": "Before"}, odd],
        "theirs": {"a": 1},
        "containerType": "simple_chat",
        "documentRootIds": [staff.rooms[1].id],
    }
    staff.remove("Before")
    wait_names(theirs, "New")
    stored = a_hub.ask("GET", f"/documents/{staff.model.id}", TEACHER)["document"]["data"]
    assert (stored["documentRoots"], stored["theirs"]) == ([odd], {"a": 1})


def test_pages_are_told_and_no_file_holds_anything(tina: Classroom, alice: Classroom) -> None:
    """A page that shows the rooms asks again; neither state nor output has a word of them."""
    staff, mine = opened(tina), opened(alice)
    mine.send = sent = Sent()

    staff.add("Forty-two", people=["Alice Adams"])

    assert sent.wait("content_changed") == {"kind": "content_changed", "buffers": []}
    wait_names(mine, "Forty-two")
    mine.say("Forty-two", "a secret")
    wait_until(lambda: len(talk(staff, "Forty-two")) == 1, "it is said")
    for widget in (mine, staff):
        written = json.dumps([dict(widget.get_state()), widget.written()], default=str)
        assert not any(word in written for word in ("Forty-two", "secret", mine.rooms[0].id))


def test_what_is_new_is_told_by_times(tina: Classroom, alice: Classroom) -> None:
    """A page counts what others have said in rooms that it does not show."""
    staff, mine = opened(tina), opened(alice)
    staff.add("Group", people=["Alice Adams"])
    wait_names(mine, "Group")
    staff.say("Group", "one")
    mine.say("Group", "two")
    wait_until(lambda: len(talk(mine, "Group")) == 2, "both are here")

    (row,) = ask(mine, "rooms")["value"]["rooms"]
    assert row["news"] == [each.created_at for each in mine.rooms[0].messages if each.data == {"text": "one"}]
    message_id = next(each.id for each in mine.rooms[0].messages if each.data == {"text": "one"})
    assert "deleting this message did not work" in ask(mine, "unsay", id=message_id)["refusal"]
    assert ask(staff, "unsay", id=message_id)["refusal"] == ""
    wait_until(lambda: talk(mine, "Group") == [("Alice Adams", "two")], "it is gone for Alice")


def test_it_is_watched_from_the_overview(tina: Classroom, connect_as: ConnectAs) -> None:
    """Whoever opens the list of a teacher there sees the rooms in which they take part themselves."""
    staff = opened(tina)
    staff.add("Alice alone", people=["Alice Adams"])
    for room, wanted in ((tina, ["Alice alone"]), (connect_as(ADMIN), [])):
        overview = tnb.rooms(room=room)
        overview.open_document(staff.model.id)
        shown = overview._shown[staff.model.id]
        assert isinstance(shown, ChatRoomsWidget)
        shown.model.wait_loaded(30)
        shown.chat_rooms.wait_loaded(30)
        assert (names(shown), shown.mark) == (wanted, {})
        overview.close()


def test_wrong_use_is_refused_in_words(tina: Classroom) -> None:
    """What is wrong, and what would be right; no half-made room is left."""
    staff = opened(tina)
    add: Any = staff.add
    for arguments, options, words in (
        ((" ",), {"everybody": True}, "a text that is not empty, not ' '"),
        ((7,), {"everybody": True}, "a text that is not empty, not 7"),
        (
            ("x" * (LONGEST_NAME + 1),),
            {"everybody": True},
            f"at most {LONGEST_NAME} characters, not 101",
        ),
        (("A",), {}, "say who takes part"),
        (("A",), {"everybody": True, "groups": ["classA"]}, "leave out people and groups"),
        (("A",), {"people": "Alice Adams"}, r"people are a list of names.*\['Alice Adams'\]"),
        (("A",), {"groups": "classA"}, "groups are a list"),
        (("A",), {"people": ["Zoe"]}, "nobody here is called 'Zoe'"),
        (("A",), {"groups": ["9z"]}, "you have no group '9z'; you have classA"),
        (("A",), {"groups": [7]}, "a group is named by its name or id, not by 7"),
        (("A",), {"people": [7]}, "each of people is a name, an e-mail address or a user id, not 7"),
    ):
        with pytest.raises(InvalidInput, match=words):
            add(*arguments, **options)
    staff.add("A", everybody=True)
    with pytest.raises(InvalidInput, match="there is a chat room “A” already"):
        staff.add(" A ", everybody=True)
    with pytest.raises(NotFound, match="no chat room 'B' in which you take part; there are A"):
        staff.remove("B")
    with pytest.raises(InvalidInput, match="you would shut yourself out"):
        staff.shut_out("A", people=["Tina Teacher"])
    # Carol is in no class of Tina's: the hub refuses, and what was made until then is taken back.
    with pytest.raises(Forbidden, match="groups that they lead, and people in them"):
        staff.add("C", people=["Carol Clark"])
    assert names(staff) == ["A"]
    assert len(staff.model.data["documentRootIds"]) == 1
    staff.model.data = {"containerType": "board", "documentRootIds": []}
    staff.model.wait_saved(30)
    with pytest.raises(InvalidInput, match="rooms of the type 'board', which another program makes"):
        staff.add("D", everybody=True)


def test_without_a_hub_nothing_is_shown_or_made() -> None:
    """A widget of a model that nobody has answered for refuses, and says why."""
    widget = tnb.chat_rooms("rooms", room=offline_classroom())

    empty = {"messages": [], "left": 0, "room": "", "rooms": [], "isLoaded": False, "problem": ""}
    assert ask(widget, "rooms")["value"] == empty
    assert "the hub has not answered" in ask(widget, "say", room="x", text="x")["refusal"]
    with pytest.raises(NotConnected):
        widget.add("A", everybody=True)
    watched = ChatRoomsWidget(offline_model("dynamic_document_roots", None), title="rooms of Tina")
    assert ask(watched, "rooms")["value"] == empty
    assert "without a classroom" in ask(watched, "room_people")["refusal"]


def test_people_and_groups_that_are_no_lists_are_refused(tina: Classroom) -> None:
    """With what is allowed, and nothing is made."""
    staff = opened(tina, "mistaken")
    for wrong in ({"people": 5}, {"people": "Ada"}, {"groups": 5}, {"groups": "9a"}):
        with pytest.raises(InvalidInput, match="are a list of names"):
            staff.add("Group", **wrong)
    assert names(staff) == []
