"""What a teacher opens, assesses and writes, and what a student sees of it, in two browsers."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from teaching_nb.schema.roots import root_id
from tests.browser.people import VIEWPORT, Person
from tests.harness.cast import TEACHER
from tests.harness.hub_process import HubProcess

SECRET = "The answer is **forty-two**."
OPTIONS = ["Venus", "Earth", "Mars"]


def show(person: Person, call: str) -> Locator:
    """Run a call in a new cell of a person's notebook; return what it shows."""
    return person.notebook.run(f"import teaching_nb as tnb\n{call}").node.locator(".tnb-widget")


def test_a_solution_is_opened_by_keyboard_and_appears(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """The student sees it as soon as it is open to the class, also after a reload, and no more when it is closed."""
    call = f"tnb.solution({a_slug!r}, title='Solution of task 7')"
    staff, again, mine = show(the_teacher, call), show(the_teacher, call), show(alice, call)
    expect(mine).to_contain_text("This is not open yet.")
    keyboard = the_teacher.notebook.page.keyboard

    staff.get_by_role("textbox", name="Text (Markdown)").focus()
    keyboard.type(SECRET)
    expect(staff.get_by_text("Saved", exact=True)).to_be_visible()
    expect(again.get_by_role("textbox")).to_have_value(SECRET)
    staff.screenshot(path=screenshots / "solution-staff.png")
    mine.screenshot(path=screenshots / "solution-closed.png")
    staff.get_by_role("checkbox", name="classA").focus()
    keyboard.press("Space")

    expect(mine.locator("strong")).to_have_text("forty-two")
    expect(staff).to_contain_text("sees it")
    mine.screenshot(path=screenshots / "solution-open.png")
    alice.notebook.save()
    alice.notebook.reload()
    mine = alice.notebook.page.locator(".tnb-widget")
    expect(mine.locator("strong")).to_have_text("forty-two")
    staff.get_by_role("combobox", name="Alice Adams").focus()
    keyboard.type("closed")
    expect(mine).to_contain_text("This is not open yet.")
    expect(mine).not_to_contain_text("forty-two")


def test_a_quiz_of_ten_questions_is_answered_and_assessed(
    the_teacher: Person, alice: Person, a_hub: HubProcess, a_slug: str, screenshots: Path
) -> None:
    """By keyboard alone; the student sees the points of each question as soon as the teacher has assessed it."""
    choices = [{"qid": f"q{number}", "ask": f"Question {number}?", "options": OPTIONS} for number in range(1, 9)]
    several = {"qid": "several", "ask": "Which of them have air?", "options": OPTIONS, "multiple": True, "points": 2}
    questions = [*choices, several, {"qid": "round", "ask": "The Earth is round."}]
    call = f"quiz = tnb.quiz({a_slug!r}, {questions!r}, title='Planets')\nquiz"
    staff, mine = show(the_teacher, call), show(alice, call)
    right = {**{question["qid"]: 1 for question in choices}, "several": [0, 1], "round": True}
    the_teacher.notebook.value(f"quiz.set_key({right!r})")
    keyboard = alice.notebook.page.keyboard

    for question in mine.locator("form").all():
        question.get_by_role("radio").or_(question.get_by_role("checkbox")).first.focus()
        keyboard.press("Space")
        keyboard.press("ArrowDown")
    expect(mine.get_by_role("radio", name="False")).to_be_checked()
    expect(mine.get_by_text("Saved", exact=True)).to_be_visible()
    (assessment,) = a_hub.ask("GET", f"/documentRoots/{root_id(a_slug)}/assessments", TEACHER)
    assert assessment["points"] == 8, assessment
    mine.screenshot(path=screenshots / "quiz-answered.png")
    staff.get_by_text("Class", exact=True).focus()
    the_teacher.notebook.page.keyboard.press("Enter")
    expect(staff).to_contain_text("8 of 11 points in all")
    staff.get_by_text("Correct answers").click()
    expect(staff.locator(".tnb-quiz-key").nth(9).get_by_role("radio", name="True")).to_be_checked()
    staff.screenshot(path=screenshots / "quiz-staff.png")
    staff.get_by_role("button", name="Assess: Alice Adams").focus()
    the_teacher.notebook.page.keyboard.press("Enter")

    expect(mine).to_contain_text("8 of 11 points in all")
    expect(mine.get_by_role("radio").first).to_be_disabled()
    expect(mine.locator(".tnb-quiz-result")).to_have_count(10)
    mine.screenshot(path=screenshots / "quiz-assessed.png")


def test_people_chat_by_keyboard(the_teacher: Person, alice: Person, a_slug: str, screenshots: Path) -> None:
    """What one says appears for the other, marked as new until they are there; one's own message can be deleted."""
    call = f"tnb.chat({a_slug!r}, title='Questions')"
    theirs, mine = show(the_teacher, call), show(alice, call)
    keyboard = alice.notebook.page.keyboard

    mine.get_by_role("textbox", name="Message").focus()
    keyboard.type("How far is Mars?")
    keyboard.press("Enter")
    expect(mine.get_by_role("textbox")).to_have_value("")
    expect(theirs.get_by_role("log")).to_contain_text("How far is Mars?")
    expect(theirs.get_by_text("1 new", exact=True)).to_be_visible()
    theirs.screenshot(path=screenshots / "chat-new.png")
    theirs.get_by_role("textbox").focus()
    expect(theirs.get_by_text("1 new", exact=True)).to_be_hidden()
    the_teacher.notebook.page.keyboard.type("225 million kilometres.")
    the_teacher.notebook.page.keyboard.press("Enter")
    expect(mine.get_by_role("log")).to_contain_text("225 million kilometres.")
    mine.screenshot(path=screenshots / "chat.png")

    mine.get_by_role("button", name="Delete the message").focus()
    keyboard.press("Enter")

    expect(theirs.get_by_role("log")).not_to_contain_text("How far is Mars?")


def test_a_chat_room_is_made_by_keyboard_and_appears(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """Only for whom it is made, in each of their cells; talked in and closed; without a kernel the last state stays."""
    call = f"talk = tnb.chat_rooms({a_slug!r}, title='Talk')\ntalk"
    staff, mine, again = show(the_teacher, call), show(alice, call), show(alice, call)
    expect(mine).to_contain_text("You take part in no chat room yet.")
    keys, page = the_teacher.notebook.page.keyboard, alice.notebook.page

    make_a_room(staff, "Bob alone", "Bob Brown")
    make_a_room(staff, "Poets", "Alice Adams")
    expect(staff.get_by_role("button", name="Poets", exact=True)).to_be_focused()
    for shown in (mine, again):
        expect(shown.get_by_role("log", name="Poets")).to_be_visible()
        expect(shown).not_to_contain_text("Bob alone")
    staff.get_by_role("textbox", name="Message").focus()
    keys.type("Which line do you like best?")
    keys.press("Enter")
    expect(again.locator(".tnb-head").get_by_text("1 new", exact=True)).to_be_visible()
    mine.get_by_role("textbox", name="Message").focus()
    page.keyboard.type("The last one.")
    page.keyboard.press("Enter")
    expect(mine.get_by_role("textbox")).to_have_value("")
    expect(staff.get_by_role("log")).to_contain_text("The last one.")
    staff.screenshot(path=screenshots / "chat-rooms-staff.png")
    mine.screenshot(path=screenshots / "chat-rooms.png")

    alice.notebook.save()
    alice.notebook.reload()
    mine = page.locator(".tnb-chat-rooms").last
    expect(mine.get_by_role("log", name="Poets")).to_contain_text("The last one.")
    file = (alice.lab.root / alice.notebook.path).read_text()
    assert not any(word in file for word in ("Poets", "The last one", "Bob alone"))
    the_teacher.notebook.set_theme("JupyterLab Dark")
    expect(the_teacher.notebook.page.locator("#jupyterlab-splash")).to_have_count(0)
    the_teacher.notebook.page.set_viewport_size({"width": 480, "height": 800})
    staff.get_by_role("button", name="Change “Poets”").click()
    expect(staff.get_by_role("checkbox", name="Alice Adams")).to_be_checked()
    staff.screenshot(path=screenshots / "chat-rooms-form-dark-narrow.png")
    assert staff.evaluate("box => box.scrollWidth <= box.clientWidth")
    staff.get_by_role("button", name="Cancel").click()
    the_teacher.notebook.page.set_viewport_size(VIEWPORT)
    the_teacher.notebook.set_theme("JupyterLab Light")

    staff.get_by_role("button", name="Close “Poets”").focus()
    keys.press("Enter")
    expect(staff.get_by_role("button", name="Keep")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(mine).to_contain_text("“Poets” was closed, or you take part there no more.")
    expect(staff.get_by_role("button", name="Bob alone", exact=True)).to_be_focused()
    the_teacher.notebook.restart_kernel()
    expect(staff.get_by_text("Not connected", exact=True)).to_be_visible()
    expect(staff.get_by_role("button", name="Bob alone", exact=True)).to_be_disabled()
    expect(staff.get_by_role("textbox")).to_be_disabled()
    staff.screenshot(path=screenshots / "chat-rooms-without-kernel.png")


def make_a_room(shown: Locator, name: str, person: str) -> None:
    """Make a chat room for one person, by keyboard."""
    keyboard = shown.page.keyboard
    shown.get_by_role("button", name="New chat room").focus()
    keyboard.press("Enter")
    expect(shown.get_by_role("textbox", name="Name")).to_be_focused()
    keyboard.type(name)
    shown.get_by_role("checkbox", name=person).focus()
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(shown.get_by_role("log", name=name)).to_be_visible()


def test_feedback_is_written_by_keyboard_and_read(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """It appears at the student as the front end draws Markdown; neither notebook file has it."""
    mine = show(alice, f"tnb.feedback({a_slug!r}, title='Your essay')")
    expect(mine).to_contain_text("Nothing has been written for you here yet.")
    staff = show(the_teacher, f"tnb.feedback({a_slug!r}, student='Alice Adams')")

    staff.get_by_role("textbox", name="Text (Markdown)").focus()
    the_teacher.notebook.page.keyboard.type("A **fine** essay: 5.5")
    expect(mine.locator("strong")).to_have_text("fine")
    expect(mine.get_by_role("textbox")).to_have_count(0)
    expect(staff.get_by_text("Saved", exact=True)).to_be_visible()
    expect(staff.get_by_role("group")).to_have_count(1)  # How others see it, and nobody to open it to.
    staff.screenshot(path=screenshots / "feedback-staff.png")
    mine.screenshot(path=screenshots / "feedback.png")
    for person in (the_teacher, alice):
        person.notebook.save()
        file = (person.lab.root / person.notebook.path).read_text()
        assert "Nothing has been" not in file
        assert "fine" not in file


def test_a_students_own_is_commented_on_by_keyboard(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """The two sides of a thread, shown twice, after a reload too; a comment is deleted only after a question."""
    show(alice, f"essay = tnb.text({a_slug!r}, init='An essay', title='My essay')\nessay.model.wait_saved(30)\nessay")
    mine, again = (show(alice, "tnb.comments(essay)") for _ in range(2))
    theirs = show(the_teacher, f"tnb.comments({a_slug!r}, type='string', student='Alice Adams')")
    expect(mine).to_contain_text("Nobody has commented on this yet.")

    theirs.get_by_role("textbox", name="New comment").focus()
    the_teacher.notebook.page.keyboard.type("Too short?")
    the_teacher.notebook.page.keyboard.press("Enter")
    for shown in (mine, again):
        expect(shown.get_by_text("1 new", exact=True)).to_be_visible()
    keyboard = alice.notebook.page.keyboard
    mine.get_by_role("textbox", name="Reply to Tina Teacher").focus()
    keyboard.type("I add more.")
    keyboard.press("Enter")
    expect(theirs).to_contain_text("I add more.")
    expect(mine.get_by_role("textbox", name="Reply to Tina Teacher")).to_be_focused()
    keyboard.press("Tab")
    expect(mine.get_by_role("button", name="Resolve", exact=True)).to_be_focused()
    mine.screenshot(path=screenshots / "comments.png")
    alice.notebook.set_theme("JupyterLab Dark")
    expect(alice.notebook.page.locator("#jupyterlab-splash")).to_have_count(0)
    alice.notebook.page.set_viewport_size({"width": 480, "height": 800})
    mine.screenshot(path=screenshots / "comments-dark-narrow.png")
    alice.notebook.page.set_viewport_size(VIEWPORT)
    alice.notebook.set_theme("JupyterLab Light")
    keyboard_on_delete(mine, again)
    mine.get_by_role("button", name="Resolve", exact=True).focus()
    keyboard.press("Enter")

    expect(theirs.get_by_text("Resolved by Alice Adams")).to_be_visible()
    alice.notebook.save()
    alice.notebook.reload()
    shown_again = alice.notebook.page.locator(".tnb-comments")
    expect(shown_again.get_by_text("Resolved by")).to_have_count(2)
    last = shown_again.last
    last.get_by_text("Resolved by").focus()
    keyboard.press("Enter")
    expect(last.get_by_text("Too short?").last).to_be_visible()
    last.screenshot(path=screenshots / "comments-resolved.png")
    assert "Too short?" not in (alice.lab.root / alice.notebook.path).read_text()


def keyboard_on_delete(shown: Locator, again: Locator) -> None:
    """Delete the only comment of the user's own, having kept it once."""
    keyboard = shown.page.keyboard
    shown.get_by_role("button", name="Delete the comment").focus()
    keyboard.press("Enter")
    expect(shown.get_by_role("button", name="Keep")).to_be_focused()
    keyboard.press("Escape")
    expect(shown.get_by_role("button", name="Delete the comment")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(again).not_to_contain_text("I add more.")


def test_formatted_text_is_drawn_while_two_write(
    the_teacher: Person, alice: Person, a_slug: str, screenshots: Path
) -> None:
    """Each sees the other's Markdown as the front end draws it; the Delta of another program takes the editor away."""
    call = f"notes = tnb.richtext({a_slug!r}, init='# Notes', shared=True, title='Notes')\nnotes"
    theirs, mine = show(the_teacher, call), show(alice, call)
    keyboard = alice.notebook.page.keyboard
    mine.locator(".cm-content").focus()
    keyboard.press("Control+End")
    keyboard.type("\nread **all** of it\n- by *Monday*")

    look = theirs.get_by_role("region", name="What it looks like")
    expect(look.get_by_role("heading", name="Notes")).to_be_visible()
    expect(look.locator("strong")).to_have_text("all")
    expect(look.get_by_role("listitem").locator("em")).to_have_text("Monday")
    mine.screenshot(path=screenshots / "richtext.png")
    alice.notebook.set_theme("JupyterLab Dark")
    expect(alice.notebook.page.locator("#jupyterlab-splash")).to_have_count(0)
    mine.screenshot(path=screenshots / "richtext-dark.png")
    alice.notebook.set_theme("JupyterLab Light")

    the_teacher.notebook.value(
        "setattr(notes.model, 'delta', {'ops': [{'insert': 'warm', 'attributes': {'color': 'red', 'bold': True}},"
        " {'insert': '\\n'}]})"
    )

    expect(mine).to_contain_text("it has text with color. It is shown here, and never rewritten.")
    expect(mine.locator(".cm-content")).to_be_hidden()
    expect(mine.get_by_role("region", name="What it looks like").locator("strong")).to_have_text("warm")
    mine.screenshot(path=screenshots / "richtext-stored.png")
