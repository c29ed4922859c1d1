"""What stands for a document where no page of ours shows it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter

from teaching_nb.client import LiveTextModel
from teaching_nb.widgets.choice_answer import ChoiceWidget
from teaching_nb.widgets.code import CodeWidget
from teaching_nb.widgets.snapshot import Snapshot
from teaching_nb.widgets.task_state import WORDS, TaskWidget
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_value

AT = datetime(2026, 3, 5, 14, 7, tzinfo=UTC)
STATES = Path(__file__).parents[2] / "js" / "src" / "widgets" / "task_state" / "states.ts"

NASTY = [
    "</pre><script>alert(1)</script>",
    "```\n<img src=x onerror=alert(1)>\n```",
    "````\n</code></pre><b>x</b>\n",
    "$\\href{javascript:alert(1)}{x}$",
    "~~~\n# heading\n",
    "",
]


def exported(snapshot: Snapshot, exporter: type[Any]) -> str:
    """Return a notebook with one output, as nbconvert writes it."""
    output = nbformat.v4.new_output("display_data", snapshot.bundle())
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    body, _resources = exporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return str(body)


def test_a_snapshot_says_what_and_when() -> None:
    """A terminal gets plain text, an export highlighted code; both have the name and the time."""
    bundle = Snapshot(title="fib_1", text="x = 1", at=AT, language="python").bundle()

    assert bundle == {
        "text/plain": "fib_1 (as of 2026-03-05 14:07 UTC)\n\nx = 1",
        "text/markdown": "**fib&#95;1** (as of 2026-03-05 14:07 UTC)\n\n```python\nx = 1\n```",
    }
    assert Snapshot(title="", text="x", at=AT).bundle()["text/plain"].startswith("(as of ")


def test_a_terminal_is_not_told_anything() -> None:
    """Characters that move a cursor, or colour what follows, are shown as signs."""
    bundle = Snapshot(title="a\x1b[2Jb", text="x\x1b]0;t\x07\n\ty", at=AT).bundle()

    for shown in bundle.values():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown)
    assert bundle["text/plain"].endswith("x\ufffd]0;t\ufffd\n\ty")


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("is_title", [False, True])
def test_an_export_to_html_shows_text_as_text(text: str, *, is_title: bool) -> None:
    """Whatever a person writes, or is called, nothing of it becomes an element of the page."""
    shown = Snapshot(title=text if is_title else "fib", text="x" if is_title else text, at=AT)

    html = exported(shown, HTMLExporter).partition('data-mime-type="text/markdown"')[2]

    assert not re.search(r"<(script|img|b|h1)\b", html)
    # A page looks for mathematics everywhere but here.
    assert "$" not in re.sub(r"<(pre|code)>.*?</\1>", "", html, flags=re.DOTALL)
    words = re.sub(r"<[^>]*>", "", html)
    for part in re.findall(r"alert\(1\)|heading", text):
        assert part in words


def test_an_export_to_markdown_has_the_code_in_a_fence() -> None:
    """The fence is longer than any in the text."""
    markdown = exported(Snapshot(title="fib", text=NASTY[2], at=AT, language="python"), MarkdownExporter)

    assert f"`````python\n{NASTY[2]}\n`````" in markdown


def test_a_widget_is_written_as_it_is_when_it_is_shown() -> None:
    """The bundle of a notebook's own document has the present text, beside the widget."""
    model: LiveTextModel = offline_model("code", "x = 1")
    widget = CodeWidget(model, title="fib", is_kept=True)
    model.code = "x = 2"  # type: ignore[attr-defined]  # a trait of the type

    data, _metadata = widget._repr_mimebundle_()  # type: ignore[misc]  # open, so not None

    assert data["text/plain"].startswith("fib (as of ")
    assert data["text/plain"].endswith("\n\nx = 2")
    assert "```python\nx = 2\n```" in data["text/markdown"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.own_id == widget.model_id
    assert repr(widget) == "<CodeWidget 'fib': offline>"


def test_what_somebody_else_has_written_is_no_part_of_the_file() -> None:
    """A widget that a notebook does not name itself, as in the teacher's overview, is neither written nor kept."""
    widget = CodeWidget(offline_model("code", "a secret"), title="fib of Alice", on_close=lambda: None)

    data, _metadata = widget._repr_mimebundle_()  # type: ignore[misc]  # open, so not None

    assert "secret" not in str(data)
    assert "secret" not in str(widget.get_state())
    assert "secret" not in repr(widget)
    assert widget.snapshot is None
    widget.keep_text()
    assert widget.snapshot is None


def test_a_task_is_written_in_the_words_of_its_button() -> None:
    """Kernel and page have the same words; what is kept follows the state."""
    room = offline_classroom()
    widget = TaskWidget(room.document("written", type="task_state"), title="Exercise", is_kept=True)
    assert widget.snapshot == "☐ Open"

    widget.assign("state", "checked")

    wait_value(widget, "snapshot", "☑ Done")
    state = r'^  "?([\w-]+)"?: \(\) => \(\{ symbol: "(.+?)", words: t\("(.+?)(?: @\w+)?"\) \}\)'
    found = re.findall(state, STATES.read_text(), re.MULTILINE)
    assert {name: f"{symbol} {words}" for name, symbol, words in found} == WORDS


@pytest.mark.parametrize(
    ("options", "data", "words"),
    [
        (["a", "b", "c"], {}, "[ ] a\n[ ] b\n[ ] c"),
        (["a", "b", "c"], {"choices": [1], "optionsOrder": [2, 0, 1]}, "[ ] c\n[ ] a\n[x] b"),
        (["a", "b"], {"choices": [7], "optionsOrder": [9, 1]}, "[ ] b\n[ ] a"),
        ([], {"choices": [2, 0]}, "[x] Option 1\n[x] Option 3"),
    ],
)
def test_a_choice_is_written_as_it_is_shown(options: list[str], data: dict[str, Any], words: str) -> None:
    """In the person's own order, and with what was chosen."""
    model = offline_model("choice_answer", data)  # type: ignore[arg-type]  # the whole data

    assert ChoiceWidget(model, options=options, is_kept=True).as_text() == words


def test_a_page_keeps_its_text_when_traits_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a flood of output a page gets all traits anew, but of a live text it knows more than the kernel."""
    room = offline_classroom()
    widgets = [
        CodeWidget(offline_model("code", "x"), is_kept=True),
        TaskWidget(room.document("sent-again", type="task_state"), is_kept=True),
    ]
    sent: list[list[str]] = []
    monkeypatch.setattr(CodeWidget, "send_state", lambda _widget, keys: sent.append(keys))
    monkeypatch.setattr(TaskWidget, "send_state", lambda _widget, keys: sent.append(keys))

    for widget in widgets:
        widget._handle_custom_msg({"kind": "refresh"}, [])

    assert ["snapshot" in keys for keys in sent] == [False, True]
