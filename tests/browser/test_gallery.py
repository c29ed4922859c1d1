"""All that a notebook can show, as pictures for `docs/document-types.md`: `make gallery` draws them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.people import VIEWPORT, Person

WIDE: ViewportSize = {"width": 900, "height": 3100}
NARROW: ViewportSize = {"width": 480, "height": 4000}
ONLY_WIDGETS = """
.jp-Cell-inputWrapper, .jp-Collapser, .jp-OutputPrompt, .jp-Notebook-footer, .jp-Toolbar, .jp-OutputArea-promptOverlay
  { display: none !important; }
.jp-Notebook { padding: 4px !important; }
.jp-Cell { padding: 2px !important; }
"""
QUESTIONS = [
    {"qid": "home", "ask": "Where are we?", "options": ["Venus", "Earth", "Mars"]},
    {"qid": "round", "ask": "The Earth is round."},
]
STEPS = ["Open a terminal.", "Write “pip install numpy”, and press Enter.", "Run “import numpy” in a cell."]
CALLS = (
    "tnb.code('loop', 'for number in range(1, 4):\\n    print(number)', title='Count to three')",
    (
        "tnb.text('equator', check=40_075, tolerance=500, hints=['More than 30,000.'], one_line=True,"
        " title='How long is the equator, in kilometres?')"
    ),
    "tnb.task('write', title='Write a loop of your own')",
    f"tnb.progress('install', {STEPS!r}, title='Install a package')",
    "tnb.choice('largest', ['Earth', 'Jupiter', 'Saturn'], title='Which planet is the largest?')",
    "tnb.true_false('moon', title='The Moon shines by itself.')",
    f"tnb.quiz('planets', {QUESTIONS!r}, title='Planets')",
    "tnb.read_check('twos', title='Computers count in twos: 0, 1, 10, 11, 100 …')",
    "tnb.solution('write', title='Solution: a loop')",
    "tnb.feedback('week-1', title='My week')",
    "tnb.chat('questions', title='Questions')",
    "tnb.files('project', title='My project')",
    "tnb.richtext('report', '# Planets\\n\\nThere are **eight**.', title='My report')",
    "tnb.comments('equator', type='string', title='Comments on the equator')",
    "tnb.chat_rooms('talk', title='Talk in groups')",
)


@pytest.mark.by_hand
def test_gallery(the_teacher: Person, alice: Person, pytestconfig: pytest.Config) -> None:
    """The same page in light, dark, and 480 pixels wide."""
    folder = pytestconfig.rootpath / "docs" / "images"
    staff = the_teacher.notebook
    staff.run("import teaching_nb as tnb\nfeedback = tnb.feedback('week-1', student='Alice Adams')")
    staff.run("feedback.model.wait_loaded(30); feedback.model.text = 'A **fine** week: 5.5'")
    alice.notebook.run("import teaching_nb as tnb\nfiles = tnb.files('project', title='My project')")
    alice.notebook.run("files.model.wait_loaded(30); [files.add(path) for path in ('src/main.py', 'read me.txt')]")
    shown = [alice.notebook.run(call).node.locator(".tnb-widget").first for call in CALLS]
    code, text, task, progress, choice, statement, quiz, read, _, mine, chat, files, report, comments, rooms = shown
    staff.run("tnb.chat('questions', title='Questions').say('How far is Mars?')")
    staff.run("talk = tnb.chat_rooms('talk'); talk.model.wait_loaded(30)")
    staff.run("[talk.add(name, groups=['classA']) for name in ('Inner planets', 'Outer planets')]")
    staff.run("talk.say('Outer planets', 'Which of them has rings?')")

    code.get_by_role("button", name="Run").click()
    expect(code).to_contain_text("3")
    text.get_by_role("textbox").click()
    alice.notebook.page.keyboard.type("20000")
    alice.notebook.page.keyboard.press("Enter")
    expect(text).to_contain_text("More than 30,000.")
    for _ in range(2):
        task.get_by_role("button").first.click()
    progress.get_by_role("button").nth(1).click()
    for question in (choice, statement, quiz):
        question.get_by_role("radio").nth(1).click()
    read.get_by_role("checkbox").click()
    expect(mine.locator("strong")).to_have_text("fine")
    expect(chat).to_contain_text("How far is Mars?")
    expect(files.get_by_role("treeitem")).to_have_count(3)
    expect(report.locator("strong")).to_have_text("eight")
    comments.get_by_role("textbox").fill("Measured along the ground?")
    comments.get_by_role("button", name="Comment").click()
    expect(comments.get_by_text("Measured along the ground?")).to_be_visible()
    rooms.get_by_role("button", name="Outer planets").click()
    expect(rooms.get_by_text("Which of them has rings?")).to_be_visible()
    alice.notebook.hide_sidebars()
    alice.notebook.page.add_style_tag(content=ONLY_WIDGETS)
    page = alice.notebook.page
    # What was pressed last lies below the mouse.
    page.mouse.move(0, 0)
    for name, theme, size in (("light", "Light", WIDE), ("dark", "Dark", WIDE), ("narrow", "Light", NARROW)):
        alice.notebook.set_theme(f"JupyterLab {theme}")
        page.set_viewport_size(size)
        expect(page.locator("#jupyterlab-splash")).to_have_count(0)
        expect(page.get_by_text("Saving …", exact=True)).to_have_count(0)
        draw(page, shown, folder / f"gallery-{name}.png")
    page.set_viewport_size(VIEWPORT)
    alice.notebook.set_theme("JupyterLab Light")


def draw(page: Page, shown: list[Locator], file: Path) -> None:
    """Take a picture from the first widget to the last one."""
    shown[0].scroll_into_view_if_needed()
    boxes = [box for box in (each.bounding_box() for each in shown) if box is not None]
    assert len(boxes) == len(shown)
    left, top = min(box["x"] for box in boxes) - 6, boxes[0]["y"] - 6
    right, bottom = max(box["x"] + box["width"] for box in boxes) + 6, boxes[-1]["y"] + boxes[-1]["height"] + 6
    page.screenshot(path=file, clip={"x": left, "y": top, "width": right - left, "height": bottom - top})
