"""Single and multiple choice in a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.people import Person

PLANETS = ["Venus", "Earth", "Mars", "a planet with a name that is much longer than any notebook cell is wide " * 2]


def asked(person: Person, slug: str, *, multiple: bool = False) -> Locator:
    """Show a question in a new cell."""
    source = (
        "import teaching_nb as tnb\n"
        f"answer = tnb.choice({slug!r}, {PLANETS!r}, multiple={multiple}, title='Where are we?')\nanswer"
    )
    return person.notebook.run(source).node


def test_an_answer_is_given_with_the_keyboard_and_found_again(alice: Person, a_slug: str, screenshots: Path) -> None:
    """The arrows choose, the hub stores it, and running the cell anew shows it; clearing takes it back."""
    cell = asked(alice, a_slug)
    radios = cell.get_by_role("radio")
    expect(cell.get_by_role("group", name="Where are we?")).to_be_visible()

    radios.nth(0).focus()
    alice.notebook.page.keyboard.press("Space")
    expect(radios.nth(0)).to_be_checked()
    alice.notebook.page.keyboard.press("ArrowDown")
    expect(radios.nth(1)).to_be_checked()
    expect(cell.locator(".tnb-status")).to_contain_text("Saved")
    assert alice.notebook.value("answer.model.wait_saved(30) and answer.model.choices") == [1]
    cell.screenshot(path=screenshots / "choice.png")

    again = asked(alice, a_slug)
    expect(again.get_by_role("radio", name="Earth")).to_be_checked()
    # Both cells show one document, and each has a group of its own.
    expect(radios.nth(1)).to_be_checked()
    again.get_by_role("button", name="Clear").click()
    expect(radios.nth(1)).not_to_be_checked()
    assert alice.notebook.value("answer.model.wait_saved(30) and answer.model.choices") == []


def test_several_can_be_chosen_and_others_choose_for_themselves(alice: Person, bob: Person, a_slug: str) -> None:
    """Boxes instead of buttons; what one person chooses is nobody else's business."""
    mine, theirs = (asked(person, a_slug, multiple=True).get_by_role("checkbox") for person in (alice, bob))

    mine.nth(2).check()
    mine.nth(0).check()
    theirs.nth(1).check()

    assert alice.notebook.value("answer.model.wait_saved(30) and answer.model.choices") == [0, 2]
    assert bob.notebook.value("answer.model.wait_saved(30) and answer.model.choices") == [1]
    expect(mine.nth(1)).not_to_be_checked()


def test_a_teacher_watches_an_answer(alice: Person, the_teacher: Person, a_slug: str) -> None:
    """Opened from elsewhere, without the call's options, what is chosen is shown by its number, and follows."""
    asked(alice, a_slug).get_by_role("radio", name="Mars").check()
    document = alice.notebook.value("answer.model.wait_saved(30) and answer.model.id")
    source = f"import teaching_nb as tnb\nrooms = tnb.rooms()\nrooms.open_document({document!r})\nrooms"
    watched = the_teacher.notebook.run(source).node.locator(".tnb-choice")

    expect(watched.get_by_role("radio", name="Option 3")).to_be_checked()
    expect(watched.get_by_role("radio", name="Option 3")).to_be_disabled()
    alice.notebook.value("setattr(answer.model, 'choices', [0])")
    expect(watched.get_by_role("radio", name="Option 1")).to_be_checked()
