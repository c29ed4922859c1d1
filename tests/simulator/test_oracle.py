"""The oracle says what must not be, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from teaching_nb.simulator.oracle import Findings, SeenText, mistakes_in


def good() -> Findings:
    """Return what is seen after a lesson in which nothing went wrong."""
    shown = "start\ns1: s1w0;s1w1;\ns2: s2w0;"
    return Findings(
        texts=[SeenText("table", shown, {"s1": shown, "s2": shown}, ["s1w0;", "s1w1;"], ["s2w0;", "s2w1;"])],
        values={"s1, task_state": ({"state": "checked"}, {"state": "checked"})},
        sent_messages=["s1 says 0;"],
        stored_messages=["s1 says 0;", "s2 says 0;"],
        heard={"s1": {"table", "own"}, "s2": {"table"}},
        hidden={"s1": {"others"}, "s2": {"own"}},
    )


def lose_a_word(found: Findings) -> None:
    """The hub has lost an edit, and everybody with it."""
    text = found.texts[0]
    text.stored = text.stored.replace("s1w1;", "")
    text.replicas = dict.fromkeys(text.replicas, text.stored)


def double_a_word(found: Findings) -> None:
    """An edit that nobody acknowledged came twice."""
    text = found.texts[0]
    text.stored += "s2w0;"
    text.replicas = dict.fromkeys(text.replicas, text.stored)


def part(found: Findings) -> None:
    """A page has missed an edit."""
    found.texts[0].replicas["s2"] = "start"


def lose_a_tick(found: Findings) -> None:
    """An acknowledged write is not there."""
    found.values["s1, task_state"] = ({"state": "checked"}, {"state": "unset"})


def repeat_a_message(found: Findings) -> None:
    """A message was stored twice."""
    found.stored_messages.append("s1 says 0;")


def tell_too_much(found: Findings) -> None:
    """Somebody heard of what is hidden from them."""
    found.heard["s2"].add("own")


def refuse(found: Findings) -> None:
    """The hub said no to somebody who may."""
    found.refusals.append("UPDATE_DOCUMENT: no")


def test_all_is_well_when_nothing_is_wrong() -> None:
    """A word whose acknowledgement never came may be there once, or not at all."""
    assert mistakes_in(good()) == []


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lose_a_word, "table: 's1w1;' was acknowledged and is there 0 times"),
        (double_a_word, "table: 's2w0;' is there more than once"),
        (part, "table: s2 does not show what the hub has"),
        (lose_a_tick, "s1, task_state: the hub acknowledged {'state': 'checked'} and has {'state': 'unset'}"),
        (repeat_a_message, "the message 's1 says 0;' was acknowledged and is there 2 times"),
        (tell_too_much, "s2 heard of own, which they may not see"),
        (refuse, "refused: UPDATE_DOCUMENT: no"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_mistake_is_told(break_it: Callable[[Findings], None], sentence: str) -> None:
    """Whatever must not be is one sentence, with the value."""
    found = good()
    break_it(found)

    assert mistakes_in(found) == [sentence]
