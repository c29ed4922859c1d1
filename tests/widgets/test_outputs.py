"""The log of a run, and a page's copy of it."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from teaching_nb.widgets.outputs import OutputLog, update_displays
from teaching_nb.widgets.stream_text import LINE_CHARACTERS, overwritten
from tests.widgets.pages import follow


class Copy:
    """What a page has of a log."""

    def __init__(self, log: OutputLog) -> None:
        self.log = log
        self.outputs: list[dict[str, Any]] = []
        self.sent = 0

    def update(self) -> list[dict[str, Any]]:
        """Follow the log and return the outputs."""
        for step in self.log.take_steps():
            self.sent += len(str(step))
            follow(self.outputs, step)
        return self.outputs

    def text(self) -> str:
        """Return the text of all streams."""
        return "".join(output["text"] for output in self.update() if output["type"] == "stream")


@pytest.fixture
def a_copy() -> Copy:
    """Return a page's copy of an empty log."""
    return Copy(OutputLog())


def test_text_of_one_stream_is_one_output(a_copy: Copy) -> None:
    """What is printed piece by piece arrives as one text, and standard error apart from it."""
    for text in ("a", "b\nc", "", "d\n"):
        a_copy.log.write("stdout", text)
        a_copy.update()
    a_copy.log.write("stderr", "e")

    assert [(output["name"], output["text"]) for output in a_copy.update()] == [("stdout", "ab\ncd\n"), ("stderr", "e")]


def test_only_what_is_new_is_sent(a_copy: Copy) -> None:
    """A line more is one line on its way, however much there was before."""
    a_copy.log.write("stdout", "x\n" * 500)
    a_copy.update()
    before = a_copy.sent
    a_copy.log.write("stdout", "one more\n")

    assert a_copy.text().endswith("x\none more\n")
    assert a_copy.sent - before < 100


@pytest.mark.parametrize("at_once", [1, 7, 400, 3000])
def test_of_many_lines_the_middle_is_left_out(a_copy: Copy, at_once: int) -> None:
    """Beginning, end and result stay; the notice stands in between and says how much is missing."""
    for n in range(3000):
        a_copy.log.write("stdout", f"{n}\n")
        if n % at_once == at_once - 1:
            a_copy.update()
    a_copy.log.result({"text/plain": "2999"}, metadata={}, count=1)

    outputs = a_copy.update()

    lines = a_copy.text().split()
    assert lines[:900] == [str(n) for n in range(900)]
    assert lines[-900:] == [str(n) for n in range(2100, 3000)]
    assert [output["type"] for output in outputs] == ["stream", "notice", "stream", "result"]
    assert outputs[1]["text"].startswith(f"Left out here: {3000 - len(lines):,} lines (")


def test_a_line_that_is_too_long_keeps_its_ends(a_copy: Copy) -> None:
    """Of one line the middle goes as well."""
    a_copy.log.write("stdout", "a" * LINE_CHARACTERS + "b" * LINE_CHARACTERS + "\n")

    text = a_copy.text()

    assert text.startswith("aaa")
    assert text.endswith("bbb\n")
    assert f" … {LINE_CHARACTERS:,} characters left out … " in text


@pytest.mark.parametrize("text", ["a line of some length\n", "endless ", "10%\r", "x" * 30_000 + "\n"])
def test_a_program_that_prints_for_ever_takes_no_more_memory(a_copy: Copy, text: str) -> None:
    """Neither the log nor what waits to be sent grows, whether somebody looks or not."""
    tracemalloc.start()
    try:
        for _ in range(6_000):
            a_copy.log.write("stdout", text)
        size = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert size < 3_000_000


def test_two_streams_in_turn_take_no_more_memory_than_one(a_copy: Copy) -> None:
    """Pieces without a line end count as well, and the newest one is there."""
    for n in range(20_000):
        a_copy.log.write("stdout", f"out {n}")
        a_copy.log.write("stderr", f"err {n}")

    outputs = a_copy.update()

    assert len(outputs) <= 2_001
    assert outputs[-1]["text"] == "err 19999"


def test_of_many_pictures_the_newest_is_shown(a_copy: Copy) -> None:
    """Rich output counts by its size; the middle goes, and the notice counts it."""
    for n in range(30):
        a_copy.log.display({"image/png": f"{n:02}" + "x" * 1_000_000}, metadata={})
        a_copy.update()

    outputs = a_copy.update()

    shown = [output["data"]["image/png"][:2] for output in outputs if output["type"] == "display"]
    assert (shown[0], shown[-1]) == ("00", "29")
    assert len(shown) <= 8
    (notice,) = [output["text"] for output in outputs if output["type"] == "notice"]
    assert f"{30 - len(shown)} outputs of another kind" in notice


def test_a_picture_that_is_too_large_is_named(a_copy: Copy) -> None:
    """What does not fit at all is said in its place, with its size and the limit."""
    a_copy.log.display({"image/png": "x" * 9_000_000}, metadata={})

    assert a_copy.update()[0]["text"] == "An output of 9,000,000 bytes is not shown: the limit is 8 MB per run."


@pytest.mark.parametrize(
    ("pieces", "wanted"),
    [
        (["10%", "\r20%", "\r100%"], "100%"),
        (["10%\r", "20%\r", "30%\r"], "30%"),
        (["12345\ra", "b", "\n!"], "ab345\n!"),
        (["a\r", "\nb"], "a\nb"),
        (["\x1b[31mlong line\x1b[0m\r", "short\n"], "short\n"),
    ],
)
def test_carriage_returns_overwrite_the_line(a_copy: Copy, pieces: list[str], wanted: str) -> None:
    """A progress bar takes one line, at any moment."""
    for piece in pieces:
        a_copy.log.write("stderr", piece)
        a_copy.update()

    assert "\n".join(map(overwritten, a_copy.text().split("\n"))) == wanted


def test_an_update_changes_only_what_it_is_for(a_copy: Copy) -> None:
    """Displays with an id are replaced in their places, in this run and in others; nothing else is touched."""
    other = Copy(OutputLog())
    other.log.display({"text/plain": "old"}, metadata={}, display_id="id")
    a_copy.log.write("stdout", "before\n")
    for _ in range(2):
        a_copy.log.display({"text/plain": "old"}, metadata={}, display_id="id")
    a_copy.log.write("stdout", "after\n")
    a_copy.update()

    assert update_displays("id", {"text/plain": "new"}, {})

    shown = [output.get("text") or output["data"]["text/plain"] for output in a_copy.update()]
    assert shown == ["before\n", "new", "new", "after\n"]
    assert other.update()[0]["data"]["text/plain"] == "new"
    assert not update_displays("nobody's", {"text/plain": "new"}, {})


def test_clear_that_waits_leaves_no_gap(a_copy: Copy) -> None:
    """Outputs stay until the next one takes their place."""
    a_copy.log.write("stdout", "old")
    a_copy.log.clear(wait=True)
    assert a_copy.text() == "old"

    a_copy.log.write("stdout", "new")

    assert a_copy.text() == "new"


def test_a_page_that_comes_later_goes_on_where_the_others_are(a_copy: Copy) -> None:
    """The whole output is followed by steps that fit to it."""
    a_copy.log.write("stdout", "half a")
    for step in a_copy.log.take_all():
        follow(a_copy.outputs, step)

    a_copy.log.write("stdout", " line\n")

    assert a_copy.text() == "half a line\n"
