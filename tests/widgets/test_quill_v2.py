"""Formatted text from kernel to kernel, and with programs that know its Delta alone, with a real hub."""

from __future__ import annotations

import json
from typing import Any

import pytest
from traitlets import TraitError

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema import wire
from teaching_nb.schema.delta import EMPTY, from_markdown
from teaching_nb.schema.limits import FORMATTED_TEXT_BYTES
from teaching_nb.widgets.quill_v2 import RichTextWidget
from tests.harness.backend_school import BackendSchool, a_present_school
from tests.harness.classrooms import ConnectAs
from tests.harness.offline import offline_model
from tests.harness.waiting import wait_until, wait_value

__all__ = ["a_present_school"]

RED: dict[str, Any] = {"ops": [{"insert": "warm", "attributes": {"color": "red", "bold": True}}, {"insert": " day\n"}]}


def a_text(room: Classroom, init: str = "# One\ntwo") -> RichTextWidget:
    """Open the shared text, and wait for the hub."""
    widget = tnb.richtext("notes", init=init, shared=True, room=room)
    widget.model.wait_loaded(30)
    return widget


def stored(room: Classroom, widget: RichTextWidget) -> Any:
    """Return what the hub has."""
    found = room._loop.ask(room._rest.document(widget.model.id))
    assert found is not None
    return found.document.data


def put(room: Classroom, widget: RichTextWidget, data: Any) -> None:
    """Store data as a program of the existing system does: as a whole, whatever others have written."""
    room._loop.ask(room._rest._request("PUT", f"/documents/{widget.model.id}", {"data": data}))


def test_two_write_markdown_and_other_programs_find_the_delta(alice: Classroom, bob: Classroom) -> None:
    """Simultaneous changes of two kernels are both in the text, and in the Delta at the hub."""
    mine, theirs = a_text(alice), a_text(bob)
    wait_until(lambda: theirs.model.markdown == "# One\ntwo", "both have the text")

    mine.model.edit(lambda text: text.replace("One", "**One**"))
    theirs.model.edit(lambda text: text + " *three*")
    for widget in (mine, theirs):
        widget.model.wait_saved(30)

    both = "# **One**\ntwo *three*"
    wait_until(lambda: mine.model.markdown == theirs.model.markdown == both, "both have both")
    wait_until(lambda: stored(alice, mine) == {"delta": from_markdown(both), "markdown": both}, "so has the hub")
    assert mine.model.delta == from_markdown(both)


def test_what_another_program_stores_is_merged(alice: Classroom, bob: Classroom) -> None:
    """It writes the Delta alone; what was typed meanwhile is kept, and keys that nobody knows too."""
    mine = a_text(alice)

    put(bob, mine, {"delta": from_markdown("# One, and more\ntwo"), "theirs": [1]})
    mine.model.edit(lambda text: text + "\nthree")
    mine.model.wait_saved(30)

    both = "# One, and more\ntwo\nthree"
    wait_until(lambda: mine.model.markdown == both, "both changes are in the text")
    wait_until(
        lambda: stored(bob, mine) == {"delta": from_markdown(both), "markdown": both, "theirs": [1]}, "at the hub"
    )


def test_a_delta_that_markdown_cannot_say_is_shown_and_never_rewritten(alice: Classroom, bob: Classroom) -> None:
    """It becomes read only with the reason while it is open; nothing that is tried here changes it."""
    mine = a_text(alice)
    put(bob, mine, {"delta": RED, "theirs": 1})
    wait_until(lambda: mine.access == "RO_User", "the page is told")

    assert mine.save_state == "read-only"
    assert "it has text with color. It is shown here, and never rewritten." in mine.notice
    assert (mine.stored, mine.as_text()) == ("**warm** day", "**warm** day")
    for attempt in (lambda: setattr(mine.model, "markdown", "x"), lambda: mine.model.edit(lambda text: text + "x")):
        with pytest.raises(InvalidInput, match="this text has text with color"):
            attempt()
    assert stored(alice, mine)["delta"] == RED
    later = a_text(alice)
    assert later.notice == mine.notice

    mine.model.delta = from_markdown("plain **again**")
    mine.model.wait_saved(30)
    wait_until(lambda: (mine.access[:2], mine.notice, mine.model.markdown) == ("RW", "", "plain **again**"), "editable")


def test_a_document_of_the_existing_system_is_opened_with_its_text(alice: Classroom, bob: Classroom) -> None:
    """It has no Markdown before; opening it changes nothing of what is stored."""
    model = alice.document("old", type="quill_v2", shared=True)
    model.wait_loaded(30)
    place = alice.documents_below(model.root_id)
    document_id = place.add({"delta": from_markdown("- [x] **done**")}, "quill_v2")

    theirs = RichTextWidget(bob.open_document(document_id))  # type: ignore[arg-type]
    theirs.model.wait_loaded(30)

    wait_until(lambda: theirs.model.markdown == "- [x] **done**", "the text is there")
    assert stored(bob, theirs)["delta"] == from_markdown("- [x] **done**")
    assert theirs.notice == ""


def test_the_existing_backend_gets_the_delta(a_present_school: BackendSchool) -> None:
    """There each kernel stores both forms, and merges what comes in the other one."""
    rooms = [a_present_school.connect(each) for each in (a_present_school.sam, a_present_school.sue)]
    mine, theirs = (a_text(room, init="one\ntwo") for room in rooms)

    mine.model.markdown = "one\n**two**"
    mine.model.wait_saved(30)
    wait_until(lambda: theirs.model.markdown == "one\n**two**", "the other one sees it")
    assert a_present_school.backend.data(mine.model.id)["delta"] == from_markdown("one\n**two**")

    put(rooms[1], theirs, {"delta": from_markdown("*one*\n**two**")})
    wait_until(lambda: mine.model.markdown == "*one*\n**two**", "a Delta alone is understood")


FEWER_WORDS: list[dict[str, Any]] = [{}, {"markdown": "one"}, {"delta": from_markdown("one")}]


@pytest.mark.parametrize("website", FEWER_WORDS)
def test_nobody_completes_what_the_website_has_stored(a_present_school: BackendSchool, website: dict[str, Any]) -> None:
    """What says the same in fewer words is left as it is until somebody changes something."""
    backend, sam = a_present_school.backend, a_present_school.sam
    mine = a_text(a_present_school.connect(sam), init="one\ntwo")
    mine.model.wait_saved(30)
    backend.write(mine.model.id, sam, website)
    words = "one" if website else ""
    wait_until(lambda: mine.model.markdown == words, "it is shown")
    room = a_present_school.connect(sam)
    later = a_text(room, init="one\ntwo")
    assert later.model.markdown == words
    for each in (mine, later):
        wait_until(lambda each=each: each.model.save_state == "saved", "there is nothing to be saved")  # type: ignore[misc]
    # What is saved after it would come later.
    other: Any = room.document("other", type="task_state")
    other.state = "star"
    other.wait_saved(30)
    assert backend.data(mine.model.id) == website

    later.model.markdown += " and more"
    later.model.wait_saved(30)
    assert backend.data(mine.model.id)["markdown"] == f"{words} and more"


def test_the_existing_backend_keeps_a_delta_that_no_markdown_says(a_present_school: BackendSchool) -> None:
    """What the website stores after a save of the notebook is shown, and stays: nobody here has changed anything."""
    room = a_present_school.connect(a_present_school.sam)
    mine = a_text(room, init="hello **you**")
    mine.model.markdown = "hello there"
    mine.model.wait_saved(30)
    website = {"delta": RED, "more": [1]}

    a_present_school.backend.write(mine.model.id, a_present_school.sue, website)
    wait_until(lambda: "color" in mine.model.why_read_only, "it is shown and no more")
    room._loop.ask(room._rest.document(mine.model.id))

    assert (mine.model.readable, mine.model.gate.facts.note, mine.model.save_state) == ("**warm** day", "", "saved")
    assert mine.model.conflict is None
    assert a_present_school.backend.data(mine.model.id) == website


def test_edits_wait_beside_a_delta_that_no_markdown_says(a_present_school: BackendSchool) -> None:
    """Neither is lost when the website stores one while something here is unsaved."""
    mine = a_text(a_present_school.connect(a_present_school.sam), init="hello")
    mine.model.wait_saved(30)
    a_present_school.backend.api.is_broken = True
    mine.model.markdown = "hello there"

    a_present_school.backend.write(mine.model.id, a_present_school.sue, {"delta": RED})
    wait_until(lambda: "color" in mine.model.why_read_only, "it is shown and no more")
    a_present_school.backend.api.is_broken = False

    wait_until(lambda: mine.model.conflict is not None, "the own text waits")
    assert mine.model.conflict
    assert mine.model.conflict.mine == "hello there"
    assert a_present_school.backend.data(mine.model.id) == {"delta": RED}


def test_a_delta_is_replaced_on_purpose_at_the_existing_backend(a_present_school: BackendSchool) -> None:
    """By assigning another one: one that Markdown says is the text then."""
    mine = a_text(a_present_school.connect(a_present_school.sam), init="hello")
    for new, text in ((from_markdown("*new*"), "*new*"), (RED, ""), (from_markdown("plain"), "plain")):
        mine.model.delta = new
        wait_value(mine.model, "markdown", text)
        mine.model.wait_saved(30)

        stored = a_present_school.backend.data(mine.model.id)
        assert (stored["delta"], bool(mine.model.why_read_only)) == (new, new == RED)


def test_what_markdown_says_comes_without_a_note(a_present_school: BackendSchool) -> None:
    """Nothing of the website is replaced by a text that nobody here has changed."""
    mine = a_text(a_present_school.connect(a_present_school.sam), init="hello")
    mine.model.markdown = "hello there"
    mine.model.wait_saved(30)
    website = {"delta": {"ops": [{"insert": "plain "}, {"insert": "again\n"}]}}

    a_present_school.backend.write(mine.model.id, a_present_school.sue, website)
    wait_until(lambda: mine.model.markdown == "plain again", "it is heard")

    assert (mine.model.gate.facts.note, mine.model.delta) == ("", website["delta"])
    assert a_present_school.backend.data(mine.model.id) == website


def test_a_text_that_nobody_has_written_is_empty(connect_as: ConnectAs) -> None:
    """In both forms; a wrong Delta is refused with what is allowed."""
    model = offline_model("quill_v2", None)
    assert (model.markdown, model.delta, model.why_read_only) == ("", EMPTY, "")

    model.markdown = "**b**"
    assert model.delta == from_markdown("**b**")
    for wrong in (7, {"ops": 1}, {"ops": [{"insert": 1}]}):
        with pytest.raises(InvalidInput, match=r'delta is \{"ops"'):
            model.delta = wrong
    model.delta = RED
    wait_until(lambda: "color" in model.why_read_only, "it is shown and no more")


def test_a_text_that_is_too_long_is_refused_where_it_is_assigned(alice: Classroom) -> None:
    """With its size and the limit; the text stays, and so does what another program stores that is too long."""
    mine = a_text(alice)
    long = "x" * (FORMATTED_TEXT_BYTES + 1)

    for attempt in (
        lambda: setattr(mine.model, "markdown", long),
        lambda: mine.model.edit(lambda text: text + long),
        lambda: setattr(mine.model, "data", {"markdown": long}),
    ):
        with pytest.raises(TraitError, match=r"the text has \d+ bytes, the limit is 100000: shorten it"):
            attempt()
    with pytest.raises(TooLarge, match="the limit is 100000"):
        tnb.richtext("other", init=long, room=alice)
    assert mine.model.markdown == "# One\ntwo"

    delta = {"ops": [{"insert": "line\n"}] * 21_000}
    put(alice, mine, {"delta": delta})
    wait_until(lambda: mine.access == "RO_User", "the page is told")
    assert "it is longer than 100,000 characters, so that only its beginning is drawn." in mine.notice
    assert mine.stored.startswith("line\nline\n")
    assert len(mine.stored) <= FORMATTED_TEXT_BYTES + 2
    assert stored(alice, mine)["delta"] == delta


UNENDED: list[tuple[Any, str]] = [
    ({"ops": []}, ""),
    ({"ops": [{"insert": "# one"}]}, "\\# one"),
    ({"ops": [{"insert": "b", "attributes": {"bold": True}}]}, "**b**"),
]
"""What people write in Python, who do not know that the last line has an end; and the Markdown of it."""


@pytest.mark.parametrize(("unended", "text"), UNENDED)
def test_a_delta_that_is_given_without_its_last_end_locks_nobody_out(unended: Any, text: str, alice: Classroom) -> None:
    """Assigned, in `data`, in `init`, or added to what is below: it is stored with it, and can be edited."""
    whole = from_markdown(text)
    mine = a_text(alice)

    mine.model.delta = unended
    wait_until(lambda: (mine.model.delta, mine.model.markdown) == (whole, text), "the text is what was assigned")
    mine.model.markdown = "meanwhile"
    mine.model.wait_saved(30)
    wait_until(lambda: mine.model.data["delta"] == from_markdown("meanwhile"), "the data have it")
    mine.model.data = {"delta": unended, "more": 1}
    mine.model.wait_saved(30)

    wait_until(lambda: stored(alice, mine) == {"delta": whole, "markdown": text, "more": 1}, "the hub has it whole")
    assert (mine.access[:2], mine.notice) == ("RW", "")
    for init in (unended, {"delta": unended}):
        made: Any = alice.document(wire.new_id(), type="quill_v2", init=init)
        made.wait_loaded(30)
        assert (made.data, made.why_read_only) == ({"delta": whole, "markdown": text}, "")
        place = alice.documents_below(made)
        below = place.add({"delta": unended}, "quill_v2")
        assert place.read(below).data["delta"] == whole
        place.change(below, {"delta": from_markdown("before")})
        place.change(below, {"delta": unended})
        assert place.read(below).data["delta"] == whole


def test_what_is_no_delta_is_refused_where_it_is_given(alice: Classroom) -> None:
    """In `data` and `init` too: it would make one's own text read only. What another program has stored stays."""
    mine = a_text(alice)
    for wrong in (5, {"ops": [{"insert": 5}]}, {"ops": [{"insert": "a\n"}, {"retain": 3}]}):
        with pytest.raises(TraitError, match=r'delta is \{"ops"'):
            mine.model.data = {"delta": wrong}
        with pytest.raises(InvalidInput, match=r'delta is \{"ops"'):
            tnb.richtext("other", init={"delta": wrong}, room=alice)  # type: ignore[arg-type]
    with pytest.raises(TooLarge, match=r"longer than 100,000 characters.*: shorten it"):
        mine.model.delta = {"ops": [{"insert": "x" * 2 * FORMATTED_TEXT_BYTES + "\n"}]}
    assert mine.model.markdown == "# One\ntwo"

    put(alice, mine, {"delta": 5})
    wait_until(lambda: mine.access == "RO_User", "another program has stored it")
    mine.model.data = {"delta": 5, "beside": 1}
    mine.model.wait_saved(30)
    wait_until(lambda: stored(alice, mine)["beside"] == 1, "what is beside it can be changed")


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        (5, '"delta": 5'),
        ({"ops": [{"insert": 5}]}, '"insert": 5'),
        ({"ops": [{"insert": "a ``` b"}, {"retain": 3}]}, '"insert": "a ``` b"'),
        ({"ops": []}, '"ops": []'),
    ],
)
def test_a_delta_that_says_no_text_is_shown_as_it_is_stored(odd: Any, shown: str, alice: Classroom) -> None:
    """In the place of the editor and in exports, with what to do next; and that mends it."""
    mine = a_text(alice)
    put(alice, mine, {"delta": odd})
    wait_until(lambda: mine.access == "RO_User", "the page is told")

    lines = mine.stored.split("\n")
    assert lines[0] == lines[-1] == ("````" if "```" in shown else "```"), "as code, in which nothing is Markdown"
    assert json.loads("\n".join(lines[1:-1]))["delta"] == odd
    assert shown in mine.as_text()
    assert mine.notice.endswith("its author by assigning `.model.delta` in Python.")
    with pytest.raises(InvalidInput, match=r"can replace it by assigning `\.model\.delta`"):
        mine.model.markdown = "x"

    mine.model.delta = from_markdown("mended")
    mine.model.wait_saved(30)

    wait_until(lambda: (mine.access[:2], mine.stored, mine.notice) == ("RW", "", ""), "it can be edited again")
    assert mine.as_text() == "mended"
