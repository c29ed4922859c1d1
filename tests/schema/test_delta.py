"""Deltas to Markdown and back: nothing is lost, or the reason is named."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema.delta import EMPTY, from_markdown, is_same, readable, to_markdown, why_not
from teaching_nb.schema.delta import given as given_delta
from teaching_nb.schema.limits import FORMATTED_TEXT_BYTES
from teaching_nb.schema.markdown import _code_end


def delta(*operations: tuple[Any, dict[str, Any]] | str) -> dict[str, Any]:
    """Return a Delta of texts, and of texts with attributes."""
    return {
        "ops": [
            {"insert": each} if isinstance(each, str) else {"insert": each[0], "attributes": each[1]}
            for each in operations
        ]
    }


B, IT, S, U, C = ({name: True} for name in ("bold", "italic", "strike", "underline", "code"))
LINK = {"link": "https://example.org/a_b"}


@pytest.mark.parametrize(
    ("markdown", "wanted"),
    [
        ("", EMPTY),
        ("plain", delta("plain\n")),
        ("a\n\nb", delta("a\n\nb\n")),
        ("# One", delta("One", ("\n", {"header": 1}))),
        ("###### Six", delta("Six", ("\n", {"header": 6}))),
        ("> said", delta("said", ("\n", {"blockquote": True}))),
        ("- a\n  - b", delta("a", ("\n", {"list": "bullet"}), "b", ("\n", {"list": "bullet", "indent": 1}))),
        ("1. a\n1. b", delta("a", ("\n", {"list": "ordered"}), "b", ("\n", {"list": "ordered"}))),
        ("- [ ] a\n- [x] b", delta("a", ("\n", {"list": "unchecked"}), "b", ("\n", {"list": "checked"}))),
        ("```\nx = 1\n\ny\n```", delta("x = 1", ("\n\n", {"code-block": True}), "y", ("\n", {"code-block": True}))),
        ("```python\nx\n```", delta("x", ("\n", {"code-block": "python"}))),
        ("````\n```\n````", delta("```", ("\n", {"code-block": True}))),
        (
            "**a** *b* ~~c~~ <u>d</u> `e`",
            delta(("a", B), " ", ("b", IT), " ", ("c", S), " ", ("d", U), " ", ("e", C), "\n"),
        ),
        ("***both*** and **a *b***", delta(("both", B | IT), " and ", ("a ", B), ("b", B | IT), "\n")),
        ("*a **b***", delta(("a ", IT), ("b", B | IT), "\n")),
        ("[x *y*](https://example.org/a_b)", delta(("x ", LINK), ("y", LINK | IT), "\n")),
        ("![a cat](cat.png)", delta(({"image": "cat.png"}, {"alt": "a cat"}), "\n")),
        ("see ![](https://example.org/x.png)", delta("see ", ({"image": "https://example.org/x.png"}, {}), "\n")),
        ("`` a`b `` ", delta(("a`b", C), " \n")),
        (r"2 \* 3 \*\* 4 \[x\](y) \<u> \`c\`", delta("2 * 3 ** 4 [x](y) <u> `c`\n")),
        ("snake_case and 2 ** 3 ** 4", delta("snake_case and 2 ** 3 ** 4\n")),
        (r"\# no \_heading\_", delta("# no _heading_\n")),
        ("1\\. no list\n\\- nor this\n\\> nor this", delta("1. no list\n- nor this\n> nor this\n")),
    ],
)
def test_markdown_and_delta_say_the_same(markdown: str, wanted: dict[str, Any]) -> None:
    """Reading the Markdown gives the Delta; the Delta has a Markdown, and that gives the Delta again."""
    made = from_markdown(markdown)
    assert is_same(made, wanted), made

    written = to_markdown(wanted)
    assert written is not None, readable(wanted)
    assert is_same(from_markdown(written), wanted)
    assert why_not(wanted) == ""


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (delta(("a", {"color": "red"}), "\n"), "has text with color"),
        (delta("a", ("\n", {"align": "center"})), "has lines with align"),
        (delta(({"video": "v"}, {}), "\n"), "something else than text and images: video"),
        (delta("no line end"), "does not end with the end of a line"),
        (delta(), "does not end with the end of a line"),
        (delta(("a", B), ("b", B | IT), ("c", IT), "\n"), "cannot say at this place"),
        (delta((" a", B), "\n"), "cannot say at this place"),
        (delta(("a", {"bold": False}), "\n"), "cannot say at this place"),
        (delta(({"image": "a b.png"}, {}), "\n"), "cannot say at this place"),
        ({"ops": [{"insert": "a\n"}], "more": 1}, "cannot say at this place"),
        ({"ops": [{"retain": 1}]}, "is no text of the editor Quill"),
        ({"ops": 7}, "is no text of the editor Quill"),
        (None, "is no text of the editor Quill"),
    ],
)
def test_what_markdown_cannot_say_has_a_reason(stored: Any, reason: str) -> None:
    """Such a Delta has no Markdown."""
    assert to_markdown(stored) is None
    assert reason in why_not(stored)


TEXT = st.text(st.sampled_from("ab1 *_~`[]()<>#+-.!\\/u&\n|{}ä😀"), max_size=20)
FORMATS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("bold", "italic", "strike", "underline", "code", "blockquote", "code-block"), st.just(True)),
        "link": st.sampled_from(["https://a.b/c", "x(y)"]),
        "header": st.integers(0, 7),
        "list": st.sampled_from(["bullet", "ordered", "checked", "odd"]),
        "indent": st.integers(0, 2),
        "color": st.just("red"),
    },
)
INSERTS = st.one_of(TEXT, st.just({"image": "a.png"}), st.just({"video": "v"}))
DELTAS = st.lists(st.tuples(INSERTS, FORMATS), max_size=6).map(
    lambda each: {"ops": [{"insert": insert, "attributes": formats} for insert, formats in each]}
)


@given(DELTAS)
def test_no_delta_comes_back_as_another(stored: dict[str, Any]) -> None:
    """It comes back the same, or has no Markdown and a reason."""
    written = to_markdown(stored)

    assert (written is None) == (why_not(stored) != "")
    assert written is None or is_same(from_markdown(written), stored)
    assert isinstance(readable(stored), str)


@given(TEXT)
@example("***")
@example("```\n")
@example("**a*b**c*")
@example("[*a](b)*")
@example("_*_*")
def test_any_text_is_markdown(text: str) -> None:
    """Whatever somebody types has a Delta, with as many characters at most, that ends a line."""
    made = from_markdown(text)

    said = "".join(each["insert"] for each in made["ops"] if isinstance(each["insert"], str))
    assert said.endswith("\n")
    assert len(said) <= len(text) + 1


@pytest.mark.parametrize("begun", ["*", "[", "![a", "<u>", "**a ", "_a", "[a](", "`", "*a **", "~~a"])
def test_formats_that_begin_everywhere_are_text(begun: str) -> None:
    """A hub reads what anybody types: it does not look for their ends for ever, which took minutes."""
    text = begun * (40_000 // len(begun))

    assert to_markdown(from_markdown(text)) is not None


@pytest.mark.parametrize(
    ("convert", "small"),
    [
        (lambda size: is_same({"ops": [{"insert": "abcd"}] * size}, {"ops": []}), 5_000),
        (lambda size: from_markdown("abcdefgh\n" * size), 2_500),
        (lambda size: from_markdown(" ".join("`" * length for length in range(1, int(size**0.5)))), 10_000),
    ],
    ids=["operations", "lines", "backticks"],
)
def test_what_is_sixteen_times_as_long_takes_about_sixteen_times_as_long(
    convert: Callable[[int], object], small: int
) -> None:
    """A hub converts what people store: what grew with the square of the size took 40 to 60 times as long."""

    def seconds(size: int) -> float:
        found = []
        for _ in range(3):
            begun = time.thread_time()
            convert(size)
            found.append(time.thread_time() - begun)
        return min(found)

    assert seconds(16 * small) / seconds(small) < 28


@given(st.text(st.sampled_from("`` a"), max_size=12))
def test_code_ends_at_the_next_run_of_as_many_backticks(text: str) -> None:
    """Wherever it begins; a run that others stand before or behind is another one."""
    code = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")

    found = [_code_end(text, index) for index, sign in enumerate(text) if sign == "`"]

    wanted = [code.match(text, index) for index, sign in enumerate(text) if sign == "`"]
    assert found == [None if match is None else match.end() for match in wanted]


@given(st.text(st.sampled_from("ab1 *_~`[]()<>#+-.!\\/u&|{}ä😀"), max_size=30))
def test_plain_text_of_quill_is_never_lossy(text: str) -> None:
    """Without formats every line has a Markdown, whatever it looks like."""
    assert to_markdown(delta(f"{text}\n")) is not None, readable(delta(f"{text}\n"))


def test_a_delta_that_is_too_long_is_not_converted() -> None:
    """One of as many characters as the limit is; of a longer one the beginning is readable, and the reason says so."""
    fitting = delta("x" * (FORMATTED_TEXT_BYTES - 1) + "\n")
    pieces = {"ops": [{"insert": "x\n"}] * FORMATTED_TEXT_BYTES}
    one_line = {"ops": [{"insert": "y" * 2 * FORMATTED_TEXT_BYTES, "attributes": {"bold": True}}, {"insert": "\n"}]}
    nothings = {"ops": [{"insert": ""}] * (FORMATTED_TEXT_BYTES + 2)}

    assert (to_markdown(fitting), why_not(fitting)) == ("x" * (FORMATTED_TEXT_BYTES - 1), "")
    for long in (pieces, one_line, nothings):
        assert to_markdown(long) is None
        assert why_not(long).startswith("is longer than 100,000 characters")
    assert readable(pieces) == "x\n" * (FORMATTED_TEXT_BYTES // 2) + "…"
    assert readable(one_line) == "**" + "y" * FORMATTED_TEXT_BYTES + "**\n…"


def test_a_delta_whose_markdown_is_too_long_says_so() -> None:
    """What has to be escaped everywhere would be twice as long: it is no text that may be edited."""
    stars = delta("* " * (FORMATTED_TEXT_BYTES // 2 - 1) + "\n")

    assert why_not(stars).startswith("is longer than 100,000 characters")
    # It is the same nevertheless: what was typed without escapes is stored as this.
    assert is_same(from_markdown(to_markdown(stars) or ""), stars)


PICTURE = ({"image": "cat.png"}, {"alt": "a cat"})


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        (delta(), EMPTY),
        (delta("", ("", B)), EMPTY),
        (delta("a"), delta("a\n")),
        (delta("a", "b"), delta("ab\n")),
        (delta(("a", B)), delta(("a", B), "\n")),
        (delta("a\n", PICTURE), delta("a\n", PICTURE, "\n")),
        (delta("a", ("\n", {"header": 1}), "b"), delta("a", ("\n", {"header": 1}), "b\n")),
    ],
)
def test_a_last_line_that_is_given_without_an_end_gets_one(told: Any, stored: Any) -> None:
    """Such a Delta can be written as Markdown, and nothing but the end is added."""
    assert given_delta(told) == stored
    assert why_not(told), "without its end it would be read only"
    assert why_not(stored) == ""


@pytest.mark.parametrize("whole", [EMPTY, delta("a", "b\n"), delta("a\n", ""), delta(("\n", {"header": 1}))])
def test_a_whole_delta_is_stored_as_it_is_given(whole: Any) -> None:
    """Also in pieces that are one."""
    assert given_delta(whole) == whole


@pytest.mark.parametrize(
    "wrong", [None, 5, [], {}, {"ops": 5}, {"ops": [{"insert": 5}]}, {"ops": [{"insert": "a\n"}, {"retain": 3}]}]
)
def test_what_is_given_and_no_delta_is_refused(wrong: Any) -> None:
    """With what a Delta is."""
    with pytest.raises(InvalidInput, match=r'delta is \{"ops": \[\{"insert"'):
        given_delta(wrong)


def test_a_delta_that_is_given_too_long_is_refused() -> None:
    """It would be read only from then on."""
    with pytest.raises(TooLarge, match="is longer than 100,000 characters"):
        given_delta(delta("x" * (FORMATTED_TEXT_BYTES + 2)))
